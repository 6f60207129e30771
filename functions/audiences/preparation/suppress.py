"""The suppression lists: people no platform may be told about, by user id, e-mail address, phone number or mobile id.

Lists are read as a stream; of each entry eight bytes are kept (`digest_set.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity.blanks import BLANKS
from audiences.identity.rows import row_countries
from audiences.preparation.digest_set import Keys, key_of
from audiences.preparation.fields import read_layout
from audiences.preparation.forms import DIGEST, HASHED, MATCHED, USER, matched_columns
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from audiences.identity.batch import Compiled, Countries
    from audiences.preparation.fields import Layout
    from audiences.preparation.forms import Forms
    from audiences.preparation.sources import Source
    from audiences.preparation.tables import Chunk

_BLANK = ("empty", "missing")
_TOLD_LINES = 10


@dataclass
class Unread:
    """Cells or lines of one file that are not understood: how many, and the first lines."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, lines: Iterable[int]) -> None:
        """Take lines."""
        for line in lines:
            self.count += 1
            if len(self.lines) < _TOLD_LINES:
                self.lines.append(line)


@dataclass
class Suppression:
    """What the lists name.

    entries  kind -> keys: `user_id`, `email` and so on of plain values in the forms they are compared in, and
             `email_sha256` of digests, whose form the list does not say
    counts   kind -> entries in all files, repeated ones included
    files    file -> rows that name somebody
    unread   (file, column) -> cells not understood; under "" the lines that hold nothing
    unknown  file -> columns that are no field
    """

    entries: dict[str, Keys] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    unread: dict[tuple[str, str], Unread] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def unreadable(self) -> int:
        """Return how many cells are not understood."""
        return sum(found.count for (_, column), found in self.unread.items() if column)

    def add(self, kind: str, keys: Sequence[str], count: int) -> None:
        """Take the keys of `count` entries: an entry may have several."""
        if keys:
            self.entries.setdefault(kind, Keys()).update(keys)
            self.counts[kind] = self.counts.get(kind, 0) + count

    def miss(self, file: str, column: str, lines: Collection[int]) -> None:
        """Note what is not understood."""
        if lines:
            self.unread.setdefault((file, column), Unread()).add(lines)


def read_suppression(
    sources: Iterable[Source], forms: Mapping[str, Forms], country: str | None, hashed: Collection[str] = ()
) -> Suppression:
    """Read the lists. `hashed`: fields of which the customers' values are hashes, whose form nobody says.

    DataError for a file without any column that names a person, and for a line that is cut.
    """
    found = Suppression()
    for source in sources:
        _List(source, forms, country, hashed).read(found)
    return found


class _List:
    """One file."""

    def __init__(
        self, source: Source, forms: Mapping[str, Forms], country: str | None, hashed: Collection[str]
    ) -> None:
        self._source, self._country = source, country
        self._table = read_table(source)
        self._layout = _layout(source, self._table.header)
        self._columns = matched_columns(self._layout.columns)
        self._plain = {
            name: (forms[name].own, *(forms[name].others if name in hashed or name == "maid" else ()))
            for name in MATCHED
        }
        # A number that the platform does not take is none of an audience there, and no riddle either.
        self._neutral = {name: forms[name].others[:1] for name in MATCHED}

    def read(self, found: Suppression) -> None:
        """Add what the file names to `found`."""
        layout, name = self._layout, self._source.name
        found.files.setdefault(name, 0)
        found.unknown[name] = layout.unknown
        for chunk in self._table.chunks:
            _refuse_ragged(self._source, chunk)
            silent = set(range(len(chunk.rows)))
            if layout.user is not None:
                users = [row[layout.user].strip(BLANKS) for row in chunk.rows]
                keys = [key_of(user) for user in users if user]
                found.add(USER, keys, len(keys))
                silent = {row for row, user in enumerate(users) if not user}
            at = layout.columns.get("country")
            written = None if at is None else [row[at] for row in chunk.rows]
            countries = row_countries(written, self._country, hashed="country" in layout.hashed)
            for column in self._columns:
                place = layout.columns[column]
                silent &= self._read_column(
                    found, chunk, column, [row[place] for row in chunk.rows], countries
                )
            found.files[name] += len(chunk.rows) - len(silent)
            found.miss(name, "", [chunk.lines[row] for row in sorted(silent)])

    def _read_column(
        self, found: Suppression, chunk: Chunk, column: str, cells: list[str], countries: Countries
    ) -> set[int]:
        """Add what a column names; returns the rows in which it is blank.

        A digest in a plain column is read as one, and a plain value in a column of digests as that: a list that
        was put together from several is often both.
        """
        name = self._columns[column]
        plain = [(self._plain[name], name), (self._neutral[name], name)]
        digests = [((HASHED,), name + DIGEST)]
        ways = [*digests, *plain] if column in self._layout.hashed else [*plain, *digests]
        blank: set[int] = set()
        rows: Sequence[int] = range(len(cells))
        for runs, kind in ways:
            rows, empty = _take(found, kind, runs, rows, cells, countries)
            blank |= empty
            if not rows:
                break
        found.miss(self._source.name, column, [chunk.lines[row] for row in rows])
        return blank


def _take(
    found: Suppression,
    kind: str,
    runs: Sequence[Compiled],
    rows: Sequence[int],
    cells: list[str],
    countries: Countries,
) -> tuple[list[int], set[int]]:
    """Add the cells of `rows` that can be read as `kind`; returns the rows of those that cannot, and of blank ones."""
    values = [cells[row] for row in rows]
    where = countries if countries is None or isinstance(countries, str) else [countries[row] for row in rows]
    outcomes = [run(values, where) for run in runs]
    first = outcomes[0]
    found.add(
        kind, [key for outcome in outcomes for key in outcome.digests if key], len(rows) - len(first.rejects)
    )
    refused = sorted(rows[at] for at, reason in first.rejects.items() if reason not in _BLANK)
    return refused, {rows[at] for at, reason in first.rejects.items() if reason in _BLANK}


def listed_users(sources: Iterable[Source]) -> Iterator[list[str]]:
    """Yield the user ids of the lists, in blocks, repeated ones too."""
    for source in sources:
        table = read_table(source)
        user = _layout(source, table.header).user
        if user is not None:
            for chunk in table.chunks:
                yield [text for row in chunk.rows if (text := row[user].strip(BLANKS))]


def _layout(source: Source, header: list[str]) -> Layout:
    layout = read_layout(source, header, user_required=False)
    if layout.user is None and not matched_columns(layout.columns):
        raise DataError(
            f"{source.name} names nobody.",
            f"None of its {len(header)} columns is known by its name to hold ids, addresses or numbers.",
            f"A suppression list needs one of {USER}, {', '.join(MATCHED)} in its first line.",
        )
    return layout


def _refuse_ragged(source: Source, chunk: Chunk) -> None:
    if chunk.ragged:
        raise DataError(
            f"Line {chunk.ragged[0]} of {source.name} has another number of cells than the header.",
            "A person whose line cannot be read would be sent.",
            "Correct the line.",
        )
