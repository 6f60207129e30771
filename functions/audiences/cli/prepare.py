"""`audiences prepare`: turn a segment into a platform's files here, and see where every row went."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.errors import DataError, SetupError
from audiences.preparation import manifest
from audiences.preparation.consent import DEFAULT_PURPOSES, ConsentRule
from audiences.preparation.lists_told import Remembered
from audiences.preparation.prepare import Inputs, prepare
from audiences.preparation.request import MODES, Request
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source
from audiences.preparation.summary import summarise

if TYPE_CHECKING:
    import argparse

NAME = "prepare"
MEMORY_IDS = (
    1_000_000  # user ids held before the join goes to disk, about 125 MB: a desk has more than Lambda
)
FAST_ROWS = 200_000  # of all files, from which on DuckDB wins what starting it costs
HELP = "join a segment to customers and write the files a platform takes, manifest.json and rejects.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add = parser.add_argument
    add("--platform", required=True, help="platform, e.g. meta")
    add(
        "--segment",
        required=True,
        nargs="+",
        type=Path,
        metavar="FILE",
        help="user ids: CSV, JSON lines or Parquet",
    )
    add(
        "--identities",
        required=True,
        nargs="+",
        type=Path,
        metavar="FILE",
        help="user_id, e-mail, phone, consent…",
    )
    add(
        "--suppress",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="people no platform may be told about",
    )
    add(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="what the platform holds: wanted.tsv.gz of the last delivery",
    )
    add("--country", metavar="CC", help="default country of phones and postal codes: ISO 3166, e.g. US")
    add("--audience", default="", help="name of the audience; default: the segment file's name")
    add(
        "--mode",
        choices=MODES,
        default="add",
        help="add (default), remove, or mirror: make it equal the segment",
    )
    add("--identifiers", default="", metavar="A,B", help="fields to send; default: all the platform takes")
    add("--consent", metavar="A,B", help="purposes, columns consent_<purpose>; default: ads")
    add(
        "--consent-required-in",
        metavar="R,S",
        help="EEA, UK, country codes or *; default: the platform's rule",
    )
    add(
        "--unreadable-consent",
        choices=("refuse", "ignore"),
        default="refuse",
        help="what an answer that says neither yes nor no counts as: refuse (default) or no answer",
    )
    add(
        "--minimum",
        type=int,
        default=0,
        metavar="N",
        help="hold an audience of fewer people back; default: warn only",
    )
    add(
        "--fuse",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="mirror: smallest share of the old audience; 0.5",
    )
    add("--dry-run", action="store_true", help="write plan.json instead of parts")
    add("--quiet", action="store_true", help="no progress bar")
    add("--output", required=True, type=Path, metavar="DIR", help="folder to write into")


def run(args: argparse.Namespace) -> int:
    """Prepare, print the summary, return the exit code: 2 for an unknown platform, field or country.

    1 when a guard held the audience back, although the removals of who said no are written.
    """
    for path in (*args.segment, *args.identities, *args.suppress, *([args.ledger] if args.ledger else [])):
        if not path.is_file():
            raise DataError(f"There is no file {path}.", "", "Check the path.")
    try:
        request = _request(args)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    inputs = Inputs(
        segments=[Source.of(path) for path in args.segment],
        identities=[Source.of(path) for path in args.identities],
        suppressions=[Source.of(path) for path in args.suppress],
        ledger=Source.of(args.ledger) if args.ledger else None,
        remembered=_remembered(args),
    )
    bar = _no_bar if args.quiet or not sys.stderr.isatty() else _Bar()
    try:
        made = prepare(request, inputs, args.output, progress=bar, memory_ids=MEMORY_IDS, fast_rows=FAST_ROWS)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if isinstance(bar, _Bar):
        bar.close()
    sys.stdout.write(summarise(made))
    sys.stdout.write(f"Files: {args.output}\n")
    return 1 if made.held else 0


def _remembered(args: argparse.Namespace) -> Remembered | None:
    """Return the suppression lists of last time: the manifest beside the ledger knows, or the one in the folder."""
    folders = [args.ledger.parent] if args.ledger else []
    paths = [folder / name for folder in (*folders, args.output) for name in (manifest.NAME, manifest.PLAN)]
    found = map(Remembered.of_manifest, paths)
    return next((one for one in found if one is not None), None)


def _request(args: argparse.Namespace) -> Request:
    shape = find_shape(args.platform)
    required = shape.consent.required_in if shape.consent else ()
    if args.consent_required_in is not None:
        required = _split(args.consent_required_in)
    purposes = DEFAULT_PURPOSES if args.consent is None else _split(args.consent)
    return Request(
        platform=args.platform,
        audience=args.audience or args.segment[0].name.partition(".")[0],
        mode=args.mode,
        identifiers=_split(args.identifiers),
        country=args.country,
        consent=ConsentRule(purposes, required, args.unreadable_consent, asked=args.consent is not None),
        minimum=args.minimum,
        fuse=args.fuse,
        dry_run=args.dry_run,
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _no_bar(_rows: int) -> None:
    """Show nothing."""


class _Bar:
    """A line on standard error that moves; how long a table is, nobody knows beforehand."""

    def __init__(self) -> None:
        self._begun = self._shown = time.monotonic()

    def __call__(self, rows: int) -> None:
        now = time.monotonic()
        if now - self._shown >= 0.2:
            self._shown = now
            rate = rows / max(now - self._begun, 0.001)
            blocks = "▏▎▍▌▋▊▉█"[int(now * 5) % 8]
            sys.stderr.write(f"\r{blocks} {rows:>12,} customers read  {rate:>10,.0f} a second ")
            sys.stderr.flush()

    def close(self) -> None:
        """Wipe the line."""
        sys.stderr.write("\r\x1b[K")
