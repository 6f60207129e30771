"""`audiences normalise`: see, value by value, what a platform would be sent and why a value is refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.identity import Unusable, compile_field
from audiences.identity.batch import read_country
from audiences.platforms import find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import BinaryIO

NAME = "normalise"
HELP = "read values from standard input, one a line; write normalised, digest and reason, tab separated"

_BATCH = 10_000  # lines held in memory at a time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--platform", required=True, help="platform, e.g. meta")
    parser.add_argument("--field", required=True, help="field, e.g. email")
    parser.add_argument(
        "--country", help="default country of phones, states and postal codes: ISO 3166, e.g. US"
    )
    parser.add_argument(
        "--hashed", action="store_true", help="values are hashed already: check, never hash again"
    )


def run(args: argparse.Namespace) -> int:
    """Write one line per line read, `normalised<TAB>digest<TAB>reason`, and return the exit code.

    The digest is what is sent, so it is the value itself where a platform takes it unhashed. A refused value
    has neither, and its reason. Exit code 2: no such platform, field or country.
    """
    try:
        batch = compile_field(find(args.platform).identifier(args.field), hashed=args.hashed)
        country = read_country(args.country)
    except SetupError as error:
        return _refuse(str(error))
    except Unusable:
        return _refuse(f"{args.country!r} is no country. Give its ISO 3166 code, e.g. --country US.")
    for lines in _batches(sys.stdin.buffer):
        outcome = batch(lines, country)
        rows = zip(outcome.normalised, outcome.digests, strict=True)
        text = "".join(
            f"{normalised or ''}\t{digest or ''}\t{outcome.rejects.get(number, '')}\n"
            for number, (normalised, digest) in enumerate(rows)
        )
        sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
    return 0


def _batches(stream: BinaryIO) -> Iterator[list[str]]:
    """Yield lines without their ends; bytes that are not UTF-8 become lone surrogates, which are refused."""
    lines: list[str] = []
    for number, line in enumerate(stream):
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        if number == 0:
            text = text.removeprefix(b"\xef\xbb\xbf")  # the mark some spreadsheets put before the first value
        lines.append(text.decode(errors="surrogateescape"))
        if len(lines) == _BATCH:
            yield lines
            lines = []
    if lines:
        yield lines


def _refuse(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 2
