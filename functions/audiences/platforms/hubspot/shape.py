"""Contacts of a batch upsert: objects of properties, 100 a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.platforms.hubspot.version import DOCS
from audiences.preparation.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {
    "email": "email",
    "phone": "phone",
    "first_name": "firstname",
    "last_name": "lastname",
    "city": "city",
    "state": "state",
    "zip": "zip",
    "country": "country",
}


def build_contact(values: Mapping[str, str], _granted: bool) -> dict[str, Any]:
    """Return a contact by its e-mail address, the property that makes it unique."""
    properties = {name: values[field] for field, name in _NAMES.items() if field in values}
    return {"id": values.get("email", ""), "idProperty": "email", "properties": properties}


SHAPE = Shape(
    kind="objects",
    names=_NAMES,
    max_rows=100,
    max_bytes=1 << 20,
    minimum=1,
    source=DOCS,
    confidence="low",  # the batch size is not on the stored page
    keys=("email",),
    member=build_contact,
)
