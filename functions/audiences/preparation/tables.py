"""Reads a table, whatever its format, as chunks of text cells: the one reader of both engines.

Lines count records, the header being line 1: the same as the lines of an editor unless a value holds a line
break.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError
from audiences.preparation.dialect import Opened, empty, malformed, open_csv
from audiences.preparation.headers import check_names
from audiences.preparation.parquet import read_parquet
from audiences.preparation.signatures import is_json
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
        return Table(check_names(source, header), _number(parquet))
    lines = read_lines(source)
    first = next(lines, "")
    lines = chain((first,), lines)
    if source.stem.endswith(JSON_ENDINGS) or is_json(first):
        return _read_json_lines(source, lines)
    opened = _open(source, lines)
    return Table(opened.header, _csv_chunks(source, opened))


def read_header(source: Source) -> Opened:
    """Return a file of separated values with its header read. Errors as of `read_table`, and for other files."""
    lines = read_lines(source)
    first = next(lines, "")
    if is_json(first):
        raise DataError(f"{source.name} holds JSON lines.", "Only CSV is read here.", "Export it as CSV.")
    return _open(source, chain((first,), lines))


def _open(source: Source, lines: Iterator[str]) -> Opened:
    opened = open_csv(source, lines)
    return replace(opened, header=check_names(source, opened.header))


def _csv_chunks(source: Source, opened: Opened) -> Iterator[Chunk]:
    start, width = opened.skip + 2, len(opened.header)
    while True:
        try:
            rows = list(islice(opened.reader, CHUNK_ROWS))
        except csv.Error as error:
            raise malformed(source, opened.skip + opened.reader.line_num, error) from None
        if not rows:
            return
        chunk = _sift(rows, start, width)
        if start == opened.skip + 2 and width > 1 and chunk.ragged and not chunk.rows:
            raise DataError(
                f"No row of {source.name} has as many cells as its header.",
                f"The header has {width}, line {chunk.ragged[0]} has {len(rows[chunk.ragged[0] - start])}.",
                "Export it again with one separator for header and rows.",
            )
        yield chunk
        start += len(rows)


def _sift(rows: list[list[str]], start: int, width: int) -> Chunk:
    """Tell the ragged rows apart; a blank line is no row at all."""
    if set(map(len, rows)) == {width}:
        return Chunk(list(range(start, start + len(rows))), rows, [])
    good = [(line, row) for line, row in enumerate(rows, start) if len(row) == width]
    ragged = [line for line, row in enumerate(rows, start) if row and len(row) != width]
    return Chunk([line for line, _ in good], [row for _, row in good], ragged)


def _read_json_lines(source: Source, every: Iterator[str]) -> Table:
    lines = (line for line in every if line and not line.isspace())
    sample = list(islice(lines, _SAMPLE))
    if not sample:
        raise empty(source)
    header: dict[str, None] = {}
    for number, line in enumerate(sample, start=1):
        header.update(dict.fromkeys(json_object(source, line, number)))
    return Table(check_names(source, list(header)), _json_chunks(source, sample, lines, list(header)))


def _json_chunks(
    source: Source, sample: list[str], lines: Iterator[str], header: list[str]
) -> Iterator[Chunk]:
    known, start, block = set(header), 1, sample
    while block:
        rows: list[list[str]] = []
        numbers: list[int] = []
        ragged: list[int] = []
        for number, line in enumerate(block, start):
            value = json_object(source, line, number)
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


def json_object(source: Source, line: str, number: int) -> dict[str, Any]:
    """Return the object of a line. DataError for anything else."""
    try:
        value = json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise DataError(
            f"Line {number} of {source.name} is no JSON object.",
            "JSON lines hold one object a line, each key once, without a list around them.",
            f"Correct the line, or make lines of a list: jq -c '.[]' {source.name} > new.jsonl",
        )
    return value


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, for `json.loads`. ValueError where a key is there twice: it would take the last."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError
    return value


def _cell(value: Any) -> str | None:
    """Return the text of a JSON value; None for one that is none: 1.5 may have been 1.50, and text has no zero."""
    if value is None:
        return ""
    if isinstance(value, str):
        return None if "\0" in value or (not value.isascii() and _SURROGATES(value)) else value
    return str(value).lower() if isinstance(value, (bool, int)) else None


def _number(blocks: Iterator[list[list[str]]]) -> Iterator[Chunk]:
    start = 1
    for rows in blocks:
        bad = {number for number, row in enumerate(rows, start) if "\0" in "".join(row)}
        good = [number for number in range(start, start + len(rows)) if number not in bad]
        yield Chunk(good, [rows[number - start] for number in good] if bad else rows, sorted(bad))
        start += len(rows)
