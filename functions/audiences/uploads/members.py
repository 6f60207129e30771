"""Turns prepared rows into membership records for a CRM: who is in an audience, and who is not any more."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audiences.delivery.model import Operation
    from audiences.preparation.tables import Table

FIELDS = ("external_id", "email", "phone", "first_name", "last_name", "city", "state", "zip", "country")
COLUMNS = ("membership_key", "audience", "status", *FIELDS)
_STATUS = {"add": "Member", "replace": "Member", "remove": "Removed"}


def membership_key(audience: str, keys: Sequence[str]) -> str:
    """Return the record's id: 64 hexadecimal digits of the audience and the strongest identifier there is."""
    strongest = next((key for key in keys if key), "")
    return hashlib.sha256(f"{audience}\x1f{strongest}".encode()).hexdigest()


def write_members(data: bytes, audience: str, operation: Operation, keys: Sequence[str]) -> bytes:
    """Return the CSV that a flow reads, for a prepared CSV. keys: columns that identify, strongest first."""
    part = Source("the prepared file", lambda: io.BytesIO(data))
    table = read_table(part)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for row in _rows(part, table):
        key = membership_key(audience, [row.get(name, "") for name in keys])
        out.writerow([key, audience, _STATUS[operation], *(row.get(name, "") for name in FIELDS)])
    return text.getvalue().encode()


def _rows(part: Source, table: Table) -> Iterator[dict[str, str]]:
    for chunk in table.chunks:
        if chunk.ragged:
            raise DataError(f"Line {chunk.ragged[0]} of {part.name} is damaged.", "", "Prepare it again.")
        yield from (dict(zip(table.header, row, strict=True)) for row in chunk.rows)
