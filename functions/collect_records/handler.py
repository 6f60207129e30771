"""Gathers single-record messages into prepared files: the queue waits N seconds, an audience gets a file.

The people go through the same preparation as files do, so consent, suppressions and hashing cannot be passed
by.
"""

from __future__ import annotations

import os
from typing import Any

from audiences.delivery.records import Record, gather
from audiences.edges.collect import prepare_records
from audiences.edges.delivery_queue import bury
from audiences.edges.entry import entry, make_logger
from audiences.errors import DataError, RetryLater, SetupError

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, list[dict[str, str]]]:
    """Prepare a batch of records; messages that should come again are in `batchItemFailures`."""
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    good: list[tuple[str, Record]] = []
    for name, body in bodies.items():
        try:
            good.append((name, Record.read(body)))
        except DataError as error:
            bury(body, error.as_failure())
    again: list[str] = []
    for group in gather(good):
        try:
            folder, warnings = prepare_records(os.environ["AUDIENCE_BUCKET"], os.environ["PLATFORM"], group)
            for warning in warnings:  # a trickle has no run and no mail: the log is where it can be told
                logger.warning(warning, extra={"folder": folder})
            logger.info("Gathered.", extra={"folder": folder, "records": len(group.records)})
        except RetryLater as error:
            logger.info("Put off.", extra={"reason": error.what})
            again += group.ids
        except (SetupError, DataError) as error:
            logger.warning("Not gathered.", extra=error.as_failure())
            for name in group.ids:
                bury(bodies[name], error.as_failure())
    return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}
