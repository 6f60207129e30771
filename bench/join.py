# ruff: noqa: PLC0415 - each side imports in its own process, and only what it uses
"""Joining a segment to customers: ours with and without DuckDB, against pandas.

Each side ends with the same matched rows, as batches of Python lists: place in the segment, user id, address.
Ours also notes where every unmatched, repeated or empty id stands, which pandas is spared. Each side runs in a
fresh process; importing is not timed.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.ratios import line
from bench.tables import measure, report, write_identities, write_segment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

HELP = "join user ids to customers: ours, ours by DuckDB, pandas"
_TITLES = {"fast": "ours (DuckDB)", "ours": "ours (stdlib)"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--floor", type=float, default=5.0, help="least ratio pandas / ours (DuckDB), wall")
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
            sides = ("ours", "fast", "pandas")
            told = {side: measure("join", side, folder) for side in (sides if number % 2 else sides[::-1])}
            if len({str(value["answer"]) for value in told.values()}) > 1:
                print("WRONG: the sides find different rows")
                return 1
            for (side, unit), ratios in found.items():
                ratios.append(told["pandas"][unit] / told[side][unit])
            memory = {side: max(memory.get(side, 0), value["mb"]) for side, value in told.items()}
    for (side, unit), ratios in found.items():
        print(line(f"join {args.rows:,} x {args.rows:,}, pandas / {_TITLES[side]}, {unit}", ratios))
    print("peak MB: " + ", ".join(f"{_TITLES.get(side, side)} {mb:.0f}" for side, mb in memory.items()))
    return 0 if median(found["fast", "wall"]) >= args.floor and memory["fast"] <= args.ceiling else 1


def _add_up(batches: Iterable[tuple[Sequence[int], Sequence[str], Sequence[str]]]) -> list[int]:
    """Return the number of rows, and sums that no wrong place and no wrong length of a cell can leave."""
    rows = places = characters = 0
    for where, users, emails in batches:
        rows += len(where)
        places += sum(where)
        characters += len("".join(users)) + 3 * len("".join(emails))
    return [rows, places, characters]


def _ours(folder: Path, *, fast: bool) -> list[int]:
    from audiences.preparation.fast_join import join_fast
    from audiences.preparation.join import Left, join
    from audiences.preparation.plan import Inputs, compile_plan
    from audiences.preparation.rejects import Rejects
    from audiences.preparation.request import Request
    from audiences.preparation.sources import Source

    segments, identities = ([Source.of(folder / f"{name}.csv")] for name in ("segment", "identities"))
    request = Request(platform="meta", audience="bench", identifiers=("email",))
    plan = compile_plan(request, Inputs(segments=segments, identities=identities))
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        left = Left(Rejects(work))
        if fast:
            found = join_fast(plan, work, left, 0)
            if found is None:
                raise SystemExit("DuckDB did not join: is it installed?")
        else:
            found = join(plan.ids(left.rejects), plan.customers.chunks(), ["email"], work, left)
        return _add_up((batch.places, batch.users, batch.columns["email"]) for batch in found)


def _pandas(folder: Path) -> list[int]:
    import pandas as pd

    segment = pd.read_csv(folder / "segment.csv", dtype=str)
    segment["place"] = range(2, len(segment) + 2)
    found = segment.merge(pd.read_csv(folder / "identities.csv", dtype=str), on="user_id")
    batches = (found.iloc[start : start + 10_000] for start in range(0, len(found), 10_000))
    return _add_up(
        (batch["place"].tolist(), batch["user_id"].tolist(), batch["email"].tolist()) for batch in batches
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
    side, place = sys.argv[1], Path(sys.argv[2])
    for module in {"pandas": ("pandas",), "fast": ("duckdb", "audiences.preparation.plan")}.get(
        side, ("audiences.preparation.plan",)
    ):
        import_module(module)
    sides = {"ours": lambda: _ours(place, fast=False), "fast": lambda: _ours(place, fast=True)}
    report(sides.get(side, lambda: _pandas(place)))
