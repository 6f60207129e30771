"""`audiences normalise`: what a platform would be sent, value by value, or for a column of a whole file.

The first shows why a value is refused; the second is the quick way from a customer file to digests.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.errors import DataError, SetupError
from audiences.identity import compile_field
from audiences.identity.batch import default_country
from audiences.platforms import find
from audiences.preparation.column_file import Column, hash_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import BinaryIO

NAME = "normalise"
HELP = "write what a platform is sent: for values on standard input, or for a column of a file (--input)"

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
    files = parser.add_argument_group("a column of a CSV file, instead of standard input")
    files.add_argument("--input", type=Path, metavar="FILE", help="CSV with a header, plain or gzip")
    files.add_argument("--output", type=Path, metavar="FILE", help="the same rows, the column as it is sent")
    files.add_argument("--column", metavar="NAME", help="column to replace; default: the field's name")
    files.add_argument("--only", action="store_true", help="write this column alone")
    files.add_argument("--workers", type=int, default=1, metavar="N", help="processes; 1")


def run(args: argparse.Namespace) -> int:
    """Write one line per line read, `normalised<TAB>digest<TAB>reason`, and return the exit code.

    The digest is what is sent, so it is the value itself where a platform takes it unhashed. A refused value
    has neither, and its reason. With --input: write the file and print the counts. Exit code 2: no such
    platform, field or country.
    """
    try:
        batch = compile_field(find(args.platform).identifier(args.field), hashed=args.hashed)
        country = default_country(args.country)
    except SetupError as error:
        return _refuse(str(error))
    if (args.input is None) != (args.output is None):
        return _refuse("Give --input and --output together.")
    if args.input is not None:
        return _run_file(args, country)
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


def _run_file(args: argparse.Namespace, country: str | None) -> int:
    """Replace a column of a file; one line of counts, one for each reason of refusal."""
    if not args.input.is_file():
        raise DataError(f"There is no file {args.input}.", "", "Check the path.")
    column = Column(
        name=args.column or args.field,
        platform=args.platform,
        field=args.field,
        country=country,
        hashed=args.hashed,
        only=args.only,
    )
    done = hash_file(args.input, args.output, column, args.workers)
    sys.stdout.write(f"{done.written} rows written, {done.ragged} left out: another number of cells\n")
    for reason, count in sorted(done.refused.items()):
        sys.stdout.write(f"{count} values refused, left empty: {reason}\n")
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
