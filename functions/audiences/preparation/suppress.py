"""The suppression list: people no platform may be told about, by user id, e-mail address or phone number.

Held in memory, about 100 bytes a line: opt-outs are a small part of the customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity import Identifier, compile_field
from audiences.identity import steps as s
from audiences.preparation.fields import read_layout
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audiences.preparation.sources import Source

MATCHED = ("email", "phone", "maid")
_NEUTRAL = {
    "email": Identifier(
        steps=(s.trim, s.lower, s.email_shape()), source="https://www.rfc-editor.org/rfc/rfc5321"
    ),
    "phone": Identifier(steps=(s.e164("plus"),), source="https://www.itu.int/rec/T-REC-E.164"),
    "maid": Identifier(steps=(s.trim, s.lower, s.maid), source="https://www.rfc-editor.org/rfc/rfc9562"),
}


@dataclass
class Suppression:
    """users: ids; values: field -> the list's values under the matching rule; unreadable: values refused."""

    users: set[str] = field(default_factory=set)
    values: dict[str, set[str]] = field(default_factory=dict)
    unreadable: int = 0


def matching_rules(identifiers: Mapping[str, Identifier]) -> dict[str, Identifier]:
    """Return the rule by which list and customers are compared: the platform's own, where it has one.

    With the platform's rule an opt-out meets every spelling that the platform takes for the same person.
    """
    return {name: identifiers.get(name, _NEUTRAL[name]) for name in MATCHED}


def read_suppression(
    sources: Iterable[Source], rules: Mapping[str, Identifier], country: str | None
) -> Suppression:
    """Read the lists. DataError for a file without any column that names a person."""
    found = Suppression()
    for source in sources:
        table = read_table(source)
        layout = read_layout(source, table.header, user_required=False)
        fields = [name for name in MATCHED if name in layout.columns]
        if layout.user is None and not fields:
            raise DataError(
                f"{source.name} names nobody.",
                f"Its columns are {', '.join(table.header)}.",
                f"A suppression list needs one of user_id, {', '.join(MATCHED)}.",
            )
        compiled = {name: compile_field(rules[name], hashed=name in layout.hashed) for name in fields}
        for chunk in table.chunks:
            if chunk.ragged:
                raise DataError(
                    f"Line {chunk.ragged[0]} of {source.name} has another number of cells than the header.",
                    "A person whose line cannot be read would be sent.",
                    "Correct the line.",
                )
            if layout.user is not None:
                found.users.update(text for row in chunk.rows if (text := row[layout.user].strip()))
            for name in fields:
                column = layout.columns[name]
                outcome = compiled[name]([row[column] for row in chunk.rows], country)
                found.values.setdefault(name, set()).update(value for value in outcome.digests if value)
                found.unreadable += sum(
                    reason not in ("empty", "missing") for reason in outcome.rejects.values()
                )
    return found
