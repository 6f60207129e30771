"""Normalises and hashes one column of a CSV file into a CSV file: the quickest way from customers to digests.

Blocks without quotes are cut and joined as whole texts, because a list per row costs as much as its hash;
other blocks go through Python's `csv`. Both write the same bytes.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, BinaryIO

from audiences.errors import DataError
from audiences.preparation.dialect import malformed
from audiences.preparation.tables import read_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from audiences.identity import Outcome
    from audiences.preparation.sources import Source

    Batch = Callable[[Sequence[str]], Outcome]

_SPECIAL = re.compile('[",;\t\r\n]').search  # a cell with one of them is written in quotes
_UNFINISHED = "unexpected end of data"  # what csv says of a quote that is still open


@dataclass
class Done:
    """What became of the rows. ragged: not written; refused: values left empty, by reason."""

    written: int = 0
    ragged: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, other: Done) -> None:
        """Add the counts of another part of the file."""
        self.written += other.written
        self.ragged += other.ragged
        self.refused.update(other.refused)


@dataclass(frozen=True)
class Layout:
    """The form of a file.

    skip    lines before the header
    at      the column's place
    only    write nothing else
    hashed  digests need no quotes
    """

    header: list[str]
    delimiter: str
    skip: int
    at: int
    only: bool
    hashed: bool

    @property
    def no_marks(self) -> bytes:
        """Return the bytes that neither separate nor quote."""
        marks = f'{self.delimiter}"\r\n'.encode()
        return bytes(code for code in range(256) if code not in marks)

    def text(self, rows: list[list[str]]) -> str:
        """Return rows as CSV: quotes where a cell needs them, and around the empty cell of a lone column."""
        if len(rows[0]) == 1:
            return "".join([f"{_quoted(row[0]) or _EMPTY}\n" for row in rows])
        mark = self.delimiter
        return "".join([f"{mark.join(map(_quoted, row))}\n" for row in rows])


_EMPTY = '""'


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL(cell) else cell


def find_column(source: Source, column: str, *, only: bool, hashed: bool) -> Layout:
    """Return where `column` is, capitals and blanks aside. DataError when it is not there once."""
    opened = read_header(source)
    places = [at for at, name in enumerate(opened.header) if name.lower() == column.strip().lower()]
    if len(places) != 1:
        raise DataError(
            f"{source.name} has {len(places) or 'no'} columns {column!r}.",
            f"Its first line names {len(opened.header)}.",
            "Give the name of one of them as it stands there: --column NAME.",
        )
    return Layout(opened.header, opened.delimiter, opened.skip, places[0], only, hashed)


def hash_column(
    source: Source, blocks: Iterator[str], layout: Layout, batch: Batch, out: BinaryIO, *, head: bool
) -> Done:
    r"""Write `blocks` (whole lines of `source`) with the column as it is sent, empty where it is refused.

    Rows keep their order, line ends become "\n", blank lines are no rows, and a row with another number of
    cells than the header is left out and counted. `head`: the blocks begin with the header.
    DataError for what is no CSV: a quote that is never closed, a character after a closing quote.
    """
    done = Done()
    lines = 0
    for text in blocks:
        block = text if text.endswith("\n") else f"{text}\n"  # only the last line can lack its end
        lines += block.count("\n")
        if head:
            while block.count("\n") <= layout.skip and (added := next(blocks, "")):
                block += added
            stream = StringIO(block, newline="\n")
            for _ in range(layout.skip):
                stream.readline()
            next(csv.reader(stream, delimiter=layout.delimiter))
            written = [layout.header[layout.at]] if layout.only else layout.header
            out.write(layout.text([written]).encode())
            head, block = False, stream.read()
        made = _hash_plain(block, layout, batch, done)
        if made is None:
            rows, more = _read_rows(source, block, lines - block.count("\n"), blocks, layout.delimiter)
            lines += more
            made = _hash_rows(rows, layout, batch, done)
        out.write(made.encode())
    return done


def _hash_plain(text: str, layout: Layout, batch: Batch, done: Done) -> str | None:
    """Return the text of a block written; None when it has quotes, ragged or blank lines.

    All marks of the block together, nothing else, tell whether every row has its cells.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    mark, width = layout.delimiter, len(layout.header)
    count = text.count("\n")
    whole = ((mark * (width - 1) + "\n") * count).encode()
    if not layout.hashed or not count or text.encode().translate(None, layout.no_marks) != whole:
        return None
    if width == 1 and ("\n\n" in text or text[0] == "\n"):
        return None
    cells = text[:-1].replace("\n", mark).split(mark)
    empty = _EMPTY if layout.only or width == 1 else ""
    digests = _digests(cells[layout.at :: width], batch, done, empty)
    if layout.only:
        return "\n".join(digests) + "\n"
    cells[layout.at :: width] = digests
    made = ([mark] * (2 * width - 1) + ["\n"]) * count
    made[::2] = cells
    return "".join(made)


def _digests(values: Sequence[str], batch: Batch, done: Done, empty: str) -> list[str]:
    outcome = batch(values)
    done.written += len(values)
    done.refused.update(outcome.rejects.values())
    return [digest or empty for digest in outcome.digests]


def _read_rows(
    source: Source, block: str, line: int, blocks: Iterator[str], delimiter: str
) -> tuple[list[list[str]], int]:
    """Return the rows of a block and how many lines were added to it to close its last quote."""
    added = 0
    while True:
        reader = csv.reader(StringIO(block, newline="\n"), delimiter=delimiter, strict=True)
        try:
            return list(reader), added
        except csv.Error as error:
            more = next(blocks, "") if str(error) == _UNFINISHED else ""
            if not more:
                raise malformed(source, line + reader.line_num, error) from None
            block += more
            added += more.count("\n")


def _hash_rows(rows: list[list[str]], layout: Layout, batch: Batch, done: Done) -> str:
    whole = [row for row in rows if len(row) == len(layout.header)]
    done.ragged += sum(map(bool, rows)) - len(whole)
    if not whole:
        return ""
    digests = _digests([row[layout.at] for row in whole], batch, done, "")
    if layout.only:
        return layout.text([[digest] for digest in digests])
    for row, digest in zip(whole, digests, strict=True):
        row[layout.at] = digest
    return layout.text(whole)
