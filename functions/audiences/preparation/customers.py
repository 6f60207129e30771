"""The customers' rows: one or more identities files with one meaning of their columns."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity import compile_field
from audiences.identity.blanks import BLANKS
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
    """Identities files. `layout` has the fields of every file; each keeps its own order of columns."""

    sources: Sequence[Source]
    layout: Layout

    def chunks(self) -> Iterator[tuple[Layout, Chunk]]:
        """Walk through all files in order."""
        for source in self.sources:
            yield from read_one(source)


def read_one(source: Source) -> Iterator[tuple[Layout, Chunk]]:
    """Walk through one file."""
    table = read_table(source)
    layout = read_layout(source, table.header)
    for chunk in table.chunks:
        yield layout, chunk


def read_customers(sources: Sequence[Source]) -> Customers:
    """Read the headers. DataError for none, for no user ids, and for plain beside hashed columns."""
    if not sources:
        raise DataError("There are no identities.", "", "Upload the customers' file to identities/.")
    layouts = [read_layout(source, read_table(source).header) for source in sources]
    common = set.intersection(*(set(layout.columns) for layout in layouts))
    hashed = frozenset(layouts[0].hashed & common)
    for source, layout in zip(sources, layouts, strict=True):
        if layout.hashed & common != hashed:
            raise DataError(
                f"{source.name} has plain values where {sources[0].name} has hashes, or the other way round.",
                "One audience cannot mix them.",
                "Give both files the same column names.",
            )
    columns = {name: place for name, place in layouts[0].columns.items() if name in common}
    return Customers(tuple(sources), Layout(layouts[0].user, columns, hashed))


def resolve_values(
    hashes: set[str], identifiers: Mapping[str, Identifier], customers: Customers, country: str | None
) -> dict[str, str]:
    """Find the plain values of `sha256:…` of a ledger, for platforms that take values plain."""
    found: dict[str, str] = {}
    fields = [name for name in sorted(plain_fields(identifiers)) if name in customers.layout.columns]
    compiled = {name: compile_field(identifiers[name]) for name in fields}
    for layout, chunk in customers.chunks():
        countries: list[str | None] = [country] * len(chunk.rows)
        if "country" in layout.columns:
            countries = [row[layout.columns["country"]].strip(BLANKS) or country for row in chunk.rows]
        for name in fields:
            values = compiled[name]([row[layout.columns[name]] for row in chunk.rows], countries).digests
            for value in values:
                if value and (digest := f"{HASHED}{sha256(value.encode()).hexdigest()}") in hashes:
                    found[digest] = value
    return found
