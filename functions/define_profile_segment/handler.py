"""Makes sure that the one lasting segment definition exists.

And asks for its size after the members are refreshed.
"""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.customer_profiles import ensure_segment, start_estimate
from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import read_json
from audiences.edges.stage_log import put_stage_events
from audiences.imports.outcome import PROFILES_STAGE

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Return `{segment_id, estimate_id}` for the segment of `plan`.

    Both are empty for an import of profiles.
    """
    plan = read_json(event["plan"])
    if not plan["segment"]:
        return {"segment_id": "", "estimate_id": ""}
    domain, segment = os.environ["CUSTOMER_PROFILES_DOMAIN"], plan["segment"]
    found = {
        "segment_id": ensure_segment(
            domain, segment, f"Users of the segment {segment}, kept by Audience Relay."
        ),
        "estimate_id": start_estimate(domain, segment),
    }
    run_id = plan["file"]["run_id"]
    put_stage_events(run_id, PROFILES_STAGE, "Segment Refreshed", [{"segment_name": segment, **found}])
    logger.info("The segment is defined.", extra={"run_id": run_id, "segment": segment})
    return found
