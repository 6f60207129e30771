"""Users of a DMP segment: objects, 5,000 a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.platforms.linkedin.version import DOCS
from audiences.preparation.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDS = {"email": "SHA256_EMAIL", "maid": "GOOGLE_AID"}
_PLAIN = {"first_name": "firstName", "last_name": "lastName", "country": "country"}


def build_user(values: Mapping[str, str], _granted: bool) -> dict[str, Any]:
    """Return an element without its action, which the delivery adds."""
    ids = [{"idType": kind, "idValue": values[field]} for field, kind in _IDS.items() if field in values]
    return {"userIds": ids, **{name: values[field] for field, name in _PLAIN.items() if field in values}}


SHAPE = Shape(
    kind="objects",
    names={**_IDS, **_PLAIN},
    max_rows=5_000,
    max_bytes=5 << 20,
    minimum=300,
    source=DOCS,
    member=build_user,
)
