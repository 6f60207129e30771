"""Notes what a flow wrote to Salesforce and what was refused, and deletes the flow that was made for it."""

from __future__ import annotations

from typing import Any

from audiences.edges.appflow import delete_flow
from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import open_step
from audiences.uploads.flow_run import read_run

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return `{accepted, rejected}`. SetupError when the run failed as a whole; the flow is kept to look at.

    Event: `{manifest, execution_key, batch, flow, run}`, run being an execution record of AppFlow.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        for batch in delivery.unsent(delivery.open()):
            if batch.entry == event["batch"]:
                delivery.record(batch, read_run(event["run"], batch.rows))
        delete_flow(event["flow"])
        result = delivery.entries[event["batch"]]["result"]
        told = {"accepted": int(result["accepted"]), "rejected": int(result["rejected"])}
        logger.info(
            "The flow has run.", extra={"run_id": delivery.prepared.run_id, "flow": event["flow"], **told}
        )
        return told
