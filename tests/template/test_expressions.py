"""No expression of a workflow is undefined when a service answers with the least that its model promises.

On AWS an undefined result fails the execution (States.QueryEvaluationError):
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json

import boto3
import pytest
from ministack.services import stepfunctions

from local.step_functions_sdk import _boto3_names
from tests.template.conftest import WORKFLOWS
from tests.template.test_workflows import all_states

# Members that a model does not mark as required though no answer lacks them.
ALWAYS = {
    ("personalize", "describeBatchSegmentJob"): {
        "BatchSegmentJob": {
            "JobName": "job",
            "JobOutput": {"S3DataDestination": {"Path": "s3://bucket/key/"}},
        }
    },
    ("appflow", "startFlow"): {"ExecutionId": "run"},
}
VARIABLES = {"run": "run", "run_id": "run", "job": "job", "attempt": 0, "looks": 0}


def integrations():
    for path in WORKFLOWS:
        for name, state in all_states(json.loads(path.read_text())):
            service, _, action = state.get("Resource", "").rpartition(":::")[2].partition(":")
            if service == "aws-sdk":
                yield pytest.param(state, *action.split(":"), id=f"{path.stem}: {name}")


def least(shape):
    """An answer that holds only what the model requires, with Step Functions' names."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {name[0].upper() + name[1:]: least(shape.members[name]) for name in shape.required_members}
    return {"list": [], "map": {}, "integer": 0, "long": 0, "boolean": False}.get(shape.type_name, "text")


def expressions(value):
    if isinstance(value, dict):
        for child in value.values():
            yield from expressions(child)
    elif isinstance(value, str) and value.startswith("{%"):
        yield value[2:-2].strip()


@pytest.mark.parametrize(("state", "service", "action"), [*integrations()])
def test_the_least_answer_is_enough(state, service, action):
    model = boto3.client(_boto3_names()[service], region_name="us-east-1").meta.service_model
    shape = model.operation_model(action[0].upper() + action[1:]).output_shape
    result = {**least(shape), **ALWAYS.get((service, action), {})}
    given = {"Execution": {"Input": {"detail": {}}}, "variables": VARIABLES}
    event = {"run_id": "run", "job": "job", "detail": {"RunId": "run", "Arn": "arn:job/job"}}
    for expression in expressions({"Assign": state.get("Assign"), "Output": state.get("Output")}):
        stepfunctions._evaluate_jsonata(expression, event, given, result=result)


def test_an_undefined_result_fails_in_the_embedded_aws():
    with pytest.raises(stepfunctions._ExecutionError) as failed:
        stepfunctions._evaluate_jsonata("$states.result.FlowExecutions[Id = 'x']", {}, {}, result={})
    assert failed.value.error == "States.QueryEvaluationError"
