"""Takes the decisions and turns them into files: parts to add, parts to remove, and the next ledger.

Removals wait until everybody is known, because a phone number can belong to two people: what somebody who
stays is matched by is never taken back.
"""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import ExitStack
from functools import partial
from itertools import groupby, islice
from typing import TYPE_CHECKING, Self

from audiences.preparation.ledger import HASHED, NAME, parts_of, write_ledger
from audiences.preparation.parts import Part, PartWriter
from audiences.preparation.sorting import Sorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from audiences.preparation.rejects import Rejects
    from audiences.preparation.shape import Shape

    Resolve = Callable[[set[str]], dict[str, str]]

_BLOCK = 200_000  # identifiers to take back that are held in memory at a time


class Output:
    """The sink of a settlement (see `settle.Sink`). `dry` counts and compares, and writes no parts."""

    def __init__(
        self, folder: Path, work: Path, shape: Shape, fields: Sequence[str], rejects: Rejects, *, dry: bool
    ) -> None:
        """Write parts and ledger into `folder`, what is only needed meanwhile into `work`."""
        self._folder, self._work, self._shape, self._dry = folder, work, shape, dry
        self._rejects, self._fields = rejects, list(fields)
        self._keys = [name for name in fields if name in shape.keys]
        self._open = ExitStack()
        self._adds = self._writers("add", self._fields)
        self._whole_rows = self._adds[None].writer if None in self._adds else None
        self._removals = self._open.enter_context(
            (work / "removals").open("w", encoding="utf-8", newline="\n")
        )
        self._wanted = self._open.enter_context(write_ledger(folder / NAME))
        self.granted = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close whatever a failure left open."""
        self._open.close()
        for rows in self._adds.values():
            rows.writer.close()

    def _writers(self, operation: str, fields: list[str]) -> dict[str | None, Rows]:
        """Return the writers by identifier, or one under None for whole rows."""
        make = partial(PartWriter, self._folder, self._shape, operation)
        if not self._shape.one_identifier:
            return {None: Rows(make(fields))}
        return {
            name: Rows(
                make([name], identifier=name), Sorter(self._work, f"{operation}-{name}") if number else None
            )
            for number, name in enumerate(self._keys)
        }

    def add(self, values: str, granted: bool) -> None:
        """Write a row to add."""
        self.granted += granted
        if self._dry:
            return
        if self._whole_rows:
            self._whole_rows.write_text(values, granted)
        else:
            self._spread(self._adds, dict(zip(self._fields, values.split("\t"), strict=True)))

    def _spread(self, writers: dict[str | None, Rows], row: dict[str, str]) -> None:
        """Write a row to remove, or each identifier to its own parts."""
        for name, rows in writers.items():
            if name is None:
                rows.writer.write([row.get(field, "") for field in self._keys])
            elif value := row.get(name):
                rows.write(value)

    def remove(self, line: str, reason: str) -> None:
        """Note what may be taken back."""
        self._removals.write(f"{reason}\t{line}\n")

    def keep(self, line: str) -> None:
        """Write a line of the next ledger."""
        self._wanted.write(line)

    def reject(self, where: int, reason: str) -> None:
        """Note a refused row."""
        self._rejects.extend([(where, reason)])

    def finish(self, resolve: Resolve | None) -> Removed:
        """Write what is still open, then the removals. `resolve` finds plain values by their hash."""
        self._open.close()
        removed = Removed()
        writers = {} if self._shape.whole else self._writers("remove", self._keys)
        for block in self._removal_blocks():
            self._remove_block(block, writers, resolve, removed)
        for rows in (*self._adds.values(), *writers.values()):
            removed.parts += rows.close()
        return removed

    def _remove_block(
        self,
        block: list[list[str]],
        writers: dict[str | None, Rows],
        resolve: Resolve | None,
        removed: Removed,
    ) -> None:
        parts = {part for row in block for part in row[2:]}
        shared = self._still_wanted(parts)
        hashed = {part.partition("=")[2] for part in parts - shared if f"={HASHED}" in part}
        plain = resolve(hashed) if resolve and hashed else {}
        for reason, _key, *ids in block:
            rows: list[dict[str, str]] = []  # more than one where a person has two values of a field
            for part in ids:
                name, _, value = part.partition("=")
                if part in shared:
                    continue
                if value.startswith(HASHED):
                    if value not in plain:
                        removed.unresolved += 1
                        continue
                    value = plain[value]
                row = next((row for row in rows if name not in row), None)
                if row is None:
                    rows.append(row := {})
                row[name] = value
            if rows:
                removed.rows[reason] += 1
                for row in () if self._dry else rows:
                    self._spread(writers, row)
            else:
                removed.dropped[reason] += 1

    def _removal_blocks(self) -> Iterator[list[list[str]]]:
        with (self._work / "removals").open(encoding="utf-8", newline="\n") as file:
            rows = (line[:-1].split("\t") for line in file)
            while block := list(islice(rows, _BLOCK)):
                yield block

    def _still_wanted(self, parts: set[str]) -> set[str]:
        """Return those of the `field=value` parts that somebody in the next ledger is matched by."""
        found: set[str] = set()
        with gzip.open(self._folder / NAME, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                found.update(part for part in parts_of(line[:-1]) if part in parts)
        return found

    @property
    def wanted(self) -> int:
        """Return how many people the platform holds when everything is delivered."""
        return self._wanted.count

    @property
    def wanted_sha256(self) -> str:
        """Return the digest of the next ledger's lines, unpacked."""
        return self._wanted.digest.hexdigest()


class Rows:
    """A writer; with a sorter its values are made unique: an id that people share is sent once.

    The strongest identifier needs none: its values arrive sorted and unique.
    """

    def __init__(self, writer: PartWriter, sorter: Sorter | None = None) -> None:
        """Write to `writer`, by way of `sorter`."""
        self.writer, self._sorter = writer, sorter

    def write(self, value: str) -> None:
        """Take one value."""
        if self._sorter is None:
            self.writer.write_text(value)
        else:
            self._sorter.extend([value])

    def close(self) -> list[Part]:
        """Write what is still open and return the parts."""
        for value, _ in groupby(self._sorter or ()):
            self.writer.write_text(value)
        self.writer.close()
        return self.writer.parts


class Removed:
    """What was written to remove. rows, dropped: people by reason; unresolved: ids nobody has plain."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.rows: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.unresolved = 0
        self.parts: list[Part] = []
