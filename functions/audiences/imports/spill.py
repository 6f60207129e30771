"""Sorts rows into small files by a hash of their key.

So that what belongs together is handled in bounded memory.

A set of five million ids costs half a gigabyte; one of 64 files of them costs eight megabytes.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BUCKETS = 64


def spill(rows: Iterable[tuple[str, Any]], folder: Path) -> list[Path]:
    """Write (key, JSON value) rows to BUCKETS files in `folder`.

    Rows of one key share a file, in their order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:03}.jsonl" for number in range(BUCKETS)]
    files = [path.open("w", encoding="utf-8") for path in paths]
    try:
        for key, value in rows:
            number = zlib.crc32(key.encode("utf-8", "replace")) % BUCKETS
            files[number].write(json.dumps([key, value]) + "\n")
    finally:
        for file in files:
            file.close()
    return paths


def read_spilled(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the (key, value) rows of one file in the order they were written."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            key, value = json.loads(line)
            yield key, value
