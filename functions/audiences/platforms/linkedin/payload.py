"""Users of a DMP segment: prepared elements, each with what is to be done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiences.delivery import Batch


def build_body(batch: Batch) -> dict[str, Any]:
    """Return the body of a batch: docs in version.py."""
    action = "REMOVE" if batch.operation == "remove" else "ADD"
    return {"elements": [{"action": action, **element} for element in json.loads(batch.read())]}


def build_segment(name: str, account: str, source: str, platform: str) -> dict[str, Any]:
    """Return the body that makes a segment. platform: the word that LinkedIn gave this developer."""
    return {
        "name": name,
        "account": f"urn:li:sponsoredAccount:{account}",
        "type": "USER",
        "sourcePlatform": platform,
        "sourceSegmentId": source,
        "destinations": [{"destination": "LINKEDIN"}],
    }
