"""Puts the next files of a delivery in the outbox, named as the SFTP server shall see them."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.outbox import put_in_outbox
from audiences.edges.stepwise_delivery import begin, open_step
from audiences.uploads.files import MOST_PATHS, remote_folder, remote_name

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return `{next: send|finish, paths, folder}`: at most ten paths `/bucket/key`, and where they go.

    Event: `{manifest, execution_key}`. RetryLater while another delivery to the same audience runs.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        begin(delivery)
        prepared = delivery.prepared
        folder = remote_folder(os.environ["REMOTE_DIRECTORY"], prepared)
        batches = [] if delivery.done() else delivery.unsent(delivery.open())[:MOST_PATHS]
        parts = {part.file: part for part in delivery.parts()} if batches else {}
        paths = [
            put_in_outbox(
                prepared, parts[batch.file], remote_name(prepared, batch, whole=delivery.shape.whole)
            )
            for batch in batches
        ]
        logger.info("The outbox is filled.", extra={"run_id": prepared.run_id, "files": len(paths)})
        return {"next": "send" if paths else "finish", "paths": paths, "folder": folder}
