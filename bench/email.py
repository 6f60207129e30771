"""How close normalising and hashing e-mail comes to hashing alone, which Python cannot beat."""

from __future__ import annotations

import random
import re
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING

from audiences.identity import compile_field
from audiences.platforms import find

from bench.ratios import line, paired

if TYPE_CHECKING:
    import argparse

HELP = "e-mail in memory (Google's rules) against a bare hashlib loop and against a function per row"
_NAMES = [
    "jane",
    "john",
    "maria",
    "peter",
    "olga",
    "raj",
    "chen",
    "fatima",
    "doe",
    "smith",
    "garcia",
    "mueller",
]
_SHAPE = re.compile(
    r"""[^\s@"(),:;<>\[\]\\]+@[^\s!-,/:-@\[-^`{-~.]+(?:\.[^\s!-,/:-@\[-^`{-~.]+)+"""
).fullmatch
_DOMAINS = ["gmail.com"] * 42 + ["example.com", "example.org", "mail.example.net", "corp.example.edu"] * 14


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--floor", type=float, default=0.0, help="fail below this share of the bare hashlib loop"
    )


def run(args: argparse.Namespace) -> int:
    """Compare, verify every digest against the function per row, print ratios."""
    values = make_addresses(args.rows)
    batch = compile_field(find("google").identifier("email"))
    outcome = batch(values)
    if outcome.digests != [per_row(value) for value in values]:
        print("WRONG: a digest differs from the function per row")
        return 1
    encoded = [value.encode() for value in outcome.normalised if value is not None]
    share = len(encoded) / len(values)  # the bare loop has fewer rows: compare per row
    bare = [ratio / share for ratio in paired(lambda: batch(values), lambda: _hash(encoded), args.rounds)]
    naive = paired(lambda: batch(values), lambda: [per_row(value) for value in values], args.rounds)
    print(f"email, {args.rows} rows, {1 - share:.1%} refused, every digest checked")
    print(line("share of the bare hashlib loop", bare))
    print(line("times the function per row", naive))
    return 1 if median(bare) < args.floor else 0


def make_addresses(rows: int) -> list[str | None]:
    """Return addresses as files have them: two fifths Gmail, a third in capitals or blanks, a few null."""
    rnd = random.Random(20)
    values: list[str | None] = []
    for _ in range(rows):
        mailbox = (
            f"{rnd.choice(_NAMES)}{rnd.choice(['.', '', '_'])}{rnd.choice(_NAMES)}{rnd.randrange(10**6)}"
        )
        if rnd.random() < 0.1:
            mailbox += "+news"
        value = f"{mailbox}@{rnd.choice(_DOMAINS)}"
        kind = rnd.random()
        if kind < 0.2:
            value = value.title()
        elif kind < 0.3:
            value = value.upper()
        elif kind < 0.37:
            value = f" {value} "
        elif kind < 0.38:
            value = "\u00e9" + value
        elif kind < 0.385:
            value = value.replace("@", " at ")
        values.append(None if kind > 0.99 else value)
    return values


def per_row(value: str | None) -> str | None:
    """Return the digest by the whole rule, one row at a time: what a careful function for `.map` looks like.

    It says the same as the batch on the corpus of tests/unit/audiences/identity as well.
    """
    text = (value or "").strip().lower()
    if not _SHAPE(text) or not text.isprintable():
        return None
    mailbox, domain = text.split("@")
    if domain in {"gmail.com", "googlemail.com"}:
        mailbox = mailbox.split("+")[0].replace(".", "")
        if not mailbox:
            return None
    return sha256(f"{mailbox}@{domain}".encode()).hexdigest()


def _hash(encoded: list[bytes]) -> list[str]:
    return [sha256(value).hexdigest() for value in encoded]
