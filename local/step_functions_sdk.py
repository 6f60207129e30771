"""Step Functions' AWS SDK integrations as real calls: boto3, signed with the state machine's own role.

MiniStack calls its services inside the process, without asking IAM, and knows a fixed list of services. Here
every `aws-sdk:<service>:<action>` works that botocore knows and the emulator serves, and a missing permission
fails the task as it does on AWS.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError, ParamValidationError

from local.cloud import Cloud

PRINCIPAL = "states.amazonaws.com"
# Step Functions' service names that are not boto3's with hyphens removed:
# https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
_ALIASES = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}


class TaskError(Exception):
    """A failed integration: `error` is what ErrorEquals matches (`Personalize.ResourceNotFoundException`)."""

    def __init__(self, error: str, cause: str) -> None:
        """Keep both parts."""
        super().__init__(cause)
        self.error, self.cause = error, cause


@cache
def _boto3_names() -> dict[str, str]:
    names = {name.replace("-", ""): name for name in boto3.Session().get_available_services()}
    return {**names, **_ALIASES}


def call(cloud: Cloud, role_arn: str, service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Make one call as the role and return its result with Step Functions' member names. Raises TaskError."""
    from ministack.services import stepfunctions

    name = _boto3_names().get(service)
    if name is None:
        raise TaskError("States.Runtime", f"There is no AWS SDK integration for '{service}'.")
    client = cloud.client(name, role_arn, PRINCIPAL)
    model = client.meta.service_model
    operation = model.operation_model(action[0].upper() + action[1:])
    if operation.input_shape is not None:
        arguments = stepfunctions._sdk_json_param_value(arguments or {}, operation.input_shape)
    method = next(m for m, o in client.meta.method_to_api_mapping.items() if o == operation.name)
    prefix = model.service_id.replace(" ", "")
    try:
        result = getattr(client, method)(**arguments)
    except ParamValidationError as error:
        raise TaskError("States.Runtime", str(error)) from error
    except ClientError as error:
        name = error_name(model, error.response["Error"]["Code"])
        raise TaskError(f"{prefix}.{name}", error.response["Error"].get("Message", "")) from error
    result.pop("ResponseMetadata", None)
    plain = json.loads(json.dumps(result, default=_plain))
    if operation.output_shape is None:
        return {}
    return dict(stepfunctions._sdk_json_value(plain, operation.output_shape))


def error_name(model: Any, code: str) -> str:
    """Return the class that the AWS SDK for Java makes of an error, which is what ErrorEquals matches.

    An error that the service's model lacks, as throttling often is, becomes the service's own class
    (`Personalize.PersonalizeException`), and a modelled one gets "Exception" at its end:
    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/handling-exceptions.html
    """
    for shape in model.error_shapes:
        if code in (shape.name, shape.error_code):
            return f"{shape.name.removesuffix('Exception').removesuffix('Fault')}Exception"
    return f"{model.service_id.replace(' ', '')}Exception"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%dT%H:%M:%SZ")
    if hasattr(value, "read"):
        return value.read().decode()
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"cannot show a {type(value).__name__} in a state")
