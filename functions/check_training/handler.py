"""Checks the configuration, the data and the queries of a training run, and writes down what it will do."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.run_store import save_result
from audiences.edges.training_records import TrainingRecords
from audiences.edges.training_store import TrainingStore
from audiences.training.names import identify_run
from audiences.training.outcome import pending_result
from audiences.training.plan import Account
from audiences.training.prepare import prepare

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Take `{trigger, started_at}`; return the ids of what is to be made, in order (`Plan.steps`).

    Raises DataError with all problems, RetryLater while a file has not arrived.
    """
    run = identify_run(event["trigger"], event["started_at"])
    account = Account(
        os.environ["PERSONALIZE_ARN_PREFIX"],
        os.environ["PERSONALIZE_ROLE_ARN"],
        os.environ.get("RELAY_KEY_ARN") or None,
    )
    most_bytes = int(os.environ["DATA_CHECK_MEBIBYTES"]) << 20
    plan = prepare(run, account, TrainingStore(run.bucket), most_bytes)
    bucket = os.environ["AUDIENCE_BUCKET"]
    TrainingRecords(bucket, os.environ["EVENT_BUS_NAME"], run.run_id).save_plan(plan)
    save_result(
        bucket, run.run_id, pending_result(run, plan)
    )  # promises the segments before any job can finish
    logger.info(
        "Training checked", extra={"run_id": run.run_id, "jobs": len(plan.segment_jobs), **plan.counts}
    )
    return plan.steps()
