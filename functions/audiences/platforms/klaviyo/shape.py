"""Profiles of a bulk import job: objects, 10,000 profiles or 5 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.platforms.klaviyo.version import DOCS
from audiences.preparation.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROFILE = {
    "email": "email",
    "phone": "phone_number",
    "external_id": "external_id",
    "first_name": "first_name",
    "last_name": "last_name",
}
_PLACE = {
    "city": "city",
    "state": "region",
    "zip": "zip",
    "country": "country",
}


def build_profile(values: Mapping[str, str], _granted: bool) -> dict[str, Any]:
    """Return a profile resource."""
    attributes: dict[str, Any] = {name: values[field] for field, name in _PROFILE.items() if field in values}
    place = {name: values[field] for field, name in _PLACE.items() if field in values}
    if place:
        attributes["location"] = place
    return {"type": "profile", "attributes": attributes}


SHAPE = Shape(
    kind="objects",
    names={**_PROFILE, **_PLACE},
    max_rows=10_000,
    max_bytes=4_500_000,  # of 5 MB, for what the request puts around it
    minimum=1,
    source=DOCS,
    keys=("email", "phone", "external_id"),
    member=build_profile,
)
