"""Records of the Amazon audiences API: objects whose own key is the advertiser's id of the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.platforms.amazon.version import CONSENT, DOCS
from audiences.preparation.refresh import Memory
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
# Amazon Consent Signal: `amznAdStorage` is about cookies, of which a yes to advertising says nothing; it is optional.
_GRANTED = {"amznUserData": "GRANTED"}


def build_record(values: Mapping[str, str], granted: bool) -> dict[str, Any]:
    """Return a record; without an id of the advertiser's the strongest digest is the key."""
    key = values.get("external_id") or values.get("email") or values.get("phone", "")
    record: dict[str, Any] = {"externalUserId": key}
    if "country" in values:
        record["countryCode"] = values["country"]
    pii = {name: values[field] for field, name in _PII.items() if field in values}
    if pii:
        record["hashedPII"] = [pii]
    consent = _consent(values, granted)
    if consent:
        geo = {"geo": {"countryCode": values["country"]}} if "country" in values else {}
        record["userConsent"] = {**geo, "consent": consent}
    return record


def _consent(values: Mapping[str, str], granted: bool) -> dict[str, Any]:
    """Return the consent in one of the three forms that Amazon takes: the most exact that is there."""
    for field, name in (("tcf_string", "tcf"), ("gpp_string", "gpp")):
        if field in values:
            return {name: values[field]}
    return {"amzn": _GRANTED} if granted else {}


SHAPE = Shape(
    kind="objects",
    names={
        "email": "email",
        "phone": "phone",
        "external_id": "externalUserId",
        **_PII,
        "country": "countryCode",
        "tcf_string": "tcf",
        "gpp_string": "gpp",
    },
    signals=("tcf_string", "gpp_string"),
    max_rows=6_000,  # "guidance of 6000 per request"
    max_bytes=5 << 20,
    minimum=2_000,
    source=DOCS,
    confidence="low",  # rows and minimum are on the page, bytes of a request are not
    consent=Consent(required_in=("EEA", "UK"), source=CONSENT),
    keys=("email", "phone", "external_id"),
    memory=Memory(days=397, setting="ttl_seconds", unit_seconds=1, source=DOCS),
    member=build_record,
)
