"""Ends a training run, whatever became of it: the final result for the mail, and one event on the bus."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.bus import put_events
from audiences.edges.entry import entry, make_logger
from audiences.edges.run_store import save_result
from audiences.edges.training_records import TrainingRecords
from audiences.events import stage_event
from audiences.training.names import STAGE, identify_run
from audiences.training.outcome import final_result, read_failure, title

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Take `{trigger, started_at, failures: [{resource?, Error, Cause}], begun}`; return what came of it.

    `begun` is false when the run could not be announced: then it is announced here, so that a mail follows.
    """
    run = identify_run(event["trigger"], event["started_at"])
    bucket, bus = os.environ["AUDIENCE_BUCKET"], os.environ["EVENT_BUS_NAME"]
    records = TrainingRecords(bucket, bus, run.run_id)
    plan = records.load_plan()
    known = {identity: records.load(identity) for identity in plan.resources} if plan else {}
    failures = [read_failure(value) for value in event["failures"]]
    result = final_result(run, plan, known, failures)
    save_result(bucket, run.run_id, result)
    failed = result.status == "failed"
    data = {"dataset_group": result.data["dataset_group"], "status": result.status, "failure": result.failure}
    data["segment_jobs"] = result.data["segment_jobs"]
    detail_type = "Training Failed" if failed else "Training Finished"
    events = [stage_event(bus, STAGE, detail_type, run.run_id, data)]
    if not event["begun"]:
        events.insert(0, stage_event(bus, STAGE, "Run Started", run.run_id, {"title": title(run)}))
    put_events(events)
    logger.info(detail_type, extra={"run_id": run.run_id, "status": result.status})
    return {"run_id": run.run_id, "status": result.status, "summary": (result.failure or {}).get("what", "")}
