"""Brings a segment's user ids and the customers' rows together in bounded memory.

Small segments are held as a dictionary. Bigger ones are spread with their customers over files by a hash of
the user id, so that one file at a time fits; a bitmap of the segment keeps the customers outside it off the
disk.
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from zlib import crc32

from audiences.identity.blanks import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from audiences.preparation.fields import Layout
    from audiences.preparation.rejects import Rejects
    from audiences.preparation.tables import Chunk

MEMORY_IDS = 200_000  # about 25 MB
BUCKETS = 64  # files a side: 64 x MEMORY_IDS ids keep the bound, more only stretch it
_BIT_MASK = (1 << 27) - 1  # a bitmap of 16 MiB: 5 M ids let 4 % of the others through, which the join drops
_BATCH = 10_000


@dataclass(frozen=True)
class Matched:
    """A batch of matched rows: their places in the segment, the user ids, and the columns by field.

    further: they are further rows of people whose first row is in another batch. Only a no in them counts.
    """

    places: list[int]
    users: list[str]
    columns: dict[str, list[str]]
    further: bool = False


@dataclass
class Left:
    """What found no partner: rejected places of the segment, repeated and ragged rows of customers."""

    rejects: Rejects
    doubles: int = 0
    ragged: int = 0


def join(
    ids: Iterable[tuple[int, str]],
    customers: Iterable[tuple[Layout, Chunk]],
    wanted: Sequence[str],
    folder: Path,
    left: Left,
    memory_ids: int = MEMORY_IDS,
) -> Iterator[Matched]:
    """Yield the rows of `customers` whose user id is in `ids`; note the rest in `left`.

    The first line of an id and the first row of a customer count; later lines are duplicates, later rows
    doubles, yielded as `further`.
    """
    segment: dict[str, int] = {}
    rest = iter(ids)
    while block := list(islice(rest, _BATCH)):
        left.rejects.extend(_note(segment, block))
        if len(segment) >= memory_ids:
            yield from _join_on_disk(segment, rest, customers, wanted, folder, left)
            return
    yield from _match(segment, _blocks(customers, wanted, left), wanted, left)


def _note(segment: dict[str, int], block: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Remember the first place of each id; yield the places of ids seen before and of none."""
    for where, user in block:
        if not user:
            yield where, "no_user_id"
        elif segment.setdefault(user, where) != where:
            yield where, "duplicate"


@dataclass(frozen=True)
class _Block:
    """Rows of customers: the column of the user id, and those of the wanted fields, None for a missing one."""

    rows: list[list[str]]
    user: int
    places: list[int | None]

    def cells(self, row: list[str]) -> list[str]:
        """Return the wanted cells of a row."""
        return ["" if at is None else row[at] for at in self.places]


def _blocks(customers: Iterable[tuple[Layout, Chunk]], wanted: Sequence[str], left: Left) -> Iterator[_Block]:
    for layout, chunk in customers:
        left.ragged += len(chunk.ragged)
        yield _Block(chunk.rows, layout.user or 0, [layout.at(name) for name in wanted])


def _match(
    segment: dict[str, int], blocks: Iterable[_Block], wanted: Sequence[str], left: Left
) -> Iterator[Matched]:
    """Yield the matches of one dictionary; who remains has no identity. Found places turn negative."""
    for block in blocks:
        users = [row[block.user].strip(BLANKS) for row in block.rows]
        first: list[tuple[int, list[str]]] = []
        further: list[tuple[int, list[str]]] = []
        for user, where, row in zip(users, map(segment.get, users), block.rows, strict=True):
            if where is None:
                continue
            if (known := segment[user]) < 0:  # found earlier, perhaps in this block
                further.append((~known, row))
            else:
                segment[user] = ~where
                first.append((where, row))
        left.doubles += len(further)
        for found in (first, further):
            if found:
                yield _gather(found, block, wanted, further=found is further)
    unmatched = iter([where for where in segment.values() if where >= 0])
    while some := list(islice(unmatched, _BATCH)):
        left.rejects.extend((where, "no_identity") for where in some)


def _gather(
    found: list[tuple[int, list[str]]], block: _Block, wanted: Sequence[str], *, further: bool
) -> Matched:
    rows = [row for _, row in found]
    columns = {
        name: [""] * len(rows) if at is None else [row[at] for row in rows]
        for name, at in zip(wanted, block.places, strict=True)
    }
    return Matched(
        [where for where, _ in found], [row[block.user].strip(BLANKS) for row in rows], columns, further
    )


def _join_on_disk(
    segment: dict[str, int],
    rest: Iterator[tuple[int, str]],
    customers: Iterable[tuple[Layout, Chunk]],
    wanted: Sequence[str],
    folder: Path,
    left: Left,
) -> Iterator[Matched]:
    bits = bytearray((_BIT_MASK + 1) // 8)

    def spread_ids() -> Iterator[list[list[str]]]:
        yield [[user, str(where)] for user, where in segment.items()]
        segment.clear()
        while block := list(islice(rest, _BATCH)):
            left.rejects.extend((where, "no_user_id") for where, user in block if not user)
            yield [[user, str(where)] for where, user in block if user]

    def spread_rows() -> Iterator[list[list[str]]]:
        for block in _blocks(customers, wanted, left):
            yield [[row[block.user].strip(BLANKS), *block.cells(row)] for row in block.rows]

    _spread(spread_ids(), folder, "ids", bits, filling=True)
    _spread(spread_rows(), folder, "rows", bits, filling=False)
    del bits
    places: list[int | None] = [*range(1, len(wanted) + 1)]
    for number in range(BUCKETS):
        bucket: dict[str, int] = {}
        for block in _read(folder / f"ids-{number}"):
            left.rejects.extend(_note(bucket, ((int(where), user) for user, where in block)))
        rows = (_Block(block, 0, places) for block in _read(folder / f"rows-{number}"))
        yield from _match(bucket, rows, wanted, left)


def _spread(
    blocks: Iterable[list[list[str]]], folder: Path, name: str, bits: bytearray, *, filling: bool
) -> None:
    """Write rows to bucket files by the hash of their first cell, filling the bitmap or asking it."""
    with ExitStack() as stack:
        files = [
            stack.enter_context((folder / f"{name}-{number}").open("w", encoding="utf-8", newline=""))
            for number in range(BUCKETS)
        ]
        # "\r\n" makes the writer quote a lone "\r" in a cell as well.
        writers = [csv.writer(file, lineterminator="\r\n") for file in files]
        for block in blocks:
            buckets: list[list[list[str]]] = [[] for _ in range(BUCKETS)]
            for row in block:
                code = crc32(row[0].encode())
                bit = code & _BIT_MASK
                if filling:
                    bits[bit >> 3] |= 1 << (bit & 7)
                    buckets[code >> 26].append(row)
                elif bits[bit >> 3] >> (bit & 7) & 1:
                    buckets[code >> 26].append(row)
            for writer, rows in zip(writers, buckets, strict=True):
                writer.writerows(rows)


def _read(path: Path) -> Iterator[list[list[str]]]:
    """Yield the rows of a bucket file in blocks, then delete it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        while block := list(islice(rows, _BATCH)):
            yield block
    path.unlink()
