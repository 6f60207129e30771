"""Ends one preparation, or the whole plan, in the run record and on the bus, whether it succeeded or not."""

from __future__ import annotations

import os
from typing import Any

from audiences.activations.outcome import failed_plan, failed_work, finished_work
from audiences.activations.work import STAGE
from audiences.edges.audience_work import read_told, read_work
from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import read_json, read_metadata, split_uri
from audiences.edges.stage_log import end_stage, put_stage_events
from audiences.errors import AudienceError
from audiences.imports.run_context import own_run_id

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Save the final result and put its event: Audience Prepared, Planned, or Preparation Failed.

    Event: `{work: s3://…}`, with `error: {Error, Cause}` when it failed; a plan that failed has no work but
    `{file, execution_key, time}`.
    """
    if not event.get("work"):
        return _end_plan(event)
    work = read_work(event["work"])
    run_id, error = work.request.run_id, event.get("error")
    if error:
        told = read_told(event["work"]) if work.engine == "spark" else None
        result, name = failed_work(work, error, told), "Audience Preparation Failed"
    else:
        made = read_json(work.output + ("plan.json" if work.request.dry_run else "manifest.json"))
        result = finished_work(work, made, os.environ["DELIVERED_PLATFORMS"].split(","))
        name = "Audience Planned" if work.request.dry_run else "Audience Prepared"
    end_stage(run_id, result, name, [{**result.data, "failure": result.failure}])
    logger.info(name, extra={"run_id": run_id, "audience": work.name})
    return {"run_id": run_id, "status": result.status}


def _end_plan(event: dict[str, Any]) -> dict[str, str]:
    """End a plan that failed; the file may be what is missing, then the failure gets a run of its own."""
    try:
        known = read_metadata(event["file"]).get("run-id", "")
    except AudienceError:
        known = ""
    run_id = known or own_run_id(event["execution_key"], event["time"])
    result = failed_plan(split_uri(event["file"])[1], event["file"], event["error"])
    if not known:
        put_stage_events(run_id, STAGE, "Run Started", [{"title": f"Audiences of {result.name}"}])
    end_stage(run_id, result, "Audience Preparation Failed", [{**result.data, "failure": result.failure}])
    return {"run_id": run_id, "status": result.status}
