"""Makes a segment for ad platforms of the endpoints that a Pinpoint campaign reaches by custom channel.

Up to 50 endpoints an invocation: https://docs.aws.amazon.com/pinpoint/latest/developerguide/channels-custom.html
"""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.custom_channel import store_members
from audiences.edges.entry import entry, make_logger
from audiences.uploads.custom_channel import members_of, segment_file

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Write `segments/pinpoint/<segment>/<activity>-<digest>.csv` of user ids, once.

    Event: Pinpoint's. The custom channel's data names the segment; without it the campaign does. Endpoints
    without a user, and those opted out of everything, are left out and counted.
    """
    users, left_out = members_of(event)
    key = segment_file(event, users)
    if users:
        store_members(os.environ["AUDIENCE_BUCKET"], key, users)
    logger.info("A campaign's people.", extra={"key": key, "users": len(users), "left_out": left_out})
    return {"users": len(users), "left_out": left_out}
