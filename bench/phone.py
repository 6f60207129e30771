"""How much faster phone numbers are than phonenumbers alone, with the same answer for every one of them."""

from __future__ import annotations

import random
from statistics import median
from typing import TYPE_CHECKING

import phonenumbers
from audiences.identity import compile_field
from audiences.platforms import find

from bench.ratios import line, paired

if TYPE_CHECKING:
    import argparse

HELP = "phone numbers of ten countries against phonenumbers' parse, is_valid_number and format_number per row"
_REGIONS = ("US", "GB", "DE", "FR", "IT", "ES", "BR", "IN", "JP", "AU")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--floor", type=float, default=0.0, help="fail below this multiple of the library")


def run(args: argparse.Namespace) -> int:
    """Compare, verify every number, print the ratio."""
    pairs = make_numbers(args.rows, args.seed)
    texts = [text for text, _ in pairs]
    regions: list[str | None] = [region for _, region in pairs]
    batch = compile_field(find("klaviyo").identifier("phone"))  # plain: no hashing on either side
    expected = [per_row(text, region) for text, region in pairs]
    if batch(texts, regions).normalised != expected:
        print("WRONG: a number differs from phonenumbers' answer")
        return 1
    ratios = paired(
        lambda: batch(texts, regions), lambda: [per_row(text, region) for text, region in pairs], args.rounds
    )
    refused = expected.count(None) / len(expected)
    print(f"phone, {args.rows} rows, {refused:.1%} refused, every number checked")
    print(line("times phonenumbers per row", ratios))
    return 1 if median(ratios) < args.floor else 0


def make_numbers(rows: int, seed: int) -> list[tuple[str, str]]:
    """Return (text, region): example numbers with their last four digits changed, as people write them."""
    rnd = random.Random(seed)
    examples = [
        (region, str(number.country_code), phonenumbers.national_significant_number(number))
        for region in _REGIONS
        for kind in (0, 1)  # fixed line, mobile
        if (number := phonenumbers.example_number_for_type(region, kind))
    ]
    found = []
    for _ in range(rows):
        region, code, national = rnd.choice(examples)
        national = national[:-4] + f"{rnd.randrange(10_000):04d}"
        prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
        text = rnd.choice(
            [prefix + national, national, f"+{code}{national}", f"+{code} {national}", code + national]
        )
        kind = rnd.random()
        if kind < 0.4:
            text = f"{text[:4]} {text[4:7]}-{text[7:]}"
        elif kind < 0.5:
            text = f"({text[:3]}) {text[3:]}"
        elif kind > 0.97:
            text = rnd.choice(["n/a", text[:5], "x" + text, text + " ext 7", "0000000"])
        found.append((text, region))
    return found


def per_row(text: str, region: str) -> str | None:
    """Return phonenumbers' own answer, None when it finds no valid number."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
