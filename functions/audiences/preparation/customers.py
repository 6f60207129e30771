"""The customers' rows: one or more identities files with one meaning of their columns."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity import compile_field
from audiences.identity.rows import row_countries
from audiences.preparation.fields import Layout, read_layout
from audiences.preparation.ledger import HASHED, plain_fields
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from audiences.identity import Identifier
    from audiences.preparation.sources import Source
    from audiences.preparation.tables import Chunk


@dataclass(frozen=True)
class Customers:
    """Identities files. `layout` has the fields of any file; each has its own columns, and keeps their order.

    gaps: file -> fields of the others that it has no column of. Its rows are blank there.
    unknown: file -> columns that are no field.
    """

    sources: Sequence[Source]
    layout: Layout
    gaps: Mapping[str, frozenset[str]]
    unknown: Mapping[str, tuple[str, ...]]

    def chunks(self) -> Iterator[tuple[Layout, Chunk]]:
        """Walk through all files in order."""
        for source in self.sources:
            yield from read_one(source)


def read_one(source: Source) -> Iterator[tuple[Layout, Chunk]]:
    """Walk through one file."""
    table = read_table(source)
    layout = read_layout(source, table.header)
    for chunk in table.chunks:
        layout.fill(chunk.rows)
        yield layout, chunk


def read_customers(sources: Sequence[Source]) -> Customers:
    """Read the headers. DataError for no file, for no user ids, and for a field plain here and hashed there."""
    if not sources:
        raise DataError("There are no identities.", "", "Upload the customers' file to identities/.")
    layouts = [read_layout(source, read_table(source).header) for source in sources]
    first: dict[str, tuple[Source, bool]] = {}
    for source, layout in zip(sources, layouts, strict=True):
        for name in layout.columns:
            other, hashed = first.setdefault(name, (source, name in layout.hashed))
            if hashed != (name in layout.hashed):
                raise DataError(
                    f"{source.name} has plain values of {name} where {other.name} has hashes, or the other way"
                    " round.",
                    "One audience cannot mix them.",
                    "Give both files the same column names.",
                )
    columns = {name: place for place, name in enumerate(first)}
    gaps = {
        source.name: frozenset(columns).difference(layout.columns)
        for source, layout in zip(sources, layouts, strict=True)
    }
    hashed_fields = frozenset(name for name, (_, hashed) in first.items() if hashed)
    unknown = {source.name: layout.unknown for source, layout in zip(sources, layouts, strict=True)}
    return Customers(tuple(sources), Layout(layouts[0].user, columns, hashed_fields), gaps, unknown)


def resolve_values(
    hashes: set[str], identifiers: Mapping[str, Identifier], customers: Customers, country: str | None
) -> dict[str, str]:
    """Find the plain values of `sha256:…` of a ledger, for platforms that take values plain."""
    found: dict[str, str] = {}
    compiled = {name: compile_field(identifiers[name]) for name in sorted(plain_fields(identifiers))}
    for layout, chunk in customers.chunks():
        at = layout.columns.get("country")
        written = None if at is None else [row[at] for row in chunk.rows]
        countries = row_countries(written, country, hashed="country" in layout.hashed)
        for name, run in compiled.items():
            if name not in layout.columns:
                continue
            values = run([row[layout.columns[name]] for row in chunk.rows], countries).digests
            for value in values:
                if value and (digest := f"{HASHED}{sha256(value.encode()).hexdigest()}") in hashes:
                    found[digest] = value
    return found
