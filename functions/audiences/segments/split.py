"""Turns the output of a batch segment job into one user-id file per query.

None lost, and errors stay per line.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from audiences.errors import RecordRejected
from audiences.redact import their_words
from audiences.segments.lines import read_lines
from audiences.segments.names import query_text
from audiences.segments.scanner import ScannedLine, scan_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from audiences.segments.lines import Line

USER_ID_HEADER = "User.UserId"


@dataclass(frozen=True)
class Segment:
    """One segment: its name, the query it answers, how many users it has, and the URI of their ids.

    `file_name` is `<name>_<date>-<time>` without extension; import files carry the same name.
    """

    name: str
    query: str
    users: int
    file_name: str
    file: str

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form kept in the manifest."""
        return asdict(self)


@dataclass(frozen=True)
class FailedQuery:
    """A query without a segment, and why."""

    query: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Return the form used in run records."""
        return asdict(self)


def split_output(
    files: Iterable[tuple[str, Iterable[bytes]]],
    spool: Path,
    keep: Callable[[str, str, int, Path], Segment],
) -> tuple[list[Segment], list[FailedQuery]]:
    """Stream output files, given as (name, chunks of bytes), and keep one segment per readable line.

    Each line's user ids are written to the file `spool` (a CSV with the header `User.UserId`), then
    `keep(query, identity, users, spool)` stores it. `identity` tells repeats of one query apart. Memory does
    not grow with the number of users or lines; disk holds one line's ids at a time.
    """
    segments: list[Segment] = []
    failed: list[FailedQuery] = []
    seen: Counter[str] = Counter()
    for file_name, chunks in files:
        for line in read_lines(chunks):
            try:
                scanned = _spool_users(line, spool)
                if scanned is None:
                    continue
                query = _check(scanned)
            except RecordRejected as error:
                failed.append(
                    FailedQuery(f"line {line.number} of {file_name}", f"{error.what} {error.why}".strip())
                )
                continue
            reason = _reason(scanned, query)
            if reason:
                failed.append(FailedQuery(query, reason))
                continue
            seen[query] += 1
            identity = query if seen[query] == 1 else f"{query} #{seen[query]}"
            segments.append(keep(query, identity, scanned.users, spool))
    return segments, failed


def _spool_users(line: Line, spool: Path) -> ScannedLine | None:
    with spool.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([USER_ID_HEADER])
        return scan_line(line, lambda ids: writer.writerows((user,) for user in ids))


def _check(scanned: ScannedLine) -> str:
    query = query_text(scanned.members)
    if not query:
        raise RecordRejected("The line names no query:", "it has neither itemAttributes nor itemId.")
    return query


def _reason(scanned: ScannedLine, query: str) -> str:
    """Return why Personalize has no answer to this query, or an empty string when it has one."""
    error = scanned.members.get("error")
    if error:
        return their_words(error if isinstance(error, str) else json.dumps(error), known=query)
    return "" if scanned.has_users else "Personalize wrote neither users nor an error for this query."
