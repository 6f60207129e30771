"""Rows of a Custom Audience inside a request: the prepared part goes in as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audiences.delivery import Batch


def build_body(batch: Batch, *, consented: bool = False) -> bytes:
    """Return the JSON body of an upload: the session, then the part. consented: all these people agreed.

    A session tells Meta which batches belong together, so one sent again counts once:
    https://developers.facebook.com/docs/marketing-api/reference/custom-audience/users
    """
    session = {
        "session_id": batch.session,
        "batch_seq": batch.number,
        "last_batch_flag": batch.is_last,
        "estimated_num_total": batch.total_rows,
    }
    told = b'"customer_consent":true,' if consented and batch.operation != "remove" else b""
    return b'{%s"session":%s,"payload":%s}' % (told, json.dumps(session).encode(), batch.read())
