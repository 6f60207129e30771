"""The suppression list: people no platform may be told about, by user id, e-mail address or phone number.

Held in memory, about 100 bytes a line: opt-outs are a small part of the customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity import Identifier, compile_field
from audiences.identity import steps as s
from audiences.identity.blanks import BLANKS
from audiences.identity.identifier import MOBILE_IDS
from audiences.identity.rows import row_countries
from audiences.preparation.fields import field_of, read_layout
from audiences.preparation.ledger import HASHED
from audiences.preparation.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audiences.identity.batch import Compiled
    from audiences.identity.identifier import Digest
    from audiences.preparation.ledger import LineFormat
    from audiences.preparation.sources import Source

MATCHED = ("email", "phone", "maid")
_NEUTRAL = {
    "email": Identifier(
        steps=(s.trim, s.lower, s.email_shape()), source="https://www.rfc-editor.org/rfc/rfc5321"
    ),
    "phone": Identifier(steps=(s.e164("plus"),), source="https://www.itu.int/rec/T-REC-E.164"),
    "maid": Identifier(steps=(s.trim, s.lower, s.maid), source="https://www.rfc-editor.org/rfc/rfc9562"),
}


# The forms in which others hash a value: e-mail as Meta, LinkedIn and opt-out services write it (trimmed, lower
# case), a phone number with and without "+". The platform's own form comes beside them, see `digest_forms`.
_FORMS = {
    "email": (_NEUTRAL["email"],),
    "phone": (
        _NEUTRAL["phone"],
        Identifier(steps=(s.e164("digits"),), source="https://www.itu.int/rec/T-REC-E.164"),
    ),
    "maid": (
        _NEUTRAL["maid"],
        Identifier(steps=(s.trim, s.upper, s.maid), source="https://www.rfc-editor.org/rfc/rfc9562"),
    ),
}
_HASHED_COLUMN = compile_field(_NEUTRAL["email"], hashed=True)  # hexadecimal or base64 in, hexadecimal out


@dataclass
class Suppression:
    """What the lists name.

    users       user ids
    values      field -> values of plain columns under the matching rule
    digests     field -> digests of hashed columns, hexadecimal: whose form, the list does not say
    unreadable  values refused
    unknown     file -> columns that are no field
    """

    users: set[str] = field(default_factory=set)
    values: dict[str, set[str]] = field(default_factory=dict)
    digests: dict[str, set[str]] = field(default_factory=dict)
    unreadable: int = 0
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)


def matched_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return the columns by which people are compared, each with its field.

    Every kind of mobile id is a `maid`, and further columns of a field (`phone#2`) are that field.
    """
    known = {name: name for name in MATCHED} | dict.fromkeys(MOBILE_IDS, "maid")
    return {column: known[field_of(column)] for column in sorted(columns) if field_of(column) in known}


def matching_rules(identifiers: Mapping[str, Identifier]) -> dict[str, Identifier]:
    """Return the rule by which list and customers are compared: the platform's own, where it has one.

    With the platform's rule an opt-out meets every spelling that the platform takes for the same person. Mobile
    ids are one whatever their case, also where the platform gets them as they stand.
    """
    rules = {name: identifiers.get(name, _NEUTRAL[name]) for name in MATCHED}
    return {**rules, "maid": replace(rules["maid"], steps=(*rules["maid"].steps, s.lower))}


def digest_forms(name: str, rule: Identifier, *, hashed: bool) -> list[Compiled]:
    """Return the functions from customers' values of a field to every digest a list may hold of them.

    `rule`: the platform's. Values that are `hashed` already have one form: compare the list's with them.
    """
    if hashed:
        return [_HASHED_COLUMN]
    own = Identifier(steps=rule.steps, source=rule.source)
    return [compile_field(form) for form in (*_FORMS[name], own)]


def listed_parts(suppression: Suppression, name: str, kind: Digest, lines: LineFormat) -> set[str]:
    """Return the `field=value` parts of a ledger that the list names; `kind`: how the platform gets the field.

    A digest can meet only what has the same form: a folded address is found by `digest_forms` alone.
    """
    values = suppression.values.get(name, set())
    if name == "maid" and kind == "none":
        values = {*values, *map(str.upper, values)}
    parts = {f"{name}={lines.stored(name, value)}" for value in values}
    digests = sorted(suppression.digests.get(name, ()))
    if kind == "none":
        parts.update(f"{name}={HASHED}{digest}" for digest in digests)
    elif kind in ("sha256_hex", "sha256_base64"):
        form = compile_field(Identifier(steps=(), source="", digest=kind), hashed=True)
        parts.update(f"{name}={digest}" for digest in form(digests).digests)
    return parts


def read_suppression(
    sources: Iterable[Source], rules: Mapping[str, Identifier], country: str | None
) -> Suppression:
    """Read the lists. DataError for a file without any column that names a person."""
    found = Suppression()
    for source in sources:
        table = read_table(source)
        layout = read_layout(source, table.header, user_required=False)
        found.unknown[source.name] = layout.unknown
        fields = matched_columns(layout.columns)
        if layout.user is None and not fields:
            raise DataError(
                f"{source.name} names nobody.",
                f"None of the {len(table.header)} names in its first line is one of a user id, address or number.",
                f"A suppression list needs one of user_id, {', '.join(MATCHED)}.",
            )
        compiled = {
            column: _HASHED_COLUMN if column in layout.hashed else compile_field(rules[name])
            for column, name in fields.items()
        }
        for chunk in table.chunks:
            if chunk.ragged:
                raise DataError(
                    f"Line {chunk.ragged[0]} of {source.name} has another number of cells than the header.",
                    "A person whose line cannot be read would be sent.",
                    "Correct the line.",
                )
            if layout.user is not None:
                found.users.update(text for row in chunk.rows if (text := row[layout.user].strip(BLANKS)))
            at = layout.columns.get("country")
            written = None if at is None else [row[at] for row in chunk.rows]
            countries = row_countries(written, country, hashed="country" in layout.hashed)
            for column, name in fields.items():
                place = layout.columns[column]
                outcome = compiled[column]([row[place] for row in chunk.rows], countries)
                kept = found.digests if column in layout.hashed else found.values
                kept.setdefault(name, set()).update(value for value in outcome.digests if value)
                found.unreadable += sum(
                    reason not in ("empty", "missing") for reason in outcome.rejects.values()
                )
    return found
