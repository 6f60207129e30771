# ruff: noqa: PLC0415 - each side imports in its own process, and only what it uses
"""What preparation costs against naive pandas: hashing a file, and preparing a whole audience.

`hash`: `audiences normalise --input`, CSV to CSV, against pandas' read_csv, a function per row, to_csv; the
two files must be the same bytes. `audience`: join, hash, de-duplicate, write. Ours, with the memory of
`audiences prepare`, also compares, checks consent and accounts for every row. Each side runs in a fresh
process.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from audiences.cli.prepare import MEMORY_IDS

from bench.ratios import line
from bench.tables import measure, report, write_addresses, write_identities, write_segment

if TYPE_CHECKING:
    import argparse

HELP = "hash a file and prepare an audience, against naive pandas"
_PAIRS = {  # printed name: (ours, pandas, measure)
    "hash a file, one process, CPU": ("hash", "pandas-hash", "cpu"),
    "hash a file, two processes, wall": ("hash2", "pandas-hash", "wall"),
    "two processes / one, wall": ("hash2", "hash", "wall"),
    "prepare an audience, CPU": ("audience", "pandas-audience", "cpu"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--floor", type=float, default=2.4, help="least ratio of hashing on one core")
    parser.add_argument("--floor-two", type=float, default=4.0, help="least ratio of two processes")


def run(args: argparse.Namespace) -> int:
    """Print the ratios pandas / ours; 1 when a byte differs or hashing misses a floor."""
    found: dict[str, list[float]] = {name: [] for name in _PAIRS}
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_addresses(folder / "addresses.csv", args.rows)
        write_identities(folder / "identities.csv", args.rows)
        write_segment(folder / "segment.csv", args.rows, args.rows)
        for number in range(args.rounds):
            sides = ["hash", "pandas-hash", "hash2", "pandas-audience", "audience"]
            told = {side: measure("prepare", side, folder) for side in (sides if number % 2 else sides[::-1])}
            if len({told[side]["answer"] for side in ("hash", "hash2", "pandas-hash")}) > 1:
                print("WRONG: the files differ")
                return 1
            if told["audience"]["answer"] != told["pandas-audience"]["answer"]:
                print("WRONG: the audiences differ")
                return 1
            for title, (ours, other, unit) in _PAIRS.items():
                found[title].append(told[other][unit] / told[ours][unit])
            memory = {side: max(memory.get(side, 0), value["mb"]) for side, value in told.items()}
    print(f"{args.rows:,} rows; times faster than naive pandas, every byte compared")
    for title, ratios in found.items():
        print(line(title, ratios))
    print("peak MB: " + ", ".join(f"{side} {mb:.0f}" for side, mb in sorted(memory.items())))
    one, two, *_ = map(median, found.values())
    return 0 if one >= args.floor and two >= args.floor_two else 1


def _hash(folder: Path, workers: int) -> str:
    from audiences.preparation.column_file import Column, hash_file

    column = Column(name="email", platform="google", field="email")
    hash_file(folder / "addresses.csv", folder / "hashed.csv", column, workers)
    return _digest(folder / "hashed.csv")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pandas_hash(folder: Path) -> str:
    import pandas as pd

    from bench.email import per_row

    table = pd.read_csv(folder / "addresses.csv", dtype=str, keep_default_na=False)
    table["email"] = table["email"].map(per_row)
    table.to_csv(folder / "pandas.csv", index=False)
    return _digest(folder / "pandas.csv")


def _audience(folder: Path, memory_ids: int = MEMORY_IDS) -> int:
    from audiences.preparation.prepare import Inputs, prepare
    from audiences.preparation.request import Request
    from audiences.preparation.sources import Source

    request = Request(platform="meta", audience="bench", identifiers=("email",))
    segments, identities = ([Source.of(folder / f"{name}.csv")] for name in ("segment", "identities"))
    inputs = Inputs(segments=segments, identities=identities)
    return prepare(request, inputs, folder / "out", memory_ids=memory_ids).counts.sent


def _pandas_audience(folder: Path) -> int:
    import pandas as pd

    segment = pd.read_csv(folder / "segment.csv", dtype=str)
    table = segment.merge(pd.read_csv(folder / "identities.csv", dtype=str), on="user_id")
    emails = table["email"].str.strip().str.lower()
    table["email"] = emails.map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    table = table.drop_duplicates("email").sort_values("email")
    table[["email"]].to_csv(folder / "pandas-audience.csv", index=False)
    return len(table)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
    place = Path(sys.argv[2])
    modules = ("pandas", "bench.email") if "pandas" in sys.argv[1] else ("audiences.preparation.column_file",)
    for module in modules:  # importing is not timed
        import_module(module)
    report(
        {
            "hash": lambda: _hash(place, 1),
            "hash2": lambda: _hash(place, 2),
            "pandas-hash": lambda: _pandas_hash(place),
            "audience": lambda: _audience(place),
            "pandas-audience": lambda: _pandas_audience(place),
        }[sys.argv[1]]
    )
