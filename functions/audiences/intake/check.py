"""Decides whether an uploaded file is a segment, before it may start anything. Pure.

Messages name lines and columns by number, never by content: a file without a header has people where names
should be.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity.blanks import BLANKS
from audiences.preparation.sources import read_lines
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from audiences.preparation.sources import Source

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,99}")
_USER_NAMES = ("useruserid", "userid", "user")  # as `preparation.tables.find_user_column` reads them
_DELIMITERS = ",;\t"


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
    column = _user_column(source)
    users = bad = 0
    for chunk in read_table(source).chunks:
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


def _user_column(source: Source) -> int:
    """Return the column of user ids; the header must look like one, and name it."""
    names = _header(source)
    strange = [number for number, name in enumerate(names, 1) if not _HEADER_NAME.fullmatch(name)]
    if strange:
        raise DataError(
            "The first line is no header.",
            f"Column {strange[0]} has no name a column could have.",
            "Begin the file with a line of column names, one of them user_id.",
        )
    twice = [number for number, name in enumerate(names, 1) if Counter(names)[name] > 1]
    if twice:
        raise DataError(
            "Two columns have the same name.",
            f"They are columns {twice[0]} and {twice[1]}.",
            "Rename or remove one of them.",
        )
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in names]
    for wanted in _USER_NAMES:
        if plain.count(wanted) == 1:
            return plain.index(wanted)
    raise DataError(
        "The file has no column of user ids.",
        f"None of its {len(names)} columns is named user_id.",
        "Name one of them user_id (or User.UserId).",
    )


def _header(source: Source) -> list[str]:
    first = next(read_lines(source), "").strip("\r\n")
    if not first.strip():
        raise DataError("The file is empty.", "It needs a header line.", "Upload it again.")
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=delimiter, strict=True))]
    except csv.Error:
        raise DataError(
            "The first line cannot be read as CSV.", "A quote is not closed.", "Export the file again."
        ) from None
