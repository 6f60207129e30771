"""Decides person by person what to tell the platform: sorted verdicts against the sorted ledger, one pass.

Both engines end here, so de-duplication, opt-outs and the difference to the ledger cannot depend on the
engine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from audiences.preparation.classify import DENIED, GRANTED, LIMITED, SENDABLE, SUPPRESSED, UNREADABLE
from audiences.preparation.ledger import parts_of, split_day
from audiences.preparation.rejects import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from audiences.preparation.ledger import LineFormat
    from audiences.preparation.listed import Listed
    from audiences.preparation.refresh import Refresh
    from audiences.preparation.request import Mode

    Row = list[str]  # key, place, flag, guards, values joined by tabs


class Sink(Protocol):
    """Where decisions go."""

    def add(self, values: str, granted: bool) -> None:
        """Tell the platform about a person: the values in the order of the fields, joined by tabs."""

    def remove(self, line: str, reason: str) -> None:
        """Take a person, or some of a person's identifiers, back: `key<TAB>field=value…`, values whole."""

    def keep(self, line: str) -> None:
        """Note a ledger line of somebody the platform holds afterwards."""

    def reject(self, where: int, reason: str) -> None:
        """Refuse a row of the segment."""


@dataclass
class Tally:
    """Rows of the segment: sent, unchanged, suppressed. held: people before. removed: people by reason.

    refreshed: of those sent, whom the platform holds and would forget.
    """

    sent: int = 0
    refreshed: int = 0
    unchanged: int = 0
    suppressed: int = 0
    held: int = 0
    removed: Counter[str] = field(default_factory=Counter)


