"""Keeps the list of what a platform holds right, also when two preparations looked at the same older list.

Lines are `key<TAB>field=value…`, sorted by key (`preparation/ledger.py`). Three lists meet here: `base`,
that the preparation compared with; `wanted`, that it wants; `now`, that the platform holds because others
delivered meanwhile.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_BASE, _WANTED, _NOW = range(3)
_Ids = dict[str, None]  # an ordered set


@dataclass(frozen=True)
class Merged:
    """One person: the line to keep (None: nobody), and what to add or take back beyond the prepared parts."""

    key: str
    keep: str | None
    add: str | None = None
    take_back: tuple[str, ...] = ()


def merge(
    base: Iterable[str], wanted: Iterable[str], now: Iterable[str], *, mirror: bool
) -> Iterator[Merged]:
    """Yield every person of the three lists, in key order.

    Without `mirror` a person whom the preparation did not touch stays as others left them. With it the
    wanted list counts: what others brought in since is taken back, whom others took out is added again.
    """
    streams = [_tagged(lines, tag) for tag, lines in enumerate((base, wanted, now))]
    for key, group in groupby(heapq.merge(*streams), key=lambda row: row[0]):
        found: list[str | None] = [None, None, None]
        for _key, tag, line in group:
            found[tag] = line
        yield _decide(key, *found, mirror=mirror)


def _tagged(lines: Iterable[str], tag: int) -> Iterator[tuple[str, int, str]]:
    for line in lines:
        yield line.partition("\t")[0], tag, line


def _decide(key: str, base: str | None, wanted: str | None, now: str | None, *, mirror: bool) -> Merged:
    if wanted == base:  # the parts say nothing about this person
        if not mirror or wanted == now:
            return Merged(key, now)
        gone = tuple(one for one in _ids(now) if one not in _ids(wanted))
        return Merged(key, wanted, wanted, gone)
    if mirror:
        known = {**_ids(base), **_ids(wanted)}
        return Merged(key, wanted, None, tuple(one for one in _ids(now) if one not in known))
    taken = [one for one in _ids(base) if one not in _ids(wanted)]
    kept = [one for one in {**_ids(wanted), **_ids(now)} if one not in taken]
    return Merged(key, "\t".join((key, *kept)) if kept else None)


def _ids(line: str | None) -> _Ids:
    return dict.fromkeys(line.split("\t")[1:]) if line else {}


def without_refused(lines: Iterable[str], values: Collection[str], *, whole_rows: bool) -> Iterator[str]:
    """Yield the lines without what the platform refused, so that the next delivery tries it again.

    values: as they stand after `field=`. With `whole_rows` a person is left out when all of the person's
    values were refused together; otherwise each identifier was sent by itself and goes by itself.
    """
    for line in lines:
        key, *ids = line.split("\t")
        left = [one for one in ids if one.partition("=")[2] not in values]
        if len(left) == len(ids) or (whole_rows and left):
            yield line
        elif left:
            yield "\t".join((key, *left))
