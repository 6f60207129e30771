"""Publishes one part of an audience to its place, and notes at once what the platform said."""

from __future__ import annotations

from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import open_step, read_place
from audiences.errors import RetryLater
from audiences.uploads.drop_client import PlaceExpiredError
from audiences.uploads.progress import describe

logger = make_logger()
_MOST_PLACES = 5  # one after the other; then the retry waits until the last is too old in any case


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return `{next, left, jobs, wait_seconds}`; `next: place` also when the place has expired.

    Event: `{manifest, execution_key, batch}`. A part that the journal has is not sent again.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        prepared, audience = delivery.prepared, delivery.open()
        batch = delivery.todo(audience).batch
        if batch is None or batch.entry != event["batch"]:
            return describe(delivery, audience)
        kept = read_place(delivery, batch.entry)
        try:
            if not kept.is_young(delivery):
                raise PlaceExpiredError("The place is too old to be used.")
            audience = delivery.publish(audience, batch, kept.place)
        except PlaceExpiredError as expired:
            if kept.asked >= _MOST_PLACES and kept.is_young(delivery):
                what = f"{kept.asked} places expired before they could be used."
                raise RetryLater(what, expired.why) from None
            logger.info("The place has expired.", extra={"run_id": prepared.run_id, "why": expired.why})
            return {"next": "place", "left": 1, "jobs": 0, "wait_seconds": 0}
        told = describe(delivery, audience)
        logger.info("Published.", extra={"run_id": prepared.run_id, "batch": batch.entry, **told})
        return told
