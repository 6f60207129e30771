"""Ends a delivery: rejects, ledger and receipt in this order, then the run record and the event."""

from __future__ import annotations

from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import close, open_step

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Return `{status}`: succeeded, partial, skipped, or failed when the platform refused everybody.

    Event: `{manifest, execution_key}`. A repeat finds the receipt and writes the same result again.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        status = close(delivery, event["execution_key"])
        name = delivery.prepared.name
        logger.info(
            "The delivery is over.",
            extra={"run_id": delivery.prepared.run_id, "delivery": name, "status": status},
        )
        return {"status": status}
