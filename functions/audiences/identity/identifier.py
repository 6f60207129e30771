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
    reads          columns of the identities file it may be made from, first present wins; default: its name
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
