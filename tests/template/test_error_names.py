"""Every error name that a workflow waits for can happen, and every integration is tried again when throttled.

Names are those of the AWS SDK for Java: classes of the service's model, its own class for all others, and
SdkClientException. https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import json
from functools import cache

import boto3
import pytest
from audiences import errors

from local.step_functions_sdk import _boto3_names, error_name
from tests.template.conftest import WORKFLOWS
from tests.template.test_workflows import all_states

# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
STATES = {"States.ALL", "States.TaskFailed", "States.Timeout", "States.DataLimitExceeded", "States.Runtime"}
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html ("Lambda.Unknown"),
# https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html (the other two)
LAMBDA = {"Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout"}
# Optimised integrations are made with the SDK for Java 1, where the service's own class has another name:
# https://docs.aws.amazon.com/AWSJavaSDK/latest/javadoc/ (com.amazonaws.services.<service>.model)
OWN_CLASS = {
    "Lambda": "AWSLambdaException",
    "Glue": "AWSGlueException",
    "StepFunctions": "AWSStepFunctionsException",
}
BOTO3 = {"StepFunctions": "stepfunctions"}
OURS = {cls.__name__ for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Exception)}


@cache
def classes_of(service):
    """The exceptions of a service, as `<Service>.<class>`."""
    name = BOTO3.get(service) or _boto3_names()[service.lower()]
    model = boto3.client(name, region_name="us-east-1").meta.service_model
    named = {error_name(model, shape.name) for shape in model.error_shapes}
    return named | {"SdkClientException", OWN_CLASS.get(service, f"{service}Exception")}


def tasks():
    for path in WORKFLOWS:
        for name, state in all_states(json.loads(path.read_text())):
            if state["Type"] == "Task":
                yield pytest.param(state, id=f"{path.stem}: {name}")


def service_of(state):
    service = state["Resource"].rpartition(":::")[2].removeprefix("aws-sdk:").partition(":")[0]
    return {"states": "StepFunctions", "events": "EventBridge", "sns": "SNS"}.get(service, service.title())


@pytest.mark.parametrize("state", [*tasks()])
def test_every_name_can_happen(state):
    known = STATES | OURS | (LAMBDA if service_of(state) == "Lambda" else set())
    known |= {f"{service_of(state)}.{name}" for name in classes_of(service_of(state))}
    for rule in [*state.get("Retry", ()), *state.get("Catch", ())]:
        assert set(rule["ErrorEquals"]) <= known


@pytest.mark.parametrize("state", [*tasks()])
def test_throttling_is_tried_again(state):
    service = service_of(state)
    modelled = {"ThrottlingException", "ThrottledException", "TooManyRequestsException"}
    throttled = {f"{service}.{name}" for name in modelled & classes_of(service)}
    throttled = throttled or {f"{service}.{OWN_CLASS.get(service, service + 'Exception')}"}
    retried = {name for rule in state["Retry"] for name in rule["ErrorEquals"]}
    assert retried & (throttled | {"States.ALL", "States.TaskFailed"}), f"none of {sorted(throttled)}"


@pytest.mark.parametrize(
    ("service", "code", "name"),
    [
        ("personalize", "ThrottlingException", "PersonalizeException"),
        ("personalize", "LimitExceededException", "LimitExceededException"),
        ("transfer", "InternalServiceError", "InternalServiceErrorException"),
        ("pinpoint", "TooManyRequestsException", "TooManyRequestsException"),
    ],
)
def test_an_error_the_model_lacks_is_the_services_own_class(service, code, name):
    model = boto3.client(service, region_name="us-east-1").meta.service_model
    assert error_name(model, code) == name
