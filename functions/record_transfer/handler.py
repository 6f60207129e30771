"""Notes which files arrived on the SFTP server; one that did not fails the delivery, after the rest."""

from __future__ import annotations

from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.stepwise_delivery import open_step
from audiences.uploads.files import MOST_PATHS, read_results, remote_name

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return `{arrived}`. Event: `{manifest, execution_key, results}`, results of ListFileTransferResults.

    SetupError names the files that did not arrive and why.
    """
    with open_step(event["manifest"], event["execution_key"], context) as delivery:
        prepared, whole = delivery.prepared, delivery.shape.whole
        batches = {
            remote_name(prepared, batch, whole=whole): batch
            for batch in delivery.unsent(delivery.open())[:MOST_PATHS]
        }
        arrived, problem = read_results(
            event["results"], {name: batch.rows for name, batch in batches.items()}
        )
        for name, result in arrived.items():
            delivery.record(batches[name], result)
        logger.info("Files arrived.", extra={"run_id": prepared.run_id, "files": len(arrived)})
        if problem:
            raise problem
        return {"arrived": len(arrived)}
