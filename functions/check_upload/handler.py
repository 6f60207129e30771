"""Looks once at what the platform makes of the data it took; a job that never ends fails the delivery."""

from __future__ import annotations

from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import open_step
from audiences.uploads.progress import describe

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return `{next, left, jobs, wait_seconds}`. SetupError when a job never ends.

    Event: `{manifest, execution_key}`.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        audience = delivery.open()
        delivery.check_jobs(audience)
        told = describe(delivery, audience)
        logger.info("Looked at the platform's work.", extra={"run_id": delivery.prepared.run_id, **told})
        return told
