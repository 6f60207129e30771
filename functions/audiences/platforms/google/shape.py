"""Audience members of the Data Manager API: objects, 10,000 a request, consent told member by member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.preparation.refresh import Memory
from audiences.preparation.shape import Consent, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMITS = "https://developers.google.com/data-manager/api/devguides/limits"
_GRANTED = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
_ADDRESS = {
    "first_name": "givenName",
    "last_name": "familyName",
    "country": "regionCode",
    "zip": "postalCode",
}


def build_member(values: Mapping[str, str], granted: bool) -> dict[str, Any]:
    """Return an AudienceMember; an address is whole or not there.

    https://developers.google.com/data-manager/api/reference/rest/v1/AudienceMember
    """
    identifiers: list[dict[str, Any]] = []
    if "email" in values:
        identifiers.append({"emailAddress": values["email"]})
    if "phone" in values:
        identifiers.append({"phoneNumber": values["phone"]})
    if values.keys() >= _ADDRESS.keys():
        identifiers.append({"address": {name: values[field] for field, name in _ADDRESS.items()}})
    member: dict[str, Any] = {"userData": {"userIdentifiers": identifiers}}
    return {**member, "consent": _GRANTED} if granted else member


SHAPE = Shape(
    kind="objects",
    names={"email": "emailAddress", "phone": "phoneNumber", **_ADDRESS},
    max_rows=10_000,
    max_bytes=10 << 20,  # the API states members only; a full member has 400 bytes
    minimum=100,
    source=_LIMITS,
    consent=Consent(
        required_in=("EEA", "UK"),
        source="https://developers.google.com/data-manager/api/devguides/concepts/dma",
    ),
    memory=Memory(
        days=540,
        setting="membership_days",
        source="https://developers.google.com/ads/blog/posts/2025/02/update-to-customer-match-membership",
    ),
    member=build_member,
)
