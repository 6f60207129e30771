"""Sends the prepared parts to Customer Profiles, one upload job each.

And never sends one twice on a retry.
"""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.customer_profiles import upload_part
from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import list_keys, read_json, write_json

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Upload the parts of `plan`; return `{job_ids}`. Jobs that an earlier attempt started are kept."""
    plan = read_json(event["plan"])
    domain, days = os.environ["CUSTOMER_PROFILES_DOMAIN"], int(os.environ["PROFILE_EXPIRY_DAYS"])
    started = f"{plan['work']}jobs.json"
    job_ids: list[str] = read_json(started) if started in list_keys(started) else []
    for uri in plan["parts"][len(job_ids) :]:
        job_ids.append(upload_part(domain, uri, title=plan["title"], plan=plan, expiry_days=days))
        write_json(started, job_ids)
    logger.info("The parts are uploaded.", extra={"run_id": plan["file"]["run_id"], "jobs": len(job_ids)})
    return {"job_ids": job_ids}
