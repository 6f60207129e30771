"""Events on the relay's own bus: `{metadata: {run_id, version, at}, data: {…}}`, URIs and counts only.

Training events keep the contract of "Maintaining Personalized Experiences": source
`solutions.aws.personalize`, detail-type `Personalize <Resource> State Change`, detail
`{Arn, Status, Duration?, FailureReason?}` (reference: aws-solutions, SO0170). Ours are
`audiences.<stage>` with a past-tense detail-type.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from audiences.redact import redact, redact_all

VERSION = "1"
PERSONALIZE_SOURCE = "solutions.aws.personalize"


def stage_event(bus: str, stage: str, detail_type: str, run_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return one PutEvents entry of ours. `stage` is e.g. `postprocessing`, `detail_type` e.g. `Segment Created`."""
    return {
        "EventBusName": bus,
        "Source": f"audiences.{stage}",
        "DetailType": detail_type,
        "Detail": json.dumps(
            {
                "metadata": {"run_id": run_id, "version": VERSION, "at": now()},
                "data": redact_all(data),
            }
        ),
    }


def state_change_event(
    bus: str,
    resource: str,
    arn: str,
    status: str,
    *,
    duration: float | None = None,
    failure_reason: str | None = None,
    run_id: str | None = None,
) -> dict[str, Any]:
    """Return one PutEvents entry for a Personalize resource, e.g. resource `Batch Segment Job`, status `ACTIVE`.

    `duration` is in seconds. `run_id` travels as `RunId`, an addition old consumers ignore.
    """
    detail: dict[str, Any] = {"Arn": arn, "Status": status}
    if duration:
        detail["Duration"] = int(duration)
    if failure_reason:
        detail["FailureReason"] = redact(failure_reason)
    if run_id:
        detail["RunId"] = run_id
    return {
        "EventBusName": bus,
        "Source": PERSONALIZE_SOURCE,
        "DetailType": f"Personalize {resource} State Change",
        "Resources": [arn],
        "Detail": json.dumps(detail),
    }


def now() -> str:
    """Return the current time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
