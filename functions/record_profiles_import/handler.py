"""Records how a Customer Profiles import ended, keeps the ledger of members.

And removes the uploaded copies.
"""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.customer_profiles import get_upload_job
from audiences.edges.entry import entry, make_logger
from audiences.edges.member_ledgers import note_members
from audiences.edges.s3_files import copy_once, delete_all, read_json
from audiences.edges.stage_log import end_stage
from audiences.imports.outcome import profiles_result
from audiences.imports.upload_plan import MEMBER

logger = make_logger()
NO_SIZE = "The service did not tell the segment's size; the number of members sent is shown."


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Save the result of the upload jobs; return `{status, size, failed}`.

    Event: `{plan, job_ids, segment_id, size (profiles, -1: unknown)}`. When a record failed, the ledger keeps
    leavers too, so that the next refresh marks them again.
    """
    plan = read_json(event["plan"])
    file = {**plan["file"], "problems": plan["problems"]}
    jobs = [get_upload_job(os.environ["CUSTOMER_PROFILES_DOMAIN"], job) for job in event["job_ids"]]
    segment: dict[str, Any] = {"note": plan["note"]}
    if plan["segment"]:
        file["segment_name"] = plan["segment"]
        size = event["size"] if event["size"] >= 0 else plan["counts"].get(MEMBER, 0)
        note = plan["note"] if event["size"] >= 0 else f"{plan['note']} {NO_SIZE}"
        segment = {"id": event["segment_id"], "size": size, "note": note, "lost": plan.get("lost")}
    result = profiles_result(file["name"], file, jobs, rejected=plan["rejected"], segment=segment)
    detail_type = "Segment Import Failed" if result.status == "failed" else "Segment Imported"
    if plan["segment"]:
        complete = all(job["Status"] == "SUCCEEDED" for job in jobs)
        held = f"{plan['work']}{'members' if complete else 'everyone'}.csv"
        told = {"run-id": file["run_id"], "segment-name": plan["segment"], **plan.get("held", {})}
        copy_once(held, plan["ledger"], told)
        note_members(plan, complete=complete, failed=result.status == "failed")
    end_stage(
        file["run_id"], result, detail_type, [{"name": result.name, "status": result.status, **result.data}]
    )
    delete_all(plan["parts"])  # they hold addresses, and nobody needs them any more
    counts = {"size": result.data["size"], "failed": result.data["failed"]}
    logger.info(
        "The import is recorded.", extra={"run_id": file["run_id"], "status": result.status, **counts}
    )
    return {"status": result.status, **counts}
