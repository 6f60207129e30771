"""When a segment file was made: by the time in its name, because files arrive late and in any order.

S3 says when an object was stored. A file that waited, was copied, or is uploaded again is stored last and is
not the newest for that.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DAY = r"(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])"
_TIME = r"[T_-]?([01]\d|2[0-3])[:-]?([0-5]\d)(?:[:-]?([0-5]\d))?Z?"
_STAMP = re.compile(rf"(?<![0-9A-Za-z]){_DAY}(?:{_TIME})?(?![0-9A-Za-z])")
_AHEAD = timedelta(hours=15)  # local times reach UTC+14, and our own names a second or so ahead


def made_at(name: str, stored: str) -> str:
    """Return when a file was made, as ISO 8601 in UTC with whole seconds: what sorts files by age.

    name: with or without folders; the last day in it counts, with its time of day if there is one (read as UTC),
    e.g. `Action_20261121-101500.csv`, `dt=2026-11-21/part.csv`. stored: when S3 stored it, ISO 8601. It counts
    for a name without a day, and for one that says a time to come.
    """
    at = datetime.fromisoformat(stored).astimezone(UTC)
    found = list(_STAMP.finditer(name))
    named = _read(found[-1]) if found else None
    made = named if named is not None and named <= at + _AHEAD else at
    return made.isoformat(timespec="seconds")


def _read(found: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:  # 20260231
        return None
