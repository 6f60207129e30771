"""Asks Pinpoint how far an import job is, and passes on the status only.

The full answer may quote addresses.
"""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.pinpoint import get_import_job
from audiences.imports.outcome import FINISHED

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return `{status, done}` of the job `job_id`. Raises RetryLater when Pinpoint is busy."""
    status = get_import_job(os.environ["PINPOINT_APPLICATION_ID"], event["job_id"])["JobStatus"]
    return {"status": status, "done": status in FINISHED}
