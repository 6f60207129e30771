"""Makes sure that one Personalize resource of a run is there and active; the workflow's Retry repeats it."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.personalize import Personalize
from audiences.edges.training_records import TrainingRecords
from audiences.errors import SetupError
from audiences.training.ensure import Ensurer
from audiences.training.names import identify_run

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Take `{trigger, started_at, resource}`, an id in the plan; return `{resource, arn, status}`.

    Raises RetryLater while the resource is in the making, SetupError with the service's reason when it
    failed.
    """
    run = identify_run(event["trigger"], event["started_at"])
    records = TrainingRecords(os.environ["AUDIENCE_BUCKET"], os.environ["EVENT_BUS_NAME"], run.run_id)
    plan = records.load_plan()
    if plan is None:
        raise SetupError("The run has no plan.", "Its record was deleted.", "Upload the configuration again.")
    logger.append_keys(run_id=run.run_id, resource=event["resource"])
    return Ensurer(plan, Personalize(), records, run.started).ensure(event["resource"])
