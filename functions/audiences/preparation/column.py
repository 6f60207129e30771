"""Normalises and hashes one column of a CSV file into a CSV file: the quickest way from customers to digests.

Blocks without quotes are cut and joined as whole texts, because a list per row costs as much as its hash;
any other block goes through Python's `csv`. Both write the same bytes (tests compare them row by row).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from audiences.errors import DataError
from audiences.preparation.sources import read_blocks
from audiences.preparation.tables import malformed, read_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from audiences.identity import Outcome
    from audiences.preparation.sources import Source

    Batch = Callable[[list[str]], Outcome]

_ROWS = 5_000  # of a block that `csv` reads: bounds memory
_SPECIAL = re.compile('[",;\t\r\n]').search  # a cell with one of them is written in quotes


@dataclass
class Done:
    """What became of the rows: read = written + ragged; refused counts values left empty, by reason."""

    written: int = 0
    ragged: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """Return the rows of the file without its header and blank lines."""
        return self.written + self.ragged

    def add(self, other: Done) -> None:
        """Add the counts of another part of the file."""
        self.written += other.written
        self.ragged += other.ragged
        self.refused.update(other.refused)


@dataclass(frozen=True)
class Layout:
    """The shape of a file. at: the column's place; only: write nothing but this column."""

    header: list[str]
    delimiter: str
    at: int
    only: bool

    @property
    def head(self) -> bytes:
        """Return the header line to write."""
        return _line(self.header[self.at : self.at + 1] if self.only else self.header, self.delimiter)


def find_column(source: Source, column: str, *, only: bool = False) -> Layout:
    """Return where `column` is, capitals and blanks aside. DataError when it is not there once."""
    header, delimiter = read_header(source)
    places = [at for at, name in enumerate(header) if name.lower() == column.strip().lower()]
    if len(places) != 1:
        raise DataError(
            f"{source.name} has no column {column!r}." if not places else f"{column!r} may be two columns.",
            f"Its columns are {', '.join(header)}.",
            "Name one of them: --column NAME.",
        )
    return Layout(header, delimiter, places[0], only)


def hash_column(source: Source, layout: Layout, batch: Batch, out: BinaryIO, *, head: bool = True) -> Done:
    """Write `source` to `out` with the column replaced by what is sent, empty where a value is refused.

    Rows keep their order; a row with another number of cells than the header is left out and counted; line
    ends become "\\n". `head` False: `source` has no header (it is a later part of a file).
    DataError for what is no CSV, another encoding, a quote that is never closed.
    """
    if head:
        out.write(layout.head)
    done = Done()
    blocks = read_blocks(source)
    lines = 0
    for text in blocks:
        block = text
        if head:
            block = _behind_header(source, block, blocks)
            head = False
        plain = _plain(block)
        written = plain and _hash_plain(plain, layout, batch, done)
        if not written:
            rows = csv.reader(_more_lines(block, blocks), delimiter=layout.delimiter, strict=True)
            for rows_written in _hash_rows(source, rows, lines, layout, batch, done):
                out.write(rows_written)
        else:
            out.write(written)
    return done
