"""Writes the next records of a delivery where a flow can read them, and makes the flow for this one run."""

from __future__ import annotations

import os
from typing import Any

from audiences.delivery.plan import digest_of
from audiences.edges.appflow import make_flow
from audiences.edges.entry import entry, make_logger
from audiences.edges.outbox import put_records
from audiences.edges.stepwise_delivery import begin, open_step
from audiences.uploads.members import write_members

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Return `{next: run|finish, batch, flow, token}`; the token lets a repeated start find the first.

    Event: `{manifest, execution_key}`. RetryLater while another delivery to the same audience runs.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        begin(delivery)
        prepared = delivery.prepared
        batches = [] if delivery.done() else delivery.unsent(delivery.open())
        if not batches:
            return {"next": "finish", "batch": "", "flow": "", "token": ""}
        batch, model = batches[0], os.environ["FLOW_NAME"]
        data = write_members(batch.read(), prepared.audience, batch.operation, delivery.shape.keys)
        _, prefix = put_records(prepared, batch, data)
        flow = f"{model}-{batch.key[:12]}"
        make_flow(model, flow, prefix)
        logger.info(
            "The flow is made.", extra={"run_id": prepared.run_id, "batch": batch.entry, "flow": flow}
        )
        # Of this execution: a later one, after a run that failed, must start another and not find that one.
        token = digest_of(batch.key, event["execution_key"])[:32]
        return {"next": "run", "batch": batch.entry, "flow": flow, "token": token}
