"""Finds the audience on the platform or creates it, and says what a delivery has to do: safe to repeat."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import begin, open_step, rehearse
from audiences.uploads.progress import describe, nothing_left

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return `{next, left, jobs, wait_seconds}` for the manifest at `event["manifest"]` (s3://…).

    Event: `{manifest, execution_key}`. RetryLater while another delivery to the same audience runs. With
    DRY_RUN the delivery ends here, when everything that changes nothing was tried.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        begin(delivery)
        if os.environ.get("DRY_RUN") == "true":
            rehearse(delivery, event["execution_key"])
            return nothing_left("done")
        if delivery.done():
            return nothing_left("finish")
        audience = delivery.open()
        told = describe(delivery, audience)
        run_id = delivery.prepared.run_id
        logger.info("The segment is there.", extra={"run_id": run_id, "audience": audience.id, **told})
        return told
