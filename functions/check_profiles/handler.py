"""Asks Customer Profiles how far its upload jobs are, or how big a segment is."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.customer_profiles import ENDED, get_estimate, get_upload_job
from audiences.edges.entry import entry, make_logger

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return `{done, status}` for `job_ids`, or `{done, status, size}` for an `estimate_id` (size -1.

    Not known).

    `status` of uploads is `failed` when no part got anywhere. Raises RetryLater when the service is busy.
    """
    domain = os.environ["CUSTOMER_PROFILES_DOMAIN"]
    if "estimate_id" in event:
        status, size = get_estimate(domain, event["estimate_id"])
        return {"done": status != "RUNNING", "status": status, "size": -1 if size is None else size}
    states = [get_upload_job(domain, job)["Status"] for job in event["job_ids"]]
    usable = any(state in ("SUCCEEDED", "PARTIALLY_SUCCEEDED") for state in states)
    done = all(state in ENDED for state in states)
    return {"done": done, "status": "running" if not done else "usable" if usable else "failed"}
