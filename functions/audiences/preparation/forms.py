"""In which forms a person's e-mail address, phone number or mobile id is compared with the suppression lists.

Everything is compared as a hexadecimal digest, because that is what hashed lists, hashed identities and ledgers have.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from audiences.identity import Identifier, compile_field
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.preparation.fields import field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from audiences.identity.batch import Compiled
    from audiences.identity.identifier import Digest

USER = "user_id"
DIGEST = "_sha256"  # of a kind of entry: `email_sha256`
MATCHED = ("email", "phone", "maid")
_NEUTRAL = {
    "email": Identifier(
        steps=(s.trim, s.lower, s.email_shape()), source="https://www.rfc-editor.org/rfc/rfc5321"
    ),
    "phone": Identifier(steps=(s.e164("plus"),), source="https://www.itu.int/rec/T-REC-E.164"),
    "maid": Identifier(steps=(s.trim, s.lower, s.maid), source="https://www.rfc-editor.org/rfc/rfc9562"),
}
# The forms in which others hash a value: e-mail as Meta, LinkedIn and opt-out services write it (trimmed, lower
# case), a phone number with and without "+". The platform's own form comes beside them.
_OTHERS = {
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
HASHED = compile_field(_NEUTRAL["email"], hashed=True)  # SHA-256, hexadecimal or base64 in, hexadecimal out


@dataclass(frozen=True)
class Forms:
    """The forms of one field on one platform.

    kind    how the platform gets the field
    own     from values to the digest of what the platform gets (or would, where it takes the field plain)
    others  from values to every other digest that a list or a hashed column may hold of them
    hashed  from digests of a hashed column to how they are compared
    """

    kind: Digest
    own: Compiled
    others: tuple[Compiled, ...]
    hashed: Compiled

    def of_sent(self, values: Sequence[str | None]) -> list[str | None]:
        """Return the digests to compare of values as the platform gets them."""
        return [value and hexadecimal(self.kind, value) for value in values]


def find_forms(identifiers: Mapping[str, Identifier]) -> dict[str, Forms]:
    """Return the forms of each field: by the platform's own rule, an opt-out meets every spelling it takes for one.

    Mobile ids are one whatever their case, also where the platform gets them as they stand.
    """
    found = {}
    for name in MATCHED:
        rule = identifiers.get(name, _NEUTRAL[name])
        steps = (*rule.steps, s.lower) if name == "maid" else rule.steps
        # LiveRamp's phone key is a SHA-1; lists hold SHA-256 of the same text.
        kind: Digest = "sha1_hex" if rule.digest == "sha1_hex" else "sha256_hex"
        own = replace(rule, steps=steps, digest=kind)
        others = [compile_field(form) for form in _OTHERS[name]]
        if kind == "sha1_hex" or name == "maid":
            others.append(compile_field(replace(rule, digest="sha256_hex")))
        found[name] = Forms(rule.digest, compile_field(own), tuple(others), compile_field(own, hashed=True))
    return found


def matched_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return the columns by which people are compared, each with its field.

    Every kind of mobile id is a `maid`, and further columns of a field (`phone#2`) are that field.
    """
    known = {name: name for name in MATCHED} | dict.fromkeys(MOBILE_IDS, "maid")
    return {column: known[field_of(column)] for column in sorted(columns) if field_of(column) in known}


def hexadecimal(kind: Digest, value: str) -> str:
    """Return the digest to compare of a value as the platform gets it; of a mobile id whatever its case."""
    if kind == "sha256_base64":
        return b64decode(value).hex()
    if kind == "none":
        return sha256(value.encode()).hexdigest()
    return value
