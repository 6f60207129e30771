"""Sorts more lines than fit into memory: sorted runs on local disk, merged while reading.

Lines are text without line ends. Runs hold personal data only where a platform takes it plain; the folder
is the caller's temporary one, deleted with it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SLICE = 5_000  # lines
BLOCK = 1 << 18  # bytes of a run held while merging
RUN_LINES = 100_000  # at 250 bytes a line about 30 MB of memory


class Sorter:
    """Takes lines in any order, gives them back sorted by code point."""

    def __init__(self, folder: Path, name: str, run_lines: int = RUN_LINES) -> None:
        """Keep runs in `folder` as `<name>-<n>`, each of `run_lines` lines."""
        self._folder, self._name, self._limit = folder, name, run_lines
        self._lines: list[str] = []
        self._runs: list[Path] = []

    def extend(self, lines: Iterable[str]) -> None:
        """Take lines."""
        self._lines.extend(lines)
        if len(self._lines) >= self._limit:
            self._write_run()

    def adopt(self, run: Path) -> None:
        """Take the sorted lines of a file."""
        self._runs.append(run)

    def __iter__(self) -> Iterator[str]:
        """Yield all lines in order."""
        self._lines.sort()
        if not self._runs:
            return iter(self._lines)
        return _merge([_blocks(run) for run in self._runs] + [iter([self._lines] if self._lines else [])])

    def _write_run(self) -> None:
        self._lines.sort()
        run = self._folder / f"{self._name}-{len(self._runs)}"
        with run.open("w", encoding="utf-8", newline="\n") as file:
            for start in range(0, len(self._lines), _SLICE):  # a joined copy of all would double the memory
                file.write("\n".join(self._lines[start : start + _SLICE]) + "\n")
        self._runs.append(run)
        self._lines = []


def _blocks(path: Path) -> Iterator[list[str]]:
    """Yield a run in blocks of whole lines."""
    with path.open(encoding="utf-8", newline="\n") as file:
        while lines := file.readlines(BLOCK):
            yield [line[:-1] for line in lines]


def _merge(runs: list[Iterator[list[str]]]) -> Iterator[str]:
    """Merge sorted runs block by block: what is not above the lowest end of a block is final.

    Sorting the heads of all runs together costs a fifth of a heap of single lines: `list.sort` sees the runs.
    """
    heads = [(block, run) for run in runs if (block := next(run, None))]
    while heads:
        bound = min(block[-1] for block, _ in heads)
        ready: list[str] = []
        kept = []
        for block, run in heads:
            cut = bisect_right(block, bound)
            ready += block[:cut]
            rest: list[str] | None = block[cut:] or next(run, None)
            if rest:
                kept.append((rest, run))
        ready.sort()
        yield from ready
        heads = kept
