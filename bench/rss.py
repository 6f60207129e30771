"""Memory of preparation at ten times the rows: it spills, so it must not grow."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.preparation import join

from bench.prepare import _audience
from bench.tables import measure, report, write_identities, write_segment

if TYPE_CHECKING:
    import argparse

HELP = "peak memory of preparing an audience at 1x and 10x the rows"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--rows", type=int, default=400_000, help="rows of the small run; spilling begins at 200,000"
    )
    parser.add_argument("--ceiling", type=float, default=1.2)


def run(args: argparse.Namespace) -> int:
    """Print the ratio; 1 when it is above the ceiling."""
    peaks = []
    for rows in (args.rows, args.rows * 10):
        with tempfile.TemporaryDirectory() as name:
            write_identities(Path(name) / "identities.csv", rows)
            write_segment(Path(name) / "segment.csv", rows, rows)
            told = measure("rss", "audience", Path(name))
        peaks.append(told["mb"])
        print(f"{rows:,} rows: {told['mb']:.0f} MB, {told['answer']:,} sent")
    ratio = peaks[1] / peaks[0]
    print(f"peak memory at ten times the rows: {ratio:.2f}x (ceiling {args.ceiling})")
    return 0 if ratio <= args.ceiling else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
    report(lambda: _audience(Path(sys.argv[2]), join.MEMORY_IDS))  # as in Lambda
