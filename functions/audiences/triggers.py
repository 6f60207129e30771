"""What makes two events the same event: the execution name of the workflow they start."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from audiences.runs import safe_name


def execution_key(event: dict[str, Any]) -> str:
    """Return an execution name, `[A-Za-z0-9_-]` and at most 64 characters, equal for equal happenings.

    - `Object Created` of S3: bucket, key and version (or ETag where the bucket keeps no versions);
    - `Run Started` of ours: the run id itself;
    - a Personalize state change: ARN, status and run.
    Anything else falls back to EventBridge's event id, equal on redelivery.
    """
    detail = event.get("detail") or {}
    if event.get("detail-type") == "Object Created":
        item = detail["object"]
        version = item.get("version-id") or item.get("etag", "")
        return _name(item["key"], [detail["bucket"]["name"], item["key"], version])
    if event.get("detail-type") == "Run Started":
        return safe_name(str(detail["metadata"]["run_id"]))
    if "Arn" in detail and "Status" in detail:
        return _name(str(detail["Arn"]), [detail["Arn"], detail["Status"], detail.get("RunId", "")])
    return _name(str(event.get("id", "")), [event])


def _name(readable: str, identity: list[Any]) -> str:
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:24]
    return f"{safe_name(readable)[:38].rstrip('-')}-{digest}"