class Settlement:
    """One pass. `listed` knows what the suppression lists name."""

    def __init__(
        self,
        mode: Mode,
        lines: LineFormat,
        listed: Listed,
        sink: Sink,
        vetoes: Mapping[int, str],
        *,
        ledger: bool,
        whole: bool,
        holding: bool = False,
        refresh: Refresh | None = None,
    ) -> None:
        """Prepare a pass. Without a `ledger` a removal is sent for everybody.

        `vetoes`: place -> the flag that a further row of the same user id has. `whole`: what is not sent is
        gone, so everybody wanted is sent and nobody else stays. `holding`: a guard stopped the audience, so
        it stays as it is but for those who opted out or withdrew consent. `refresh`: where people are forgotten.
        """
        self._whole, self._holding, self._refresh = whole, holding, refresh
        mode = "add" if holding else "mirror" if whole else mode
        self._mode, self._format, self._listed, self._sink = mode, lines, listed, sink
        self._known, self._vetoes = ledger, vetoes
        self.tally = Tally()

    def run(self, verdicts: Iterable[str], held: Iterable[str]) -> Tally:
        """Decide about everybody in the verdicts and in the ledger."""
        decide: Callable[[list[Row], str | None], None] = (
            self._decide_removal if self._mode == "remove" else self._decide
        )
        for rows, line in pair(verdicts, held):
            self.tally.held += line is not None
            decide(rows, line)
        return self.tally

    def _decide(self, rows: list[Row], held: str | None) -> None:
        """Decide in the modes add and mirror."""
        if len(rows) > 1 and not self._holding:
            rows = self._without_strangers(rows)
        noes = self._noes(rows)
        if len(rows) == 1 and rows[0][2] in SENDABLE and not noes:
            self._welcome(rows[0], held)
            return
        flags = {row[2] for row in rows} | noes
        wanted = [row for row in rows if row[2] in SENDABLE]
        if SUPPRESSED in flags:
            self.tally.suppressed += sum(int(row[1]) < OUTSIDE for row in wanted)
            self._leave_whole(held, "opted_out")
        elif DENIED in flags or UNREADABLE in flags:
            self._reject(wanted, "consent_denied" if DENIED in flags else "consent_unreadable")
            self._leave_whole(held, "consent_withdrawn")
        elif wanted:
            first, *others = self._rank(wanted)
            self._reject(others, "duplicate")
            values = self._format.limit(first[4], [row[4] for row in others], limited=LIMITED in flags)
            self._welcome([*first[:4], values], held)
        elif held is not None:
            self._decide_absent(held, asked=bool(rows))

    def _without_strangers(self, rows: list[Row]) -> list[Row]:
        """Leave out accounts outside the segment that refuse, where one in it is of the same person.

        Their no takes out whom nobody wants; it speaks for another account only if an opt-out list names it.
        """
        if all(int(row[1]) > OUTSIDE for row in rows):
            return rows
        return [
            row
            for row in rows
            if int(row[1]) <= OUTSIDE or SUPPRESSED in (row[2], self._vetoes.get(int(row[1])))
        ]

    def _noes(self, rows: list[Row]) -> set[str]:
        """Return the flags of what speaks against rows, found elsewhere than in them."""
        noes = set()
        if self._vetoes:
            noes = {self._vetoes[place] for row in rows if (place := int(row[1])) in self._vetoes}
        if self._listed.spreads and any(
            row[2] in SENDABLE and self._listed.shares(self._parts(row), row[3]) for row in rows
        ):
            noes.add(SUPPRESSED)
        return noes

    def _rank(self, rows: list[Row]) -> list[Row]:
        """Return the rows of one person, the one that is sent first: by what they hold, never by their order.

        Two accounts of one person would else be sent in turns, each time a segment comes in another order. Rows
        of the segment come before others, then those that have the yes on file, that have more to be matched by;
        of equals, the one that is first in the alphabet.
        """
        return sorted(
            rows,
            key=lambda row: (
                int(row[1]) >= OUTSIDE,
                row[2] != GRANTED,
                -sum(map(bool, row[4].split("\t"))),
                row[4],
                row[1],
            ),
        )

    def _parts(self, row: Row) -> list[str]:
        return parts_of(self._format.line(row[0], row[4]))

    def _decide_absent(self, held: str, *, asked: bool) -> None:
        """Decide about somebody held whom nobody wants; `asked`: consent is needed and missing."""
        if self._listed.names(parts_of(held)):
            self._leave_whole(held, "opted_out")
        elif asked:
            self._leave_whole(held, "consent_withdrawn")
        elif self._mode == "mirror":
            self._leave_whole(held, "left_segment")
        else:
            self._stay(held)

    def _stay(self, held: str, row: Row | None = None) -> None:
        """Leave somebody as the platform holds them; where it takes whole audiences, that is sent again."""
        self._sink.keep(self._refresh.dated(held) if self._refresh else held)
        if self._holding and self._whole:
            values = row[4] if row else self._format.row(held)
            self._sink.add(values, row is not None and row[2] == GRANTED)

    def _hold_back(self, row: Row, held: str | None) -> None:
        """Send nothing new of somebody wanted."""
        own = self._format.line(row[0], row[4])
        same = held is not None and own == split_day(held)[0]
        if held is not None:
            self._stay(held, row if same else None)
        if int(row[1]) >= OUTSIDE:
            return
        if not same:
            self._reject([row], "held_back")
        elif self._whole:
            self.tally.sent += 1
        else:
            self.tally.unchanged += 1

    def _welcome(self, row: Row, held: str | None) -> None:
        if self._holding:
            self._hold_back(row, held)
            return
        own = self._format.line(row[0], row[4])
        if held is not None and not self._whole and own == split_day(held)[0]:
            line = self._refresh.dated(held) if self._refresh else own
            if self._refresh is None or not self._refresh.is_due(line):
                self._sink.keep(line)
                self.tally.unchanged += 1
                return
            self.tally.refreshed += 1
        self._sink.keep(self._refresh.sent(own) if self._refresh else own)
        self.tally.sent += 1
        self._sink.add(row[4], row[2] == GRANTED)
        if held is not None:
            kept = set(parts_of(own))
            if gone := [part for part in parts_of(held) if part not in kept]:
                self._leave(row[0], gone, "identifier_changed")

    def _decide_removal(self, rows: list[Row], held: str | None) -> None:
        """Decide in the mode remove: neither consent nor opt-out can speak against removing."""
        if not rows:
            if held is not None:
                self._sink.keep(held)
            return
        first, *others = self._rank(rows)
        self._reject(others, "duplicate")
        if self._known and held is None:
            self.tally.unchanged += 1
            return
        self.tally.sent += 1
        own = [part for row in (first, *others) for part in self._parts(row)]
        parts = dict.fromkeys((*own, *(parts_of(held) if held else ())))
        self._leave(first[0], parts, "in_segment")

    def _leave_whole(self, held: str | None, reason: str) -> None:
        """Take back everything the platform holds of a person, if it holds the person."""
        if held is not None:
            self._leave(held.partition("\t")[0], parts_of(held), reason)

    def _leave(self, key: str, parts: Iterable[str], reason: str) -> None:
        self.tally.removed[reason] += 1
        self._sink.remove("\t".join((key, *parts)), reason)

    def _reject(self, rows: Iterable[Row], reason: str) -> None:
        for row in rows:
            if int(row[1]) < OUTSIDE:
                self._sink.reject(int(row[1]), reason)


def pair(verdicts: Iterable[str], held: Iterable[str]) -> Iterator[tuple[list[Row], str | None]]:
    """Merge two sorted streams by key: the verdicts of one person, and the person's ledger line or None."""
    ledger = iter(held)
    line = next(ledger, None)
    for key, rows in _group(verdicts):
        while line is not None and line.partition("\t")[0] < key:
            yield [], line
            line = next(ledger, None)
        if line is not None and line.partition("\t")[0] == key:
            yield rows, line
            line = next(ledger, None)
        else:
            yield rows, None
    while line is not None:
        yield [], line
        line = next(ledger, None)


def _group(verdicts: Iterable[str]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the verdicts of each person; half the time of itertools.groupby with a key function."""
    key = ""
    rows: list[Row] = []
    for text in verdicts:
        row = text.split("\t", 4)
        if row[0] != key:
            if rows:
                yield key, rows
            key, rows = row[0], []
        rows.append(row)
    if rows:
        yield key, rows
