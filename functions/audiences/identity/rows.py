"""Whole rows: every identifier a platform is to get, and the rule of what must go along with what.

A Google address is first name, last name, country and postal code or nothing; a row of which nothing is
usable is rejected. This is what the preparation of an audience calls, batch by batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.identity.batch import Outcome, compile_field
from audiences.identity.blanks import BLANKS
from audiences.identity.identifier import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from audiences.identity.batch import Compiled, Countries
    from audiences.identity.identifier import Identifier

    Columns = Mapping[str, Sequence[str | None]]
    RowFunction = Callable[[Columns], "Prepared"]

_BLANK = frozenset({"missing", "empty"})


@dataclass(frozen=True)
class Prepared:
    """A batch of rows as the platform takes them.

    columns   field -> what is sent, None where the row has nothing usable; all of the length of the batch
    refused   row -> {field: reason}: single values left out although the file had something there
    rejected  row -> reason: rows of which nothing is sent. Rows sent + rows rejected = rows of the batch.
    """

    columns: dict[str, list[str | None]]
    refused: dict[int, dict[str, str]] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)


def compile_rows(
    identifiers: Mapping[str, Identifier],
    available: Collection[str],
    *,
    wanted: Collection[str] | None = None,
    hashed: Collection[str] = (),
    country: str | None = None,
) -> RowFunction:
    """Return `run(columns) -> Prepared` for batches with the columns `available`.

    identifiers  a platform's, by field
    available    fields the identities file has; `columns` given to `run` must hold them all
    wanted       fields to send; default: all that the platform takes and the file can supply
    hashed       fields of the file declared as hashed already
    country      the file's default country; a column `country` decides per row where it is filled

    SetupError when a wanted field is unknown to the platform, has no column, or lacks a required companion.
    """
    given = set(available)
    fields = _choose(identifiers, given, wanted, country)
    compiled = {
        name: [
            (column, compile_field(identifiers[name], hashed=column in hashed))
            for column in _source_columns(name, identifiers[name], given) or (name,)
        ]
        for name in fields
    }
    companions = {name: identifiers[name].required_with for name in fields if identifiers[name].required_with}

    def run(columns: Columns) -> Prepared:
        size = len(next(iter(columns.values()), ()))
        countries = row_countries(columns.get("country"), country, hashed="country" in hashed)
        outcomes = {
            name: _merge([_run_one(run, source, columns, countries, size) for source, run in compiled[name]])
            for name in fields
        }
        return _assemble(outcomes, companions, size)

    return run


def _choose(
    identifiers: Mapping[str, Identifier],
    given: set[str],
    wanted: Collection[str] | None,
    country: str | None,
) -> list[str]:
    """Return the fields to send, in the platform's order, after checking that each can be sent."""
    sendable = [name for name, identifier in identifiers.items() if identifier.upload]
    supplied = {name for name in sendable if _source_columns(name, identifiers[name], given)}
    if country and "country" in sendable:
        supplied.add("country")
    if wanted is None:
        return [
            name
            for name in sendable
            if name in supplied and supplied.issuperset(identifiers[name].required_with)
        ]
    for name in wanted:
        if name not in sendable:
            raise SetupError(
                f"The platform takes no field {name!r} in an audience.",
                f"It takes: {', '.join(sendable)}.",
                "Correct `identifiers` in the activation.",
            )
        missing = [
            " or ".join(columns_of(need, identifiers[need]))
            for need in (name, *identifiers[name].required_with)
            if need not in supplied & set(wanted)
        ]
        if missing:
            raise SetupError(
                f"The field {name!r} cannot be sent without {', '.join(missing)}.",
                f"The file has {', '.join(sorted(given))}; some fields are only matched together.",
                "Add the column, or leave the field out of `identifiers` in the activation.",
            )
    return [name for name in sendable if name in wanted]


def _source_columns(name: str, identifier: Identifier, given: set[str]) -> tuple[str, ...]:
    """Return the columns of the file that a field is made from, the first to win first."""
    return tuple(column for column in columns_of(name, identifier) if column in given)


def _merge(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what the columns of a field say together: the first usable value of each row.

    Another value in a later column is left out, and told.
    """
    first, *others = outcomes
    for other in others:
        normalised, digests, rejects = [*first.normalised], [*first.digests], {**first.rejects}
        for row, digest in enumerate(other.digests):
            if digest is None:
                if digests[row] is None and rejects[row] in _BLANK:
                    rejects[row] = other.rejects[row]
            elif digests[row] is None:
                normalised[row], digests[row] = other.normalised[row], digest
                del rejects[row]
            elif digests[row] != digest:
                rejects[row] = "second_value"
        first = Outcome(normalised, digests, rejects)
    return first


def row_countries(column: Sequence[str | None] | None, default: str | None, *, hashed: bool) -> Countries:
    """Return each row's country: its own where filled, else the file's. A hashed country says nothing."""
    if column is None or hashed:
        return default
    return [value if value and value.strip(BLANKS) else default for value in column]


def _run_one(compiled: Compiled, source: str, columns: Columns, countries: Countries, size: int) -> Outcome:
    """Run one field; a country nobody filled in is the file's default."""
    if source != "country":
        return compiled(columns[source], countries)
    each = [countries] * size if countries is None or isinstance(countries, str) else countries
    if source in columns:
        each = [
            value if value and value.strip(BLANKS) else other
            for value, other in zip(columns[source], each, strict=True)
        ]
    return compiled(each, None)


def _assemble(outcomes: dict[str, Outcome], companions: dict[str, tuple[str, ...]], size: int) -> Prepared:
    """Apply the companions, then find the rows of which nothing is left."""
    digests = {name: outcome.digests for name, outcome in outcomes.items()}
    reasons: dict[int, dict[str, str]] = {}
    for name, outcome in outcomes.items():
        for row, reason in outcome.rejects.items():
            reasons.setdefault(row, {})[name] = reason
    columns = dict(digests)
    for name, needs in companions.items():
        columns[name] = list(digests[name])
        for row in range(size):
            if digests[name][row] is not None and any(digests[need][row] is None for need in needs):
                columns[name][row] = None
                reasons.setdefault(row, {})[name] = "incomplete"
    rejected: dict[int, str] = {}
    refused: dict[int, dict[str, str]] = {}
    for row in sorted(reasons):
        told = {name: reason for name, reason in reasons[row].items() if reason not in _BLANK}
        if told:
            refused[row] = told
        if all(column[row] is None for column in columns.values()):
            rejected[row] = _summary(reasons[row], told)
    return Prepared(columns, refused, rejected)


def _summary(reasons: dict[str, str], told: dict[str, str]) -> str:
    """Return one reason for a whole row: the first that says something, else that there was nothing."""
    if told:
        return next(iter(told.values()))
    return next(iter(reasons.values())) if len(reasons) == 1 else "nothing_to_send"
