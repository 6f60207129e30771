"""Import jobs of profiles, and the lists they go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiences.delivery import Batch

IDENTIFIERS = ("email", "phone_number", "external_id")


def build_job(list_id: str, batch: Batch) -> bytes:
    """Return the body of a bulk import: profiles are made or updated, and put on the list.

    https://developers.klaviyo.com/en/reference/bulk_import_profiles
    """
    lists = json.dumps({"lists": {"data": [{"type": "list", "id": list_id}]}}).encode()
    head = b'{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":'
    return head + batch.read() + b'}},"relationships":' + lists + b"}}"


def group_identifiers(batch: Batch) -> dict[str, list[str]]:
    """Return what the batch's profiles are found by: strongest identifier of each, by its name."""
    found: dict[str, list[str]] = {}
    for profile in json.loads(batch.read()):
        name = next((name for name in IDENTIFIERS if profile["attributes"].get(name)), "")
        if name:
            found.setdefault(name, []).append(profile["attributes"][name])
    return found


def build_ids(ids: list[str]) -> dict[str, Any]:
    """Return the body of a relationship call."""
    return {"data": [{"type": "profile", "id": one} for one in ids]}
