"""Makes a flow for one run from the flow that people see and may change: the same, with other files."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from audiences.edges.aws import client
from audiences.errors import RetryLater, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A flow that runs cannot be deleted yet (ConflictException).
_LATER = ("ThrottlingException", "InternalServerException", "ConflictException")


def make_flow(model: str, name: str, prefix: str) -> None:
    """Make flow `name` like `model`, reading the files below `prefix`, unless an earlier attempt made it."""
    appflow = client("appflow")
    with _errors(model):
        found = appflow.describe_flow(flowName=model)
    source = copy.deepcopy(found["sourceFlowConfig"])
    source["sourceConnectorProperties"]["S3"]["bucketPrefix"] = prefix
    request = {
        "flowName": name,
        "description": f"One run of {model}, made and deleted by a workflow.",
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": source,
        "destinationFlowConfigList": found["destinationFlowConfigList"],
        "tasks": found["tasks"],
    }
    if found.get("kmsArn"):
        request["kmsArn"] = found["kmsArn"]
    try:
        with _errors(name, expected="ConflictException"):
            appflow.create_flow(**request)
    except appflow.exceptions.ConflictException:
        return


def delete_flow(name: str) -> None:
    """Delete a flow that has run. One that is gone already is no error."""
    appflow = client("appflow")
    try:
        with _errors(name, expected="ResourceNotFoundException"):
            appflow.delete_flow(flowName=name, forceDelete=True)
    except appflow.exceptions.ResourceNotFoundException:
        return


@contextmanager
def _errors(flow: str, expected: str = "") -> Iterator[None]:
    """Turn AppFlow's errors into ours, except the one that the caller expects."""
    try:
        yield
    except ClientError as error:
        about = error.response["Error"]
        if about["Code"] == expected:
            raise
        if about["Code"] in _LATER:
            raise RetryLater(
                f"The flow {flow} could not be used.", f"AppFlow says {about['Code']}."
            ) from error
        raise SetupError(
            f"The flow {flow} could not be used.",
            f"AppFlow says {about['Code']}: {about.get('Message', '')}",
            "Open it in the Amazon AppFlow console and check its connection to Salesforce.",
        ) from error
    except BotoCoreError as error:
        raise RetryLater(f"The flow {flow} could not be used.", f"{type(error).__name__}.") from error
