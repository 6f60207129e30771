# ruff: noqa: PLC0415 - each side imports in its own process, and only what it uses
"""Joining a segment to customers: ours in bounded memory, DuckDB and pandas: all count the same matches."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ratios import line
from bench.tables import measure, report, write_identities, write_segment

if TYPE_CHECKING:
    import argparse

HELP = "join user ids to customers: ours, DuckDB, pandas"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> int:
    """Print pandas / other in wall seconds, and the peaks of memory; 1 when the counts differ."""
    found: dict[str, list[float]] = {"ours": [], "duckdb": []}
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_identities(folder / "identities.csv", args.rows)
        write_segment(folder / "segment.csv", args.rows, args.rows)
        for number in range(args.rounds):
            sides = ("ours", "duckdb", "pandas")
            told = {side: measure("join", side, folder) for side in (sides if number % 2 else sides[::-1])}
            if len({value["answer"] for value in told.values()}) > 1:
                print("WRONG: the engines find different numbers of matches")
                return 1
            for side, ratios in found.items():
                ratios.append(told["pandas"]["wall"] / told[side]["wall"])
            memory = {side: max(memory.get(side, 0), value["mb"]) for side, value in told.items()}
    for side, ratios in found.items():
        print(line(f"join {args.rows:,} x {args.rows:,}, pandas / {side}, wall", ratios))
    print("peak MB: " + ", ".join(f"{side} {mb:.0f}" for side, mb in memory.items()))
    return 0


def _ours(folder: Path) -> int:
    import csv

    from audiences.preparation.customers import read_customers
    from audiences.preparation.join import Left, join
    from audiences.preparation.plan import read_segment
    from audiences.preparation.rejects import Rejects
    from audiences.preparation.sources import Source

    source = Source.of(folder / "segment.csv")
    ids = (pair for lines, users, _ in read_segment(source) for pair in zip(lines, users, strict=True))
    customers = read_customers([Source.of(folder / "identities.csv")])
    matches = 0
    with tempfile.TemporaryDirectory() as work, (folder / "ours.csv").open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for found in join(ids, customers.chunks(), ["email"], Path(work), Left(Rejects(Path(work)))):
            writer.writerows(zip(found.users, found.columns["email"], strict=True))
            matches += len(found.users)
    return matches


def _duckdb(folder: Path) -> int:
    import duckdb

    link = duckdb.connect(config={"memory_limit": "500MB", "threads": 2, "preserve_insertion_order": False})
    link.execute(
        f"""COPY (SELECT i.user_id, i.email FROM read_csv('{folder}/identities.csv', all_varchar = true) i
            SEMI JOIN read_csv('{folder}/segment.csv', all_varchar = true) s ON i.user_id = s.user_id)
            TO '{folder}/duckdb.csv' (HEADER false)"""
    )
    return sum(1 for _ in (folder / "duckdb.csv").open("rb"))


def _pandas(folder: Path) -> int:
    import pandas as pd

    segment = pd.read_csv(folder / "segment.csv", dtype=str)
    found = segment.merge(pd.read_csv(folder / "identities.csv", dtype=str), on="user_id")
    found.to_csv(folder / "pandas.csv", index=False)
    return len(found)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
    sides = {"ours": _ours, "duckdb": _duckdb, "pandas": _pandas}
    report(lambda: sides[sys.argv[1]](Path(sys.argv[2])))
