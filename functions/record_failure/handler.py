"""Records that a stage failed, and why: every workflow's last resort, so that a mail always comes."""

from __future__ import annotations

from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import read_metadata
from audiences.edges.stage_log import begin_stage, end_stage, promised
from audiences.errors import AudienceError
from audiences.failures import from_caught
from audiences.imports.run_context import own_run_id
from audiences.runs import StageResult

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Save the failed result of `stage` and `name`, and put its event.

    Event: `{stage, name, run_id or "", object (s3://… or ""), run_prefix, title, error {Error, Cause},
    execution_key, time}`. The run is the one given, or the one in the object's metadata, or a new one.
    """
    stage, name, failure = event["stage"], event["name"], from_caught(event["error"])
    known = event["run_id"] or _run_of(event["object"])
    run_id = known or own_run_id(event["execution_key"], event["time"], event["run_prefix"])
    text = " ".join(part for part in (failure["what"], failure["why"]) if part)
    if stage.endswith("-import"):
        # The other service's import of the same file goes on, so the report still has to wait for it.
        happened, expects = "Segment Import Failed", promised(run_id, stage, name)
        data = {"file": event["object"], "status_text": text}
    else:
        # Import files that a failed post-processing promised will never come.
        happened, expects = "Segment Creation Failed", []
        data = {"job": name, "segments": [], "failed_queries": [], "status_text": text}
    begin_stage(run_id, stage, name, event["title"], own_run=not known, expects=expects)
    result = StageResult(stage=stage, name=name, status="failed", data=data, failure=failure, expects=expects)
    end_stage(run_id, result, happened, [{"name": name, "file": event["object"], "failure": failure}])
    logger.error("The stage failed.", extra={"run_id": run_id, "stage": stage, "error": failure["error"]})
    return {"run_id": run_id, "status": "failed"}


def _run_of(uri: str) -> str:
    """Return the run a file belongs to, or an empty string when it cannot say: it may be what is missing."""
    try:
        return read_metadata(uri).get("run-id", "") if uri else ""
    except AudienceError:
        logger.warning("The file's metadata cannot be read, so the failure gets a run of its own.")
        return ""
