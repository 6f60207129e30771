"""Prepares one audience by streaming: what the Spark job does for big inputs, with the same functions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from audiences.edges.audience_work import do_work, read_work
from audiences.edges.entry import entry, make_logger

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Do the work at `event["work"]` (s3://…) and return its counts. A repeat writes the same bytes.

    Raises SetupError for what the platform cannot take, DataError for files that break their contract, an
    audience that is too small or a mirror that would shrink too much: nothing is written then. When such an
    audience holds people who said no, their removals are written, and the manifest says what was held back.
    """
    work = read_work(event["work"])
    made = do_work(work)
    counts = asdict(made.counts)
    logger.info(
        "The audience is prepared.", extra={"run_id": work.request.run_id, "audience": work.name, **counts}
    )
    return {**counts, "removals": made.removals["rows"], "parts": len(made.parts)}
