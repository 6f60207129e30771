"""CSV text to typed columns, checked against the Avro schema, in one streaming pass.

Text columns are kept as codes into a list of distinct values: a million rows cost megabytes, and both
learning and queries work on the distinct values only.

Assumed where AWS's guide is silent: header names match exactly and may come in any order; every field of the
schema must be a column, columns outside the schema are ignored; an empty cell is null; a byte order mark or a
quoted header makes the name unequal to the schema's, as the guide forbids both by asking for plain headers.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from local.personalize.errors import JobFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from local.personalize.schemas import Field, Schema

_CHUNK = 50_000
_LONGEST = {"USER_ID": 256, "ITEM_ID": 256, "EVENT_TYPE": 256}  # characters; limits.html
_INTEGER_LIMITS = {"int": 2**31, "long": 2**63}
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Column:
    """One column: numbers (NaN = null), or for text the codes into `words` (-1 = null)."""

    values: Array
    words: list[str] | None = None

    def matching(self, test: Callable[[str], bool]) -> Array:
        """Return for each row of a text column whether its word passes; null never does."""
        passed = [test(word) for word in self.words or []]
        return np.array([*passed, False], dtype=bool)[self.values]


@dataclass(frozen=True)
class Table:
    """Typed columns of equal length."""

    columns: dict[str, Column]
    rows: int

    def keep(self, wanted: Array) -> Table:
        """Return the rows where `wanted` is true."""
        columns = {name: Column(column.values[wanted], column.words) for name, column in self.columns.items()}
        return Table(columns, int(np.count_nonzero(wanted)))


@dataclass
class TableReader:
    """Collects one table from one or more CSV files of the same schema."""

    schema: Schema
    rows: int = 0
    _chunks: dict[str, list[Array]] = field(default_factory=dict)
    _words: dict[str, dict[str, int]] = field(default_factory=dict)

    def read(self, name: str, lines: Iterable[str]) -> None:
        """Add the rows of a file. Raises JobFailed naming the file, column and line of what is wrong."""
        source = iter(lines)
        header = next(source, "").rstrip("\r\n").split(",")
        positions = self._positions(name, header)
        reader = csv.reader(source)
        line = 2
        try:
            while rows := list(islice(reader, _CHUNK)):
                self._add(name, line, rows, len(header), positions)
                line += len(rows)
        except csv.Error as error:
            raise JobFailed(
                f"Input CSV {name} cannot be read near line {reader.line_num + 1}: {error}."
            ) from error

    def table(self) -> Table:
        """Return everything read so far."""
        columns = {}
        for each in self.schema.fields:
            chunks = self._chunks.get(each.name) or [np.empty(0, dtype=np.int64)]
            words = list(self._words.get(each.name, {})) if each.type in ("string", "boolean") else None
            columns[each.name] = Column(np.concatenate(chunks), words)
        return Table(columns, self.rows)

    def _positions(self, name: str, header: list[str]) -> dict[str, int]:
        missing = [each.name for each in self.schema.fields if each.name not in header]
        if missing:
            hint = " The file starts with a byte order mark." if header[0].startswith("\ufeff") else ""
            raise JobFailed(
                f"Input CSV is missing the following columns: [{', '.join(missing)}]. File: {name}.{hint}"
            )
        twice = [each.name for each in self.schema.fields if header.count(each.name) > 1]
        if twice:
            raise JobFailed(
                f"Input CSV has the following columns more than once: [{', '.join(twice)}]. File: {name}."
            )
        return {each.name: header.index(each.name) for each in self.schema.fields}

    def _add(
        self, name: str, first_line: int, rows: list[list[str]], width: int, positions: dict[str, int]
    ) -> None:
        lines: list[int] | range = range(first_line, first_line + len(rows))
        if not all(rows):  # blank lines are no records
            lines = [line for line, row in zip(lines, rows, strict=True) if row]
            rows = [row for row in rows if row]
        if set(map(len, rows)) - {width}:
            line, row = next((at, row) for at, row in zip(lines, rows, strict=True) if len(row) != width)
            raise JobFailed(
                f"Input CSV {name}, line {line}: {len(row)} values where the header has {width} columns."
            )
        cells = list(zip(*rows, strict=True))
        for each in self.schema.fields:
            if rows:
                values = self._convert(each, cells[positions[each.name]], name, lines)
                self._chunks.setdefault(each.name, []).append(values)
        self.rows += len(rows)

    def _convert(self, each: Field, cells: tuple[str, ...], name: str, lines: list[int] | range) -> Array:
        try:
            return self._convert_all(each, cells)
        except (ValueError, OverflowError) as error:
            for cell, line in zip(cells, lines, strict=True):
                try:
                    self._convert_all(each, (cell,))
                except (ValueError, OverflowError) as problem:
                    # The value itself may be personal data, so it is not repeated.
                    raise JobFailed(
                        f"Input CSV {name}, line {line}, column {each.name}: {problem}."
                    ) from error
            raise

    def _convert_all(self, each: Field, cells: tuple[str, ...]) -> Array:
        if each.type in ("string", "boolean"):
            return self._encode(each, cells)
        if not each.nullable and "" in cells:
            raise ValueError("a value is required, the cell is empty")
        if each.type in _INTEGER_LIMITS and "" not in cells:
            return _integers(each, cells)
        for cell in cells if each.type in _INTEGER_LIMITS else ():
            if cell and not _INTEGER.fullmatch(cell):
                raise ValueError(f"not a value of type {each.type}")
        try:
            return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
        except ValueError as error:
            raise ValueError(f"not a value of type {each.type}") from error

    def _encode(self, each: Field, cells: tuple[str, ...]) -> Array:
        if each.type == "boolean":
            cells = tuple(map(str.lower, cells))
            if set(cells) - {"true", "false", ""}:
                raise ValueError("not a value of type boolean")
        if "" in cells and not each.nullable:
            raise ValueError("a value is required, the cell is empty")
        longest = _LONGEST.get(each.name, 0)
        if longest and max(map(len, cells)) > longest:
            raise ValueError(f"Length cannot be more than {longest} characters for {each.name}")
        words = self._words.setdefault(each.name, {})
        codes = [words.setdefault(cell, len(words)) if cell else -1 for cell in cells]
        return np.array(codes, dtype=np.int32)


def _integers(each: Field, cells: tuple[str, ...]) -> Array:
    try:
        numbers = np.array(list(map(int, cells)), dtype=np.int64)
    except ValueError as error:
        raise ValueError(f"not a value of type {each.type}") from error
    except OverflowError as error:
        raise OverflowError(f"too large for type {each.type}") from error
    if each.type == "int" and len(numbers) and np.abs(numbers).max() > _INTEGER_LIMITS["int"]:
        raise OverflowError("too large for type int")
    return numbers


def text_lines(chunks: Iterator[str]) -> Iterator[str]:
    """Cut decoded text into lines, each with its line feed."""
    rest = ""
    for chunk in chunks:
        rest += chunk
        *lines, rest = rest.split("\n")
        for line in lines:
            yield line + "\n"
    if rest:
        yield rest
