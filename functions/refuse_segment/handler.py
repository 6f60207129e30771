"""The exception step of the SFTP intake: nothing that goes wrong in the workflow stays untold."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.sftp_intake import answer_step, load_result, read_drop
from audiences.edges.stage_log import begin_stage, end_stage
from audiences.intake.outcome import STAGE, after_exception

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Tell why the workflow failed unless the check told it, and let the other exception steps go on.

    Event: of a custom step of AWS Transfer Family, which does not say what went wrong.
    """
    drop = read_drop(event)
    saved = load_result(os.environ["AUDIENCE_BUCKET"], drop.run_id, STAGE, drop.name)
    result = after_exception(drop, saved)
    if result is not None:
        if saved is None:
            begin_stage(drop.run_id, STAGE, drop.name, f"Upload of {drop.name}", own_run=True)
        data = {"name": drop.name, **result.data, "failure": result.failure}
        end_stage(drop.run_id, result, "Segment Refused", [data])
    answer_step(event, "SUCCESS")
    told = result or saved
    logger.error("A file is refused.", extra={"run_id": drop.run_id, "failure": told and told.failure})
    return {"run_id": drop.run_id}
