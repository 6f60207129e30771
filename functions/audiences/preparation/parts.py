"""Writes rows in a platform's form, as files that each fit one request, with a checksum."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import StringIO
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from audiences.preparation.shape import Kind, Shape

_HELD = 2_000  # rows
ENDINGS: dict[Kind, str] = {
    "matrix": "json",
    "objects": "json",
    "csv": "csv",
    "ndjson": "ndjson",
    "lines": "txt",
}


@dataclass(frozen=True)
class Part:
    """One file. operation: add or remove; identifier: set where a file holds one kind only."""

    file: str
    operation: str
    identifier: str | None
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Form:
    """How rows become a file: before + rows with `between` + after.

    rows: from rows, each its values joined by tabs, and "consent was given" for each, to their text.
    """

    before: str
    between: str
    after: str
    rows: Callable[[list[str], list[bool]], str]


# What neither JSON nor CSV has to escape: digests and most plain values. Blocks of them are rendered at once.
_PLAIN = re.compile(r"[A-Za-z0-9+/=@._:\-\t\n ]*").fullmatch
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def compile_form(shape: Shape, kind: Kind, fields: Sequence[str]) -> Form:
    """Return the form of rows whose values stand in the order of `fields`; an empty value is "not there"."""
    names = [shape.names[name] for name in fields]
    if kind == "matrix":
        typed = {at: shape.typed[name] for at, name in enumerate(fields) if name in shape.typed}
        rows = partial(_typed_rows, typed) if typed else _matrix_rows
        return Form(f'{{"schema":{_JSON(names)},"data":[', ",", "]}", rows)
    if kind == "csv":
        return Form(_csv_rows(["\t".join(names)], []), "", "", _csv_rows)
    if kind == "lines":
        return Form("", "", "", lambda rows, _granted: "\n".join(rows) + "\n")
    member = shape.member

    def build(row: str, granted: bool) -> str:
        values = row.split("\t")
        if member is None:
            return _JSON({name: value for name, value in zip(names, values, strict=True) if value})
        return _JSON(
            member({name: value for name, value in zip(fields, values, strict=True) if value}, granted)
        )

    between = "," if kind == "objects" else "\n"
    edges = ("[", "]") if kind == "objects" else ("", "\n")
    return Form(edges[0], between, edges[1], lambda rows, granted: between.join(map(build, rows, granted)))


def _matrix_rows(rows: list[str], _granted: list[bool]) -> str:
    block = "\n".join(rows)
    if _PLAIN(block):
        return '["' + block.replace("\t", '","').replace("\n", '"],["') + '"]'
    return ",".join([_JSON(row.split("\t")) for row in rows])


def _typed_rows(typed: Mapping[int, Callable[[str], Any]], rows: list[str], _granted: list[bool]) -> str:
    """Return rows of which some values are no texts: lists and numbers."""
    found = []
    for row in rows:
        values: list[Any] = [*row.split("\t")]
        for at, read in typed.items():
            values[at] = read(values[at])
        found.append(_JSON(values))
    return ",".join(found)


def _csv_rows(rows: list[str], _granted: list[bool]) -> str:
    block = "\n".join(rows)
    if _PLAIN(block) and "" not in rows:
        return block.replace("\t", ",") + "\n"
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(row.split("\t") for row in rows)
    return text.getvalue()


class PartWriter:
    """Writes `part-<operation>[-<identifier>]-<n>` files into a folder; `parts` lists them after `close`."""

    def __init__(
        self,
        folder: Path,
        shape: Shape,
        operation: str,
        fields: Sequence[str],
        *,
        identifier: str | None = None,
    ) -> None:
        """Write rows whose values stand in the order of `fields`."""
        self._folder, self._operation, self._identifier = folder, operation, identifier
        kind = shape.kind_for(tuple(fields))
        self._form, self._ending = compile_form(shape, kind, fields), ENDINGS[kind]
        self._most_rows, self._most_bytes = shape.max_rows, shape.max_bytes
        self._edges = len(f"{self._form.before}{self._form.after}".encode())
        self._between = self._form.between.encode()
        self._file: BinaryIO | None = None
        self._digest = sha256()
        self._held: list[str] = []  # rows not written yet
        self._granted: list[bool] = []
        self._rows, self._size = 0, self._edges
        self.parts: list[Part] = []

    def write(self, values: Sequence[str]) -> None:
        """Take one row."""
        self.write_text("\t".join(values))

    def write_text(self, values: str, granted: bool = False) -> None:
        """Take one row, its values joined by tabs."""
        self._held.append(values)
        self._granted.append(granted)
        if len(self._held) == _HELD:
            self._drain()

    def write_rows(self, rows: list[str]) -> None:
        """Take many rows, nobody's consent being told."""
        self._held += rows
        self._granted += [False] * len(rows)
        if len(self._held) >= _HELD:
            self._drain()

    def _drain(self) -> None:
        rows, granted = self._held, self._granted
        self._held, self._granted = [], []
        if rows:
            self._place(rows, granted)

    def _place(self, rows: list[str], granted: list[bool]) -> None:
        """Write a block of rows into the part begun if it fits, else half by half: as if row by row."""
        data = self._form.rows(rows, granted).encode()
        size = len(data) + (len(self._between) if self._rows else 0)
        if self._rows + len(rows) <= self._most_rows and self._size + size <= self._most_bytes:
            self._put(data, len(rows))
        elif len(rows) > 1:
            half = len(rows) // 2
            self._place(rows[:half], granted[:half])
            self._place(rows[half:], granted[half:])
        else:
            if self._rows:
                self._end()
            self._put(data, 1)

    def _put(self, data: bytes, rows: int) -> None:
        if self._file is None:
            self._file = (self._folder / self._name).open("wb")
            self._emit(self._form.before.encode())
        else:
            self._emit(self._between)
            self._size += len(self._between)
        self._emit(data)
        self._size += len(data)
        self._rows += rows

    def _emit(self, data: bytes) -> None:
        if self._file:
            self._file.write(data)
            self._digest.update(data)

    @property
    def _name(self) -> str:
        kind = f"-{self._identifier}" if self._identifier else ""
        return f"part-{self._operation}{kind}-{len(self.parts) + 1:05d}.{self._ending}"

    def close(self) -> None:
        """Write what is held back and end the part begun, if any."""
        self._drain()
        self._end()

    def _end(self) -> None:
        if self._file is None:
            return
        self._emit(self._form.after.encode())
        self._file.close()
        digest = self._digest.hexdigest()
        self.parts.append(Part(self._name, self._operation, self._identifier, self._rows, self._size, digest))
        self._file, self._digest = None, sha256()
        self._rows, self._size = 0, self._edges
