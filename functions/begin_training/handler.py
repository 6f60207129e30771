"""Begins a training run: its record exists and the bus knows, so that a mail follows in any case."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.bus import put_events
from audiences.edges.entry import entry, make_logger
from audiences.edges.run_store import save_result
from audiences.events import stage_event
from audiences.training.names import STAGE, identify_run
from audiences.training.outcome import pending_result, title

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Take `{trigger, started_at}` (the S3 event, the execution's start); return `{run_id, name}`."""
    run = identify_run(event["trigger"], event["started_at"])
    save_result(os.environ["AUDIENCE_BUCKET"], run.run_id, pending_result(run))
    bus = os.environ["EVENT_BUS_NAME"]
    put_events([stage_event(bus, STAGE, "Run Started", run.run_id, {"title": title(run)})])
    logger.info("Run started", extra={"run_id": run.run_id, "config": run.key})
    return {"run_id": run.run_id, "name": run.name}
