"""Turns an uploaded CSV file into profiles, counting what was created, updated and refused.

File rules: https://docs.aws.amazon.com/connect/latest/adminguide/customer-segments-imported-files.html
(CSV, UTF-8, header row).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.customer_profiles.mapping import BadValueError, change_from, target_path, value_at

if TYPE_CHECKING:
    from local.customer_profiles.profile_store import ProfileStore


class InvalidUploadError(Exception):
    """The file as a whole does not fit the job."""


@dataclass
class Counts:
    """ResultsSummary of a job."""

    created: int = 0
    updated: int = 0
    failed: int = 0


def unique_fields(unique_key: str, fields: dict[str, Any]) -> list[str]:
    """Return the fields that make up a UniqueKey: names of fields or columns, with commas between several.

    Raises ValueError when a part is neither.
    """
    by_column = {_column(name, field): name for name, field in fields.items()}
    names = []
    for part in unique_key.split(","):
        name = part.strip().removeprefix("_source.")
        if name not in fields and name not in by_column:
            raise ValueError(f"UniqueKey names {name}, which is not among the Fields")
        names.append(name if name in fields else by_column[name])
    return names


def ingest(body: bytes, job: dict[str, Any], store: ProfileStore) -> Counts:
    """Create or update a profile for each row and return the counts.

    A row finds its profile by the unique key of earlier uploads, or by the same value at the key's
    Target. A row without a key, with a value its ContentType forbids or too many or few cells fails.
    Raises InvalidUploadError, before anything is changed, when the file cannot be used.
    """
    fields, unique_key = job["Fields"], job["UniqueKey"]
    keys = unique_fields(unique_key, fields)
    rows = _read(body, fields)
    paths = [target_path(fields[name].get("Target", "")) for name in keys]
    known = _known_by_target(store, paths)
    counts = Counts()
    for values in rows:
        key = "|".join(values.get(name, "") for name in keys)
        try:
            change = change_from(values, fields)
        except BadValueError:
            counts.failed += 1
            continue
        if not values or not all(values.get(name) for name in keys):
            counts.failed += 1
            continue
        found = store.find(unique_key, key) or known.get(key, [])
        if found and found[0] in store.by_id:
            profile_id = found[0]
            store.update(profile_id, change, job["DataExpiry"])
            counts.updated += 1
        else:
            profile_id = store.create(change, job["DataExpiry"])
            counts.created += 1
        store.add_key(profile_id, unique_key, key)
    return counts


def _read(body: bytes, fields: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows as values by field name, without empty ones; a malformed row is empty."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidUploadError("The file is not UTF-8 text.") from error
    try:
        table = [cells for cells in csv.reader(io.StringIO(text, newline=""), strict=True) if cells]
    except csv.Error as error:
        raise InvalidUploadError(f"The file is not CSV: {error}.") from error
    if len(table) < 2:
        raise InvalidUploadError("The file has no rows below its header.")
    header = table[0]
    if len(set(header)) != len(header) or not all(header):
        raise InvalidUploadError("The header has an empty name or a name twice.")
    positions = {}
    for name, field in fields.items():
        column = _column(name, field)
        if column not in header and name not in header:
            raise InvalidUploadError(f"The header lacks column {column}.")
        positions[name] = header.index(column if column in header else name)
    return [
        {name: cells[i] for name, i in positions.items() if cells[i]} if len(cells) == len(header) else {}
        for cells in table[1:]
    ]


def _column(name: str, field: dict[str, Any]) -> str:
    return str(field.get("Source", name)).removeprefix("_source.")


def _known_by_target(store: ProfileStore, paths: list[tuple[str, ...]]) -> dict[str, list[str]]:
    if not all(paths):
        return {}
    known: dict[str, list[str]] = {}
    for profile_id, profile in store.by_id.items():
        parts = [value_at(profile, path) for path in paths]
        if all(parts):
            known.setdefault("|".join(str(part) for part in parts), []).append(profile_id)
    return known
