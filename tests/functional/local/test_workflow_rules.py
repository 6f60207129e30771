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
