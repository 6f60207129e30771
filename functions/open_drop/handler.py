"""Gets a place on the platform for the next part of an audience: a drop URL, an uploaded file's path."""

from __future__ import annotations

from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import keep_place, open_step
from audiences.uploads.progress import describe

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return `{next: publish, batch}`; the place is kept in S3, because a drop URL opens by itself.

    Event: `{manifest, execution_key}`. When everything was sent before, `next` says what comes instead.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        audience = delivery.open()
        batch = delivery.todo(audience).batch
        if batch is None:
            return {**describe(delivery, audience), "batch": ""}
        keep_place(delivery, batch.entry, delivery.open_place(audience, batch))
        logger.info("There is a place.", extra={"run_id": delivery.prepared.run_id, "batch": batch.entry})
        return {"next": "publish", "batch": batch.entry, "left": 0, "jobs": 0, "wait_seconds": 0}
