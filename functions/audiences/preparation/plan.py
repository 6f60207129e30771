"""Compiles one preparation: everything that can be wrong before a row is read is found here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.identity.blanks import BLANKS
from audiences.platforms import find
from audiences.preparation.classify import Classifier
from audiences.preparation.consent_columns import check_consent_columns
from audiences.preparation.customers import Customers, read_customers
from audiences.preparation.forms import USER, find_forms, matched_columns
from audiences.preparation.headers import find_user_column
from audiences.preparation.lists_told import Remembered, check_lists
from audiences.preparation.refresh import Refresh
from audiences.preparation.rejects import OUTSIDE, place
from audiences.preparation.shape import Shape, find_shape
from audiences.preparation.suppress import Suppression, listed_users, read_suppression
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audiences.platforms import Platform
    from audiences.preparation.rejects import Rejects
    from audiences.preparation.request import Request
    from audiences.preparation.sources import Source


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The files of one preparation, and what is known of the ledger among them.

    ledger         None when nothing was ever delivered, or the list is lost
    ledger_sha256  what its lines must come to; "" when nobody knows
    before         people on the platform by the last delivery: the fuse counts from them without a ledger
    notes          for people
    remembered     the suppression lists of last time, None if unknown
    everybody      the identities are of all customers; else an entry of a list that meets nobody tells nothing
    """

    segments: Sequence[Source]
    identities: Sequence[Source]
    suppressions: Sequence[Source] = ()
    ledger: Source | None = None
    ledger_sha256: str = ""
    before: int = 0
    notes: tuple[str, ...] = ()
    remembered: Remembered | None = None
    everybody: bool = True


@dataclass(frozen=True)
class Plan:
    """A request, compiled for its inputs.

    refresh: None where nobody is sent again. warnings: about the inputs as a whole. received: rows of each
    segment file, filled while reading.
    """

    request: Request
    inputs: Inputs
    platform: Platform
    shape: Shape
    customers: Customers
    suppression: Suppression
    classifier: Classifier
    refresh: Refresh | None = None
    warnings: tuple[str, ...] = ()
    received: list[int] = field(default_factory=list)

    def ids(self, rejects: Rejects) -> Iterator[tuple[int, str]]:
        """Yield (place, user id) of the segment's lines, rejecting the ragged, then of `outside`."""
        for number, source in enumerate(self.inputs.segments):
            yield from self._segment_ids(number, source, rejects)
        for users in self.outside():
            yield from ((OUTSIDE, user) for user in users)

    def outside(self) -> Iterator[list[str]]:
        """Yield who opted out, in blocks: they are looked for in the segment or not.

        They leave if they are held, and nobody is sent under another id with an address or number of theirs.
        """
        if self.request.mode != "remove" and USER in self.suppression.entries:
            yield from listed_users(self.inputs.suppressions)

    def _segment_ids(self, number: int, source: Source, rejects: Rejects) -> Iterator[tuple[int, str]]:
        self.received.append(0)
        first = place(number, 0)
        for lines, users, ragged in read_segment(source):
            self.received[number] += len(lines) + len(ragged)
            rejects.extend((first | line, "ragged_row") for line in ragged)
            yield from zip((first | line for line in lines), users, strict=True)


def read_segment(source: Source) -> Iterator[tuple[list[int], list[str], list[int]]]:
    """Yield line numbers, their user ids, and the lines without their cells, in chunks."""
    table = read_table(source)
    column = find_user_column(source, table.header)
    for chunk in table.chunks:
        yield chunk.lines, [row[column].strip(BLANKS) for row in chunk.rows], chunk.ragged


def compile_plan(request: Request, inputs: Inputs) -> Plan:
    """Return the plan. SetupError for what the platform cannot take, DataError for senseless headers."""
    platform, shape = find(request.platform), find_shape(request.platform)
    if shape.whole and request.mode == "remove":
        raise SetupError(
            f"{platform.title} takes whole audiences, so nobody can be removed one by one.",
            "",
            'Use the mode "mirror" with a segment without them.',
        )
    customers = read_customers(inputs.identities)
    forms, hashed = find_forms(platform.identifiers), customers.layout.hashed
    hashed_fields = {name for column, name in matched_columns(hashed).items()}
    suppression = read_suppression(inputs.suppressions, forms, request.country, hashed_fields)
    classifier = Classifier(request, platform.identifiers, shape, customers.layout, suppression)
    warnings = []
    if request.mode != "remove":
        warnings = check_consent_columns(request.consent, customers)
        warnings += check_lists(suppression, inputs.remembered, customers if inputs.everybody else None)
    return Plan(
        request,
        inputs,
        platform,
        shape,
        customers,
        suppression,
        classifier,
        _compile_refresh(request, shape),
        tuple(warnings),
    )


def _compile_refresh(request: Request, shape: Shape) -> Refresh | None:
    """Return when people are sent again; None where they all are each time, or the platform forgets nobody."""
    days = shape.memory.days_for(request.destination) if shape.memory and not shape.whole else 0
    return Refresh(days, request.day) if days else None
