"""The embedded AWS refuses the definitions that Step Functions refuses."""

import json

import pytest
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from local import ministack_patches
from local.workflow_rules import find_refusals


def machine(inner="mine", outer="all", expression="1"):
    step = {"Type": "Pass", "Assign": {inner: f"{{% {expression} %}}"}, "End": True}
    each = {"StartAt": "Take one", "States": {"Take one": step}}
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {outer: "{% $states.errorOutput %}"}, "Next": "Stop"}]
    return json.dumps(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Do all",
            "States": {
                "Do all": {"Type": "Map", "ItemProcessor": each, "Catch": catch, "Next": "Stop"},
                "Stop": {"Type": "Succeed"},
            },
        }
    )


@pytest.fixture
def patched(monkeypatch):
    for module, name in (
        (stepfunctions, "_validate_definition_jsonata"),
        (provisioners, "_sfn_definition"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    ministack_patches.refuse_definitions_as_aws_does()


def test_an_outer_variable_is_not_assigned_inside_a_map():
    assert find_refusals(machine()) == []
    assert find_refusals(machine("caught", "caught")) == [
        "'Take one' assigns 'caught', which a scope around it assigns, too"
    ]


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (machine(expression="$eval('1')"), "calls $eval"),
        (machine(inner="states"), "no name for a variable"),
        (machine(inner="1st"), "no name for a variable"),
        (machine() + " " * 1024 * 1024, "bytes"),
        ("{}", "no States"),
    ],
)
def test_what_aws_lacks_or_limits_is_refused(definition, said):
    (refusal,) = find_refusals(definition)
    assert said in refusal


def test_the_api_refuses(patched):
    status, _, body = stepfunctions._create_state_machine(
        {"name": "m", "definition": machine("same", "same")}
    )
    assert status == 400
    answer = json.loads(body)
    assert answer["__type"] == "InvalidDefinition"
    assert "a scope around it" in json.dumps(answer)


def test_a_deployment_fails(patched):
    with pytest.raises(ValueError, match="a scope around it"):
        provisioners._sfn_state_machine_create("M", {"DefinitionString": machine("same", "same")}, "stack")


NAMES = ("_apply_state_assign", "_add_event", "_execute_pass", "_execute_task", "_execute_map", "_execute_parallel",
         "_execute_choice")  # fmt: skip


@pytest.fixture
def limited(monkeypatch):
    for name in NAMES:
        monkeypatch.setattr(stepfunctions, name, getattr(stepfunctions, name))
    ministack_patches.limit_executions_as_aws_does()


def fail_of(state, variables=None, data=None):
    ctx = {"QueryLanguage": "JSONata", "variables": variables or {}}
    with pytest.raises(stepfunctions._ExecutionError) as failed:
        stepfunctions._execute_pass(state, data or {}, ctx)
    return failed.value


def test_an_output_and_a_variable_have_256_kib_at_most(limited):
    text = "x" * 256 * 1024
    failed = fail_of({"Type": "Pass", "Output": {"all": text}, "End": True})
    assert failed.error == "States.DataLimitExceeded"
    failed = fail_of({"Type": "Pass", "Assign": {"all": text}, "Output": {}, "End": True})
    assert (failed.error, "variable all" in failed.cause) == ("States.DataLimitExceeded", True)


def test_all_variables_together_have_10_mib_at_most(limited):
    many = {f"v{n}": "x" * 250_000 for n in range(42)}
    failed = fail_of({"Type": "Pass", "Assign": {"one": "more"}, "Output": {}, "End": True}, many)
    assert "The variables have" in failed.cause


def test_a_history_has_25_000_events_at_most(limited):
    execution = {"events": [{}] * 25_000}
    with pytest.raises(stepfunctions._ExecutionError, match="25,000"):
        stepfunctions._add_event(execution, "PassStateEntered")
    stepfunctions._add_event(execution, "ExecutionFailed")


def test_what_is_small_goes_through(limited):
    ctx = {"QueryLanguage": "JSONata"}
    state = {"Type": "Pass", "Assign": {"a": 1}, "Output": {"b": 2}, "End": True}
    assert stepfunctions._execute_pass(state, {}, ctx)[0] == {"b": 2}
    assert ctx["variables"] == {"a": 1}
