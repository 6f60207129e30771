"""Starts a state machine once per event: EventBridge cannot choose an execution name, so this function does.

The name is a hash of what happened (bucket, key and version of an object; ARN and status of a resource; the
run), so the same event delivered twice is one execution and two objects in one second are two.
"""

from __future__ import annotations

import json
import os
from typing import Any

from audiences.edges.aws import client
from audiences.edges.entry import entry, make_logger
from audiences.triggers import execution_key

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Start STATE_MACHINE_ARN with the event and its `execution_key`; a second start is a success."""
    name = execution_key(event)
    states = client("stepfunctions")
    try:
        states.start_execution(
            stateMachineArn=os.environ["STATE_MACHINE_ARN"],
            name=name,
            input=json.dumps({**event, "execution_key": name}),
        )
    except states.exceptions.ExecutionAlreadyExists:
        logger.info("This event was handled before.", extra={"execution_key": name})
        return {"execution_key": name, "started": "before"}
    return {"execution_key": name, "started": "now"}
