"""Records that a delivery failed, and why, so that the mail says it; what was sent stays noted."""

from __future__ import annotations

import os
from typing import Any

from audiences.delivery.uploader import find_uploader
from audiences.edges.delivery_store import S3Store
from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import split_uri
from audiences.edges.stage_log import end_stage
from audiences.edges.stepwise_delivery import read_manifest, release
from audiences.errors import AudienceError, RetryLater
from audiences.uploads.failure import accepted_before, failed_delivery, unreadable_delivery

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Save the failed result and put its event. Event: `{manifest, execution_key, error: {Error, Cause}}`."""
    caught = event["error"]
    try:
        prepared = read_manifest(event["manifest"])
    except AudienceError:
        run_id, result = unreadable_delivery(split_uri(event["manifest"])[1], caught)
    else:
        run_id = prepared.run_id
        taken = accepted_before(S3Store(os.environ["AUDIENCE_BUCKET"], prepared).entries())
        result = failed_delivery(prepared, find_uploader(prepared.platform).pattern, caught, taken)
        try:
            release(prepared, event["execution_key"])
        except RetryLater:
            logger.info(
                "Another delivery has the audience.", extra={"run_id": run_id, "delivery": result.name}
            )
    end_stage(run_id, result, "Audience Delivery Failed", [{**result.data, "failure": result.failure}])
    logger.error(
        "The delivery failed.", extra={"run_id": run_id, "delivery": result.name, "failure": result.failure}
    )
    return {"status": "failed"}
