"""Records of the Amazon audiences API: objects whose own key is the advertiser's id of the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.platforms.amazon.version import DOCS
from audiences.preparation.shape import Consent, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_PII = {
    "email": "email",
    "phone": "phone",
    "first_name": "firstname",
    "last_name": "lastname",
    "city": "city",
    "state": "state",
    "zip": "postal",
}
_GRANTED = {"consent": {"amzn": {"amznAdStorage": "GRANTED", "amznUserData": "GRANTED"}}}


def build_record(values: Mapping[str, str], granted: bool) -> dict[str, Any]:
    """Return a record; without an id of the advertiser's the strongest digest is the key."""
    key = values.get("external_id") or values.get("email") or values.get("phone", "")
    record: dict[str, Any] = {"externalUserId": key}
    if "country" in values:
        record["countryCode"] = values["country"]
    pii = {name: values[field] for field, name in _PII.items() if field in values}
    if pii:
        record["hashedPII"] = [pii]
    if granted:
        geo = {"geo": {"countryCode": values["country"]}} if "country" in values else {}
        record["userConsent"] = {**geo, **_GRANTED}
    return record


SHAPE = Shape(
    kind="objects",
    names={
        "email": "email",
        "phone": "phone",
        "external_id": "externalUserId",
        **_PII,
        "country": "countryCode",
    },
    max_rows=10_000,
    max_bytes=5 << 20,
    minimum=500,
    source=DOCS,
    confidence="low",  # no public page states rows, bytes or the minimum
    consent=Consent(required_in=("EEA", "UK"), source=DOCS),
    keys=("email", "phone", "external_id"),
    member=build_record,
)
