"""One kind of identifier as one platform wants it: the record that platforms declare and batches compile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from audiences.identity.steps import Step

Digest = Literal["sha256_hex", "sha256_base64", "sha1_hex", "none"]


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """How one field is written, digested and accompanied.

    steps          applied left to right to the value as it stands in the file
    digest         what is sent: a hash of the normalised value, or ("none") the normalised value itself
    source         address of the rule, or package and version it was read from
    confidence     "low" when no public document of the platform states the rule
    reads          columns of the identities file it may be made from, the first that is filled in a row wins;
                   default: the one of its name
    required_with  fields that must be usable in the same row, or this one is not sent
    upload         False: the platform has a rule for it, its audience API has no place for it
    """

    steps: tuple[Step, ...]
    source: str
    digest: Digest = "sha256_hex"
    confidence: Literal["high", "low"] = "high"
    reads: tuple[str, ...] = ()
    required_with: tuple[str, ...] = ()
    upload: bool = True


# Columns of mobile ad ids: of either kind, Google's (Android), Apple's. What a platform takes of them is in the
# `reads` of its field `maid`: an id of the wrong kind is another device's, or nobody's.
MOBILE_IDS = ("maid", "gaid", "idfa")


def columns_of(name: str, identifier: Identifier) -> tuple[str, ...]:
    """Return the columns that the field `name` may be made from."""
    return identifier.reads or (name,)
