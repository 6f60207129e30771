"""The custom step of the SFTP intake: takes an uploaded file as a segment, or says why not."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.sftp_intake import answer_step, hand_over, open_drop, read_drop
from audiences.edges.stage_log import begin_stage, end_stage
from audiences.errors import DataError, SetupError
from audiences.intake.check import check_segment
from audiences.intake.outcome import STAGE, received, refused

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Check the file, copy it to `segments/sftp/<user>.<segment>/`, and answer the workflow.

    Event: of a custom step of AWS Transfer Family. A file that is refused answers FAILURE, and the workflow's
    exception steps keep it. What is nobody's fault raises: then the step fails, too.
    """
    drop = read_drop(event)
    begin_stage(drop.run_id, STAGE, drop.name, f"Upload of {drop.name}", own_run=True)
    try:
        target = drop.target_key
        most = int(os.environ["MOST_MEBIBYTES"]) << 20
        result = received(drop, target, check_segment(open_drop(drop), drop.size, most))
        hand_over(drop, target)
    except (DataError, SetupError) as error:
        result = refused(drop, error)
    took = result.status == "succeeded"
    end_stage(
        drop.run_id,
        result,
        "Segment Received" if took else "Segment Refused",
        [{"name": drop.name, **result.data, "failure": result.failure}],
    )
    answer_step(event, "SUCCESS" if took else "FAILURE")
    logger.info("The upload is checked.", extra={"run_id": drop.run_id, "taken": took, **result.data})
    return {"run_id": drop.run_id, "status": result.status}
