"""Users of a segment: the prepared matrix goes in as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audiences.delivery import Batch


def build_body(batch: Batch) -> bytes:
    """Return the body of an upload. https://developers.snap.com/api/marketing-api/Ads-API/customer-lists."""
    return b'{"users":[' + batch.read() + b"]}"
