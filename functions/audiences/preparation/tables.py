"""Reads a table, whatever its format, as chunks of text cells: the one reader of both engines.

Lines count records, the header being line 1: the same as the lines of an editor unless a value holds a line
break.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError
from audiences.preparation.parquet import read_parquet
from audiences.preparation.sources import is_parquet, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audiences.preparation.sources import Source

CHUNK_ROWS = 10_000
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
_SURROGATES = re.compile("[\ud800-\udfff]").search  # JSON can write half a character
_SAMPLE = 1_000  # JSON lines read to learn the columns


@dataclass(frozen=True)
class Chunk:
    """Some rows: line numbers, cells (each row of the header's length), and the unusable lines."""

    lines: list[int]
    rows: list[list[str]]
    ragged: list[int]


@dataclass(frozen=True)
class Table:
    """A header, and chunks to walk through once."""

    header: list[str]
    chunks: Iterator[Chunk]


def read_table(source: Source) -> Table:
    """Read CSV, JSON lines (each also as gzip) or Parquet. DataError for what no row can be believed of.

    A row with too many or too few cells is not guessed at: its line is in `ragged`.
    """
    if is_parquet(source):
        header, parquet = read_parquet(source)
        return Table(_checked(source, header), _number(parquet))
    if source.stem.endswith(JSON_ENDINGS):
        return _read_json_lines(source)
    return _read_csv(source)


def _checked(source: Source, header: list[str]) -> list[str]:
    """Return the header without blanks around its names. DataError when a name is missing or there twice."""
    names = [name.strip() for name in header]
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if not name:
            raise DataError(
                f"Column {number} of {source.name} has no name.", "", "Name it in the first line."
            )
        if name in seen:
            raise DataError(
                f"{source.name} has two columns named {name!r}.",
                "It would be a guess which one is meant.",
                "Rename or remove one of them.",
            )
        seen.add(name)
    return names


def _read_csv(source: Source) -> Table:
    lines = read_lines(source)
    header, _, reader = _begin_csv(source, lines)
    return Table(header, _csv_chunks(source, reader, len(header)))


def read_header(source: Source) -> tuple[list[str], str]:
    """Return the header of a CSV file and its delimiter. Errors as of `read_table`."""
    header, delimiter, _ = _begin_csv(source, read_lines(source))
    return header, delimiter


def _begin_csv(source: Source, lines: Iterator[str]) -> tuple[list[str], str, Any]:
    """Read comma separated values; semicolons and tabs are seen by a header that has no comma."""
    head = next(lines, "")
    if not head.strip():
        raise _empty(source)
    delimiter = "," if "," in head else next((mark for mark in ";\t" if mark in head), ",")
    reader = csv.reader(chain((head,), lines), delimiter=delimiter, strict=True)
    try:
        first = next(reader, [])
    except csv.Error as error:
        raise malformed(source, reader.line_num, error) from None
    return _checked(source, first), delimiter, reader


def _empty(source: Source) -> DataError:
    return DataError(f"{source.name} is empty.", "It needs a header line.", "Export the file again.")


def _csv_chunks(source: Source, reader: Any, width: int) -> Iterator[Chunk]:
    start = 2
    while True:
        try:
            rows = list(islice(reader, CHUNK_ROWS))
        except csv.Error as error:
            raise malformed(source, reader.line_num, error) from None
        if not rows:
            return
        yield _sift(rows, start, width)
        start += len(rows)


def _sift(rows: list[list[str]], start: int, width: int) -> Chunk:
    """Tell the ragged rows apart; a blank line is no row at all."""
    if set(map(len, rows)) == {width}:
        return Chunk(list(range(start, start + len(rows))), rows, [])
    good = [(line, row) for line, row in enumerate(rows, start) if len(row) == width]
    ragged = [line for line, row in enumerate(rows, start) if row and len(row) != width]
    return Chunk([line for line, _ in good], [row for _, row in good], ragged)


def malformed(source: Source, line: int, error: csv.Error) -> DataError:
    """Return the error of a file that `csv` cannot read on at a line."""
    reason = (
        "A value is longer than 128 KiB: a quote that is never closed."
        if "limit" in str(error)
        else f"{error}."
    )
    return DataError(
        f"{source.name} cannot be read near line {line}.", reason.capitalize(), "Export it again as CSV."
    )


def _read_json_lines(source: Source) -> Table:
    lines = (line for line in read_lines(source) if not line.isspace())
    sample = list(islice(lines, _SAMPLE))
    if not sample:
        raise _empty(source)
    header: dict[str, None] = {}
    for number, line in enumerate(sample, start=1):
        header.update(dict.fromkeys(_json_object(source, line, number)))
    return Table(_checked(source, list(header)), _json_chunks(source, sample, lines, list(header)))


def _json_chunks(
    source: Source, sample: list[str], lines: Iterator[str], header: list[str]
) -> Iterator[Chunk]:
    known, start, block = set(header), 1, sample
    while block:
        rows: list[list[str]] = []
        numbers: list[int] = []
        ragged: list[int] = []
        for number, line in enumerate(block, start):
            value = _json_object(source, line, number)
            if not known.issuperset(value):
                raise DataError(
                    f"Line {number} of {source.name} has a key that the first {_SAMPLE} lines do not have.",
                    "It would be left out without anybody noticing.",
                    "Write every key in the first line, with null where there is nothing.",
                )
            cells = [_cell(value.get(name)) for name in header]
            if None in cells:
                ragged.append(number)
            else:
                rows.append([cell or "" for cell in cells])
                numbers.append(number)
        yield Chunk(numbers, rows, ragged)
        start += len(block)
        block = list(islice(lines, CHUNK_ROWS))


def _json_object(source: Source, line: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise DataError(
            f"Line {number} of {source.name} is no JSON object.",
            "JSON lines hold one object a line, without a list around them.",
            "Correct the line or export the file again.",
        )
    return value


def _cell(value: Any) -> str | None:
    """Return the text of a JSON value; None for one that is none: 1.5 may have been 1.50."""
    if value is None:
        return ""
    if isinstance(value, str):
        return None if not value.isascii() and _SURROGATES(value) else value
    return str(value).lower() if isinstance(value, (bool, int)) else None


def _number(blocks: Iterator[list[list[str]]]) -> Iterator[Chunk]:
    start = 1
    for rows in blocks:
        yield Chunk(list(range(start, start + len(rows))), rows, [])
        start += len(rows)


_USER_COLUMNS = ("useruserid", "userid", "user")


def find_user_column(source: Source, header: list[str]) -> int:
    """Return the column of user ids: `User.UserId`, `user_id` and the like, or the only one there is."""
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in header]
    for wanted in _USER_COLUMNS:
        if plain.count(wanted) == 1:
            return plain.index(wanted)
    if len(header) == 1:
        return 0
    raise DataError(
        f"{source.name} has no column of user ids.",
        f"Its columns are {', '.join(header)}.",
        "Name one of them user_id (or User.UserId).",
    )
