"""Asks a bucket's policy whether AppFlow may touch it: AppFlow uses no role, so the policy alone decides.

https://docs.aws.amazon.com/appflow/latest/userguide/s3-policies-management.html
"""

from __future__ import annotations

import fnmatch
import json
from typing import Any

from botocore.exceptions import ClientError

PRINCIPAL = "appflow.amazonaws.com"


class AccessDeniedError(Exception):
    """The bucket's policy does not let AppFlow do it; the text is what the flow run shows."""


def require(s3: Any, account: str, bucket: str, action: str, key: str = "") -> None:
    """Raise AccessDeniedError unless the bucket's policy allows AppFlow `action` on the bucket or the key."""
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        raise AccessDeniedError(f"Bucket {bucket} has no policy that lets Amazon AppFlow in.") from error
    effects = {s["Effect"] for s in policy["Statement"] if _speaks_of(s, account, action, resource)}
    if effects != {"Allow"}:
        raise AccessDeniedError(
            f"Amazon AppFlow may not {action} on {resource}: the bucket's policy does not allow it."
        )


def _speaks_of(statement: dict[str, Any], account: str, action: str, resource: str) -> bool:
    principal = statement.get("Principal") or {}
    services = "*" if principal == "*" else principal.get("Service", [])
    everybody = services == "*"
    if not everybody and PRINCIPAL not in _as_list(services):
        return False
    condition = statement.get("Condition") or {}
    if "Bool" in condition:  # aws:SecureTransport: AppFlow always uses TLS
        return False
    wanted = {k.lower(): v for k, v in (condition.get("StringEquals") or {}).items()}
    if account not in _as_list(wanted.get("aws:sourceaccount", account)):
        return False
    actions, resources = _as_list(statement.get("Action", [])), _as_list(statement.get("Resource", []))
    return any(fnmatch.fnmatchcase(action, a) for a in actions) and any(
        fnmatch.fnmatchcase(resource, r) for r in resources
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
