"""Finds the people whom the suppression lists name: among rows of customers, and among those a platform holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audiences.preparation.digest_set import Keys, key_of
from audiences.preparation.forms import DIGEST, USER, find_forms, hexadecimal, matched_columns
from audiences.preparation.ledger import HASHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from audiences.identity import Identifier
    from audiences.identity.batch import Countries
    from audiences.preparation.suppress import Suppression

    Columns = Mapping[str, Sequence[str]]
    Digests = Mapping[str, Sequence[str | None]]

_KEPT = 16  # digits of a digest that travel with a row: as many as `Keys` compares


@dataclass
class Hits:
    """What a batch has to do with the lists.

    rows     of people on a list
    matched  (kind, key) of entries that named somebody
    spread   (field, key) of what identifies people whose user id is on a list: whoever shares it is them, too
    guards   of each row, ` field=key` of what is not sent of it, to be compared with `spread`; empty for none
    """

    rows: set[int] = field(default_factory=set)
    matched: list[tuple[str, str]] = field(default_factory=list)
    spread: list[tuple[str, str]] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)


class Finder:
    """Compiled for the columns of the customers. `columns`: those it reads."""

    def __init__(
        self,
        suppression: Suppression,
        identifiers: Mapping[str, Identifier],
        available: Collection[str],
        hashed: Collection[str],
        sent: Collection[str],
    ) -> None:
        """Compile. `hashed`: columns of digests; `sent`: fields that go to the platform."""
        self._entries = entries = suppression.entries
        self._forms = find_forms(identifiers)
        self._hashed = hashed
        # A mobile id is compared whatever its case, not as it is sent.
        self._sent = {name for name in sent if name != "maid"}
        self._columns = {
            column: name
            for column, name in matched_columns(available).items()
            if USER in entries or name in entries or name + DIGEST in entries
        }
        self._unsent = [column for column in self._columns if USER in entries and column not in self._sent]
        self._takes_maids = "maid" in sent
        self.columns = frozenset(self._columns)

    def find(self, users: Sequence[str], columns: Columns, sent: Digests, countries: Countries) -> Hits:
        """Return what the lists say of a batch."""
        hits = Hits()
        own = {
            column: self._own(column, columns[column], sent.get(name, ()), countries)
            for column, name in self._columns.items()
        }
        self._find_users(hits, users, own)
        if self._takes_maids:
            maids = self._forms["maid"].of_sent(sent["maid"])
            hits.spread += [("maid", key[:_KEPT]) for row in hits.rows if (key := maids[row])]
        for column, name in self._columns.items():
            if name in self._entries:
                self._compare(hits, name, own[column])
            if name + DIGEST in self._entries:
                forms = self._forms[name]
                runs = () if column in self._hashed else (forms.own, *forms.others)
                found: list[Sequence[str | None]] = [run(columns[column], countries).digests for run in runs]
                for values in found or [own[column]]:
                    self._compare(hits, name + DIGEST, values)
        return hits

    def _own(
        self, column: str, cells: Sequence[str], sent: Sequence[str | None], countries: Countries
    ) -> Sequence[str | None]:
        """Return a column as the platform gets it, or would, each value as the digest to compare."""
        name = self._columns[column]
        if column in self._sent:
            return self._forms[name].of_sent(sent)
        run = self._forms[name].hashed if column in self._hashed else self._forms[name].own
        return run(cells, countries).digests

    def _find_users(self, hits: Hits, users: Sequence[str], own: Digests) -> None:
        listed = self._entries.get(USER)
        if listed is None:
            return
        for row, key in enumerate(map(key_of, users)):
            if key in listed:
                hits.rows.add(row)
                hits.matched.append((USER, key[:_KEPT]))
                told = ((self._columns[column], values[row]) for column, values in own.items())
                hits.spread += [(name, value[:_KEPT]) for name, value in told if value]
        if self._unsent:
            hits.guards = [""] * len(users)
        for column in self._unsent:
            for row, value in enumerate(own[column]):
                if value:
                    hits.guards[row] += f" {self._columns[column]}={value[:_KEPT]}"

    def _compare(self, hits: Hits, kind: str, values: Sequence[str | None]) -> None:
        listed = self._entries[kind]
        for row, value in enumerate(values):
            if value and value in listed:
                hits.rows.add(row)
                hits.matched.append((kind, value[:_KEPT]))


class Listed:
    """Tells of the parts of ledger lines whether a list names them.

    matched: kind -> entries that named somebody, here and in `Hits`.
    """

    def __init__(
        self,
        suppression: Suppression,
        identifiers: Mapping[str, Identifier],
        spread: Mapping[str, Keys],
        matched: dict[str, Keys],
    ) -> None:
        """Compile. `spread`: field -> keys of all `Hits.spread`."""
        self._entries, self._spread, self.matched = suppression.entries, spread, matched
        self._kinds = {name: forms.kind for name, forms in find_forms(identifiers).items()}

    @property
    def spreads(self) -> bool:
        """Tell whether `shares` can find anybody."""
        return bool(self._spread)

    def shares(self, parts: Iterable[str], guards: str) -> bool:
        """Tell whether `field=value` parts or guards identify somebody whose user id is on a list."""
        keys = [*self._keys(parts), *(guard.split("=") for guard in guards.split())]
        return any(key in self._spread[name] for name, key in keys if name in self._spread)

    def names(self, parts: Collection[str]) -> bool:
        """Tell whether a list names somebody held.

        A digest can meet only what has the same form: of a folded address, that of the folded one.
        """
        found = self.shares(parts, "")
        for name, key in self._keys(parts):
            for kind in (name, name + DIGEST):
                if kind in self._entries and key in self._entries[kind]:
                    self.matched.setdefault(kind, Keys()).update((key,))
                    found = True
        return found

    def _keys(self, parts: Iterable[str]) -> Iterable[tuple[str, str]]:
        for part in parts:
            name, _, value = part.partition("=")
            if name in self._kinds:
                yield name, self._key(name, value)

    def _key(self, name: str, value: str) -> str:
        if value.startswith(HASHED):
            return value.removeprefix(HASHED)
        kind = self._kinds[name]
        return hexadecimal(kind, value.lower() if name == "maid" and kind == "none" else value)
