"""Keeps what was refused, and where: counts in memory, lines on disk, never a value.

A place is one number for "line 7 of the second segment file", so that it sorts and travels like a line
number.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from audiences.preparation.sorting import Sorter
from audiences.preparation.told_csv import write_told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

REJECTS = "rejects.csv"
_LINE_BITS = 40  # a file has fewer than a million million lines
OUTSIDE = 9_999 << _LINE_BITS  # of people the suppression list names, whether or not they are in the segment
PLACE_DIGITS = 17
_BLOCK = 10_000  # lines


def place(file: int, line: int) -> int:
    """Return the place of a line in the segment file number `file`, from 0."""
    return file << _LINE_BITS | line


class Rejects:
    """Collects `(place, reason)` pairs; `counts` has them by reason."""

    def __init__(self, folder: Path) -> None:
        """Spill into `folder`."""
        self._sorter = Sorter(folder, "rejects")
        self.counts: Counter[str] = Counter()

    def extend(self, pairs: Iterable[tuple[int, str]]) -> None:
        """Take pairs; those outside the segment are nobody's line."""
        pairs = [pair for pair in pairs if pair[0] < OUTSIDE]
        self.counts.update(reason for _, reason in pairs)
        self._sorter.extend([f"{where:0{PLACE_DIGITS}d}\t{reason}" for where, reason in pairs])

    def adopt(self, run: Path, counts: Mapping[str, int]) -> None:
        """Take a sorted file of lines as `extend` makes them, none outside, and its number by reason."""
        self.counts.update(counts)
        self._sorter.adopt(run)

    def take(self, other: Rejects) -> None:
        """Take what another has collected."""
        self.counts.update(other.counts)
        lines = iter(other._sorter)  # its own kind
        while block := list(islice(lines, _BLOCK)):
            self._sorter.extend(block)

    def write(self, path: Path, files: Sequence[str]) -> None:
        """Write `line,reason,file` in the order of the segment files, `files` being their names."""
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_told(stream, self._told(files))

    def _told(self, files: Sequence[str]) -> Iterator[tuple[object, ...]]:
        yield "line", "reason", "file"
        for text in self._sorter:
            where, _, reason = text.partition("\t")
            number = int(where)
            line = number & ((1 << _LINE_BITS) - 1)
            yield line, reason, files[number >> _LINE_BITS]
