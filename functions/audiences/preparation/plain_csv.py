"""Tells files that every CSV reader reads alike, so that a fast one may read them instead of ours."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.preparation.tables import JSON_ENDINGS, read_header

if TYPE_CHECKING:
    from pathlib import Path

    from audiences.preparation.sources import Source

_CHUNK_BYTES = 1 << 16  # half of the longest cell that the csv module reads


class NotPlainError(Exception):
    """A file that DuckDB might read otherwise than we do."""


@dataclass(frozen=True)
class Plain:
    """A file for DuckDB: its rows without the header, and the table in SQL, whose columns are c0, c1 and so on."""

    source: Source
    header: list[str]
    rows: int
    table: str


def read_plain(source: Source) -> Plain:
    """Check a file: UTF-8, no carriage returns, quotes or blank lines, and no row with too many cells.

    DuckDB refuses rows with too few cells itself, but lets one empty cell too many pass: so they are counted.
    """
    if source.path is None or source.stem.endswith(JSON_ENDINGS):
        raise NotPlainError
    if set("*?[").intersection(str(source.path)):  # DuckDB would look for more files
        raise NotPlainError
    header, delimiter = read_header(source)
    lines = marks = 0
    last = b"\n"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as file:
        while chunk := file.read(_CHUNK_BYTES):
            found = chunk.count(b"\n")
            if not found and len(chunk) == _CHUNK_BYTES:
                raise NotPlainError
            if any(mark in chunk for mark in (b'"', b"\r", b"\0")) or chunk.startswith(codecs.BOM_UTF8):
                raise NotPlainError
            if b"\n\n" in last + chunk:
                raise NotPlainError
            decoder.decode(chunk)
            lines += found
            marks += chunk.count(delimiter.encode())
            last = chunk[-1:]
    decoder.decode(b"", final=True)
    lines += last != b"\n"
    if marks != lines * (len(header) - 1):
        raise NotPlainError
    names = ", ".join(f"c{number}: 'VARCHAR'" for number in range(len(header)))
    path = quote_path(source.path.absolute())
    table = (
        f"read_csv({path}, auto_detect = false, header = false, skip = 1, columns = {{{names}}}, "
        f"delim = '{delimiter}', quote = '', escape = '', new_line = '\\n', compression = 'none')"
    )
    return Plain(source, header, lines - 1, table)


def quote_path(path: Path) -> str:
    """Return a path as SQL has it."""
    return "'" + str(path).replace("'", "''") + "'"
