# ruff: noqa: PLC0415 - each side imports in its own process, and only what it uses
"""Joining a segment to customers: ours with and without DuckDB, against pandas, in two comparisons.

File to file, as the goal was set, each side ends when it has written the matched rows (place in the segment,
user id, address): pandas a CSV, ours by DuckDB the file that preparing goes on from. File to rows, each side ends
with them as batches of Python lists. In both, ours also notes where every unmatched, repeated or empty id stands,
which pandas is spared. Each side runs in a fresh process; importing is not timed.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.ratios import line
from bench.tables import measure, report, write_identities, write_segment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

HELP = "join user ids to customers: ours, ours by DuckDB, pandas"
_TITLES = {
    "fast_file": "file to file, pandas / ours (DuckDB)",
    "fast": "file to rows, pandas / ours (DuckDB)",
    "ours": "file to rows, pandas / ours (stdlib)",
}
_OTHERS = {"fast_file": "pandas_file", "fast": "pandas", "ours": "pandas"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--floor", type=float, default=5.0, help="least ratio pandas / ours (DuckDB), file to file, wall"
    )
    parser.add_argument("--ceiling", type=float, default=600.0, help="most MB of ours (DuckDB)")


def run(args: argparse.Namespace) -> int:
    """Print pandas / ours in wall and CPU seconds, and the peaks; 1 for a wrong row, a floor or the ceiling."""
    found: dict[tuple[str, str], list[float]] = {
        (side, unit): [] for side in _TITLES for unit in ("wall", "cpu")
    }
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_identities(folder / "identities.csv", args.rows)
        write_segment(folder / "segment.csv", args.rows, args.rows)
        for number in range(args.rounds):
            # Sides that are compared stand side by side.
            sides = ("fast_file", "pandas_file", "fast", "pandas", "ours")
            told = {side: measure("join", side, folder) for side in (sides if number % 2 else sides[::-1])}
            if not _agree(folder, told, args.rows):
                print("WRONG: the sides find different rows")
                return 1
            for (side, unit), ratios in found.items():
                ratios.append(told[_OTHERS[side]][unit] / told[side][unit])
            memory = {side: max(memory.get(side, 0), value["mb"]) for side, value in told.items()}
    for (side, unit), ratios in found.items():
        print(line(f"join {args.rows:,} x {args.rows:,}, {_TITLES[side]}, {unit}", ratios))
    print("peak MB: " + ", ".join(f"{side} {mb:.0f}" for side, mb in sorted(memory.items())))
    peak = max(memory["fast"], memory["fast_file"])
    return 0 if median(found["fast_file", "wall"]) >= args.floor and peak <= args.ceiling else 1


def _agree(folder: Path, told: dict[str, dict[str, Any]], rows: int) -> bool:
    """Tell whether all found the same rows, be it in a file, and ours has noted every other line."""
    with (
        (folder / "pandas.csv").open(encoding="utf-8", newline="") as theirs,
        (folder / "matches").open(encoding="utf-8", newline="\n") as ours,
        (folder / "rejects-fast").open(encoding="utf-8") as rejects,
    ):
        cells = (text.removesuffix("\n") for text in ours)  # three lines a row
        tables = csv.reader(theirs), zip(cells, cells, cells, strict=True)
        answers = [
            _add_up(([int(where)], [user], [email]) for where, user, email in table) for table in tables
        ]
        others = sum(1 for _ in rejects)
    answers += [value["answer"] for value in told.values() if value["answer"]]
    return all(answer == answers[0] for answer in answers) and answers[0][0] + others == rows


def _add_up(batches: Iterable[tuple[Sequence[int], Sequence[str], Sequence[str]]]) -> list[int]:
    """Return the number of rows, and sums that no wrong place and no wrong length of a cell can leave."""
    rows = places = characters = 0
    for where, users, emails in batches:
        rows += len(where)
        places += sum(where)
        characters += len("".join(users)) + 3 * len("".join(emails))
    return [rows, places, characters]


def _ours(folder: Path, work: Path, *, fast: bool) -> Any:
    """Join; by DuckDB this returns when the files in `work` are written."""
    from audiences.preparation.fast_join import join_fast
    from audiences.preparation.join import Left, join
    from audiences.preparation.plan import Inputs, compile_plan
    from audiences.preparation.rejects import Rejects
    from audiences.preparation.request import Request
    from audiences.preparation.sources import Source

    segments, identities = ([Source.of(folder / f"{name}.csv")] for name in ("segment", "identities"))
    request = Request(platform="meta", audience="bench", identifiers=("email",))
    plan = compile_plan(request, Inputs(segments=segments, identities=identities))
    left = Left(Rejects(work))
    if not fast:
        return join(plan.ids(left.rejects), plan.customers.chunks(), ["email"], work, left)
    found = join_fast(plan, work, left, 0)
    if found is None:
        raise SystemExit("DuckDB did not join: is it installed?")
    return found


def _ours_to_file(folder: Path) -> None:
    _ours(folder, folder, fast=True)


def _ours_to_rows(folder: Path, *, fast: bool) -> list[int]:
    with tempfile.TemporaryDirectory() as name:
        found = _ours(folder, Path(name), fast=fast)
        return _add_up((batch.places, batch.users, batch.columns["email"]) for batch in found)


def _pandas(folder: Path) -> Any:
    import pandas as pd

    segment = pd.read_csv(folder / "segment.csv", dtype=str)
    segment["place"] = range(2, len(segment) + 2)
    return segment.merge(pd.read_csv(folder / "identities.csv", dtype=str), on="user_id")


def _pandas_to_file(folder: Path) -> None:
    columns = ["place", "user_id", "email"]
    _pandas(folder).to_csv(folder / "pandas.csv", columns=columns, header=False, index=False)


def _pandas_to_rows(folder: Path) -> list[int]:
    found = _pandas(folder)
    batches = (found.iloc[start : start + 10_000] for start in range(0, len(found), 10_000))
    return _add_up(
        (batch["place"].tolist(), batch["user_id"].tolist(), batch["email"].tolist()) for batch in batches
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
    side, place = sys.argv[1], Path(sys.argv[2])
    ours = "audiences.preparation.plan"
    modules = {"ours": [ours], "fast": ["duckdb", ours], "fast_file": ["duckdb", ours]}
    for module in modules.get(side, ["pandas"]):
        import_module(module)
    sides = {
        "fast_file": lambda: _ours_to_file(place),
        "fast": lambda: _ours_to_rows(place, fast=True),
        "ours": lambda: _ours_to_rows(place, fast=False),
        "pandas_file": lambda: _pandas_to_file(place),
        "pandas": lambda: _pandas_to_rows(place),
    }
    report(sides[side])
