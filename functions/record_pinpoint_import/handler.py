"""Records how a Pinpoint import ended.

Succeeded, partial with reasons, or failed, in the run and on the bus.
"""

from __future__ import annotations

import os
from typing import Any

from audiences.edges import pinpoint
from audiences.edges.entry import entry, make_logger
from audiences.edges.stage_log import end_stage
from audiences.imports.outcome import pinpoint_result

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Save the result of the job `job_id` for the inspected `file`; return `{status, size, failed}`.

    Event: `{job_id, file: <what inspect_import returned>}`.
    """
    application, file = os.environ["PINPOINT_APPLICATION_ID"], event["file"]
    job = pinpoint.get_import_job(application, event["job_id"])
    segment_id = pinpoint.segment_of(application, job) if job["JobStatus"] == "COMPLETED" else ""
    result = pinpoint_result(file["name"], file, job, segment_id)
    detail_type = "Segment Import Failed" if result.status == "failed" else "Segment Imported"
    end_stage(
        file["run_id"], result, detail_type, [{"name": result.name, "status": result.status, **result.data}]
    )
    counts = {"size": result.data["size"], "failed": result.data["failed"]}
    logger.info(
        "The import is recorded.", extra={"run_id": file["run_id"], "status": result.status, **counts}
    )
    return {"status": result.status, **counts}
