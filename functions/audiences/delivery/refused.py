"""Finds what stood in the rows a platform refused, to keep it out of the ledger.

Values stay in memory only.
"""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from audiences.preparation.ledger import HASHED
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audiences.preparation.shape import Kind


def values_of(data: bytes, kind: Kind, rows: Sequence[int]) -> set[str]:
    """Return every text in the given rows (from 0) of a part, as sent and as the digest a ledger holds."""
    listed = _rows(data, kind)
    found: set[str] = set()
    for at in rows:
        if at < len(listed):
            for text in _texts(listed[at]):
                found |= {text, f"{HASHED}{sha256(text.encode()).hexdigest()}"}
    return found


def _rows(data: bytes, kind: Kind) -> list[Any]:
    if kind == "matrix":
        return list(json.loads(data)["data"])
    if kind == "objects":
        return list(json.loads(data))
    if kind == "csv":
        part = Source("the prepared file", lambda: BytesIO(data))
        return [row for chunk in read_table(part).chunks for row in chunk.rows]
    # Not `splitlines`: a name may hold what other tools take for a line end, and each row would be its neighbour.
    lines = data.decode().removesuffix("\n").split("\n")
    return [json.loads(line) for line in lines] if kind == "ndjson" else lines


def _texts(row: Any) -> Iterator[str]:
    if isinstance(row, str):
        if row:
            yield row
    elif isinstance(row, dict):
        for value in row.values():
            yield from _texts(value)
    elif isinstance(row, list):
        for value in row:
            yield from _texts(value)
