"""Tells files that every CSV reader reads alike, so that a fast one may read them instead of ours."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.identity.blanks import BLANKS
from audiences.preparation.tables import JSON_ENDINGS, read_header

if TYPE_CHECKING:
    from pathlib import Path

    from audiences.preparation.sources import Source

_CHUNK_BYTES = 1 << 16  # half of the longest cell that the csv module reads
_BUFFER_BYTES = 1 << 24  # of DuckDB: half of what it would take, so that two threads share smaller files
_MARKS = b'\n\r"\0'  # what CSV readers may take for more than text, besides the delimiter


class NotPlainError(Exception):
    """A file that DuckDB might read otherwise than we do."""


@dataclass(frozen=True)
class Plain:
    """A file for DuckDB: its rows without the header, and the table in SQL, whose columns are c0, c1 and so on.

    odd_blanks: whether a cell may hold blanks that are no spaces.
    """

    source: Source
    header: list[str]
    rows: int
    table: str
    odd_blanks: bool


def read_plain(source: Source) -> Plain:
    """Check a file: UTF-8, no carriage returns, quotes or blank lines, and as many cells in each row."""
    if source.path is None or source.stem.endswith(JSON_ENDINGS):
        raise NotPlainError
    if set("*?[").intersection(str(source.path)):  # DuckDB would look for more files
        raise NotPlainError
    opened = read_header(source)
    header, delimiter = opened.header, opened.delimiter
    if opened.skip:
        raise NotPlainError
    row = delimiter.encode() * (len(header) - 1) + b"\n"
    rows = row * (_CHUNK_BYTES // len(row) + 2)
    text = bytes(set(range(256)).difference(_MARKS, delimiter.encode()))
    blanks = set(BLANKS).difference(" \n\r", delimiter)
    marks = 0
    odd_blanks = False
    last = b"\n"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as file:
        while chunk := file.read(_CHUNK_BYTES):
            # Only the marks, which must be those of row after row: one pass where counting each takes several.
            found = chunk.translate(None, text)
            if not rows.startswith(found, marks % len(row)) or chunk.startswith(codecs.BOM_UTF8):
                raise NotPlainError
            if b"\n" not in found and len(chunk) == _CHUNK_BYTES:
                raise NotPlainError
            if len(header) == 1 and b"\n\n" in last + chunk:
                raise NotPlainError
            decoded = decoder.decode(chunk)
            odd_blanks = odd_blanks or any(blank in decoded for blank in blanks)
            marks += len(found)
            last = chunk[-1:]
    decoder.decode(b"", final=True)
    marks += last != b"\n"
    if marks % len(row):
        raise NotPlainError
    names = ", ".join(f"c{number}: 'VARCHAR'" for number in range(len(header)))
    path = quote_path(source.path.absolute())
    table = (
        f"read_csv({path}, auto_detect = false, header = false, skip = 1, columns = {{{names}}}, "
        f"delim = '{delimiter}', quote = '', escape = '', new_line = '\\n', compression = 'none', "
        f"buffer_size = {_BUFFER_BYTES})"
    )
    return Plain(source, header, marks // len(row) - 1, table, odd_blanks)


def quote_path(path: Path) -> str:
    """Return a path as SQL has it."""
    return "'" + str(path).replace("'", "''") + "'"
