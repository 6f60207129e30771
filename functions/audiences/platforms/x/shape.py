"""Users of a custom audience: objects of lists, 2,500 operations or 5 MB a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.preparation.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {
    "email": "email",
    "phone": "phone_number",
    "maid": "device_id",
    "username": "handle",
    "external_id": "partner_user_id",
}


def build_user(values: Mapping[str, str], _granted: bool) -> dict[str, Any]:
    """Return a user: a list of values for each kind of id."""
    return {name: [values[field]] for field, name in _NAMES.items() if field in values}


SHAPE = Shape(
    kind="objects",
    names=_NAMES,
    max_rows=2_500,
    max_bytes=4_500_000,  # of 5,000,000, for what the request puts around it
    minimum=100,
    source="https://docs.x.com/x-ads-api/audiences",
    keys=("email", "phone", "maid", "username", "external_id"),
    member=build_user,
)
