# ruff: noqa: PLC0415 - each side imports in its own process, and only what it uses
"""Preparation against the pandas script people write first: hashing a table, and preparing a whole audience.

`hash`: a column of e-mail addresses, CSV to CSV. `audience`: join, hash, de-duplicate, write; ours also
compares, checks consent and accounts for every row. Each side runs in a fresh process; the digests must
agree.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.ratios import line
from bench.tables import measure, report, write_identities, write_segment

if TYPE_CHECKING:
    import argparse

HELP = "prepare a table and an audience, against naive pandas"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--floor", type=float, default=1.2, help="least ratio of hashing on one core, CPU seconds"
    )


def run(args: argparse.Namespace) -> int:
    """Print the ratios pandas / ours; 1 when an answer differs or hashing misses the floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for half in (0, 1):
            write_identities(folder / f"half-{half}.csv", args.rows // 2, half * (args.rows // 2))
        write_identities(folder / "identities.csv", args.rows // 2 * 2)
        write_segment(folder / "segment.csv", args.rows, args.rows)
        found: dict[str, list[float]] = {"hash": [], "hash2": [], "audience": []}
        memory: dict[str, list[float]] = {}
        for number in range(args.rounds):
            sides = ["hash", "hash2", "pandas-hash", "audience", "pandas-audience"]
            told = {side: measure("prepare", side, folder) for side in (sides if number % 2 else sides[::-1])}
            if told["hash"]["answer"] != told["pandas-hash"]["answer"] != told["hash2"]["answer"]:
                print("WRONG: the digests differ")
                return 1
            if told["audience"]["answer"] != told["pandas-audience"]["answer"]:
                print("WRONG: the audiences differ")
                return 1
            found["hash"].append(told["pandas-hash"]["cpu"] / told["hash"]["cpu"])
            found["hash2"].append(told["pandas-hash"]["wall"] / told["hash2"]["wall"])
            found["audience"].append(told["pandas-audience"]["cpu"] / told["audience"]["cpu"])
            for side, value in told.items():
                memory.setdefault(side, []).append(value["mb"])
    print(line("hash a column, pandas / ours, one core, CPU", found["hash"]))
    print(line("hash a column, pandas / ours, two processes, wall", found["hash2"]))
    print(line("prepare an audience, pandas / ours, one core, CPU", found["audience"]))
    print("peak MB: " + ", ".join(f"{side} {max(values):.0f}" for side, values in sorted(memory.items())))
    return 0 if median(found["hash"]) >= args.floor else 1


def hash_file(path: Path) -> str:
    """Hash the e-mail column of a CSV to a CSV with preparation's reader, rule and writer."""
    from audiences.identity import compile_rows
    from audiences.platforms import find
    from audiences.preparation.parts import PartWriter
    from audiences.preparation.shape import Shape
    from audiences.preparation.sources import Source
    from audiences.preparation.tables import read_table

    batch = compile_rows(find("meta").identifiers, {"email"}, wanted=["email"])
    shape = Shape(
        kind="csv",
        names={"user": "user_id", "email": "email"},
        max_rows=1 << 40,
        max_bytes=1 << 50,
        minimum=1,
        source="bench",
    )
    writer = PartWriter(path.parent, shape, f"add-{path.stem}", ["user", "email"])
    for chunk in read_table(Source.of(path)).chunks:
        users, emails = zip(*chunk.rows, strict=True)
        digests = batch({"email": emails}).columns["email"]
        writer.write_rows(
            ["\t".join(row) for row in zip(users, [digest or "" for digest in digests], strict=True)]
        )
    writer.close()
    return writer.parts[0].file


def _hash(folder: Path, names: list[str]) -> str:
    if len(names) == 1:
        files = [hash_file(folder / names[0])]
    else:
        with ProcessPoolExecutor(len(names)) as pool:
            files = list(pool.map(hash_file, [folder / name for name in names]))
    return _digest(folder / file for file in files)


def _digest(files: object) -> str:
    """Return a digest of all lines but the headers."""
    digest = hashlib.sha256()
    for file in files:  # type: ignore[attr-defined]  # any iterable of paths
        with file.open("rb") as stream:
            next(stream)
            for row in stream:
                digest.update(row)
    return digest.hexdigest()


def _pandas_hash(folder: Path) -> str:
    import pandas as pd

    table = pd.read_csv(folder / "identities.csv", dtype=str)
    emails = table["email"].str.strip().str.lower()
    table["email"] = emails.map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    table.to_csv(folder / "pandas.csv", index=False)
    return _digest([folder / "pandas.csv"])


def _audience(folder: Path) -> int:
    from audiences.preparation.prepare import Inputs, prepare
    from audiences.preparation.request import Request
    from audiences.preparation.sources import Source

    request = Request(platform="meta", audience="bench", identifiers=("email",))
    segments, identities = ([Source.of(folder / f"{name}.csv")] for name in ("segment", "identities"))
    return prepare(request, Inputs(segments=segments, identities=identities), folder / "out").counts.sent


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
    report(
        {
            "hash": lambda: _hash(place, ["identities.csv"]),
            "hash2": lambda: _hash(place, ["half-0.csv", "half-1.csv"]),
            "pandas-hash": lambda: _pandas_hash(place),
            "audience": lambda: _audience(place),
            "pandas-audience": lambda: _pandas_audience(place),
        }[sys.argv[1]]
    )
