"""Decides whether an uploaded file is a segment, before it may start anything. Pure.

Messages name lines and columns by number, never by content: a file without a header has people where names
should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity.blanks import BLANKS
from audiences.preparation.headers import find_user_column
from audiences.preparation.sources import is_parquet
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from audiences.preparation.sources import Source


@dataclass(frozen=True)
class Counts:
    """What a segment file holds: rows with a user id, and rows that preparation will reject."""

    users: int
    bad_rows: int

    def as_data(self) -> dict[str, int]:
        """Return the counts for the run record."""
        return {"users": self.users, "bad_rows": self.bad_rows}


def check_segment(source: Source, size: int, most_bytes: int) -> Counts:
    """Read a CSV file (also as gzip) to its end, in bounded memory. `size`: bytes as stored.

    Raises DataError for a file that is too big, unreadable, without a column of user ids or without a user.
    """
    if size > most_bytes:
        raise DataError(
            f"The file is bigger than {most_bytes >> 20} MiB.",
            f"It has {size >> 20} MiB as stored, more than SFTP uploads are checked for here.",
            "Upload it as .csv.gz, in parts with names of their own, or raise MostMebibytes.",
        )
    if is_parquet(source):
        raise DataError(
            f"{source.name} is Parquet under another name.", "Uploads by SFTP are CSV.", "Export it as CSV."
        )
    table = read_table(source)
    column = find_user_column(source, table.header)
    users = bad = 0
    for chunk in table.chunks:
        found = sum(1 for row in chunk.rows if row[column].strip(BLANKS))
        users += found
        bad += len(chunk.rows) - found + len(chunk.ragged)
    if not users:
        raise DataError(
            "The file has no user.",
            f"None of its {bad} rows has a user id." if bad else "There is a header only.",
            "Upload it with one user id a line.",
        )
    return Counts(users, bad)
