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

from audiences.preparation.ledger import SENT, SIGNAL, parts_of, said_in, split_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_BASE, _WANTED, _NOW = range(3)
_DAY_DIGITS = 8
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
    if _same(wanted, base) and not _sent_again(wanted, base):  # the parts say nothing about this person
        if _same(wanted, now):
            return Merged(key, _later(wanted, now))
        if not mirror:
            return Merged(key, now)
        gone = tuple(one for one in parts_of(now or "") if one not in _ids(wanted))
        return Merged(key, wanted, wanted, gone)
    if mirror:
        known = {**_ids(base), **_ids(wanted)}
        return Merged(key, wanted, None, tuple(one for one in parts_of(now or "") if one not in known))
    taken = [one for one in _ids(base) if one not in _ids(wanted)]
    kept = [one for one in {**_ids(wanted), **_ids(now)} if one not in taken]
    day = split_day(wanted or now or "")[1]
    return Merged(key, "\t".join((key, *kept, *filter(None, [day]))) if kept else None)


def _ids(line: str | None) -> _Ids:
    return dict.fromkeys(said_in(line)) if line else {}


def _same(one: str | None, other: str | None) -> bool:
    """Tell whether two lines hold the same, whatever their days."""
    return one == other or (one is not None and other is not None and _ids(one) == _ids(other))


def _sent_again(wanted: str | None, base: str | None) -> bool:
    """Tell whether somebody who was held is sent all the same, lest the platform forgets."""
    day = split_day(wanted or "")[1]
    return day.startswith(SENT) and day != split_day(base or "")[1]


def _later(one: str | None, other: str | None) -> str | None:
    """Return that of two lines that was sent later."""
    return max((one, other), key=lambda line: split_day(line or "")[1][1:].zfill(_DAY_DIGITS))


def without_refused(
    lines: Iterable[str], values: Collection[str], held: Iterable[str] = (), *, whole_rows: bool
) -> Iterator[str]:
    """Yield the lines without what the platform refused, so that the next delivery tries it again.

    values: as they stand after `field=`. With `whole_rows` a person is left out when all of the person's
    values were refused together; otherwise each identifier was sent by itself and goes by itself.
    held: lines of before. Who was held and refused when sent again is still there, with the day of before.
    """
    before = iter(held)
    old: str | None = ""
    for line in lines:
        bare, day = split_day(line)
        key, *ids = bare.split("\t")
        known = [one for one in ids if not one.startswith(SIGNAL)]
        left = [one for one in known if one.partition("=")[2] not in values]
        if len(left) == len(known) or (whole_rows and left):
            yield line
            continue
        while old is not None and old.partition("\t")[0] < key:
            old = next(before, None)
        if old is not None and old.partition("\t")[0] == key and _same(old, line):
            yield old
        elif left:
            signals = (one for one in ids if one.startswith(SIGNAL))
            yield "\t".join((key, *left, *signals, *filter(None, [day])))


def with_still_there(lines: Iterable[str], values: Collection[str], held: Iterable[str]) -> Iterator[str]:
    """Yield the lines with whom the platform refused to take out, so that the next delivery tries it again.

    values: as they stand after `field=`, of the refused removals. held: the lines of before.
    """
    for _key, group in groupby(heapq.merge(_tagged(lines, _NOW), _tagged(held, _BASE)), lambda row: row[0]):
        found = {tag: line for _, tag, line in group}
        now, before = found.get(_NOW), found.get(_BASE, "")
        back = [one for one in parts_of(before) if one.partition("=")[2] in values] if before else []
        if not back:
            if now is not None:
                yield now
        elif now is None:
            bare, day = split_day(before)
            yield "\t".join((bare.split("\t")[0], *back, *filter(None, [day])))
        else:
            bare, day = split_day(now)
            more = (one for one in back if one not in parts_of(now))
            yield "\t".join((bare, *more, *filter(None, [day])))
