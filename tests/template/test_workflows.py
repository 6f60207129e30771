"""Every workflow is valid, says what it does in English, and has a way out when something fails."""

import json
import re
from pathlib import Path

import cfnlint
import jsonschema

from local.workflow_rules import find_refusals

SCHEMA = Path(cfnlint.__file__).parent / "data/schemas/other/step_functions/statemachine.json"
TRANSIENT = {"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"}
KILLED = {"Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout"}  # how Lambda says that a function died


def all_states(definition):
    for name, state in definition["States"].items():
        yield name, state
        for branch in state.get("Branches", []):
            yield from all_states(branch)
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def test_it_is_valid_asl(workflow):
    path, definition = workflow
    schema = json.loads(SCHEMA.read_text())
    # JSONata and substitutions may stand where the schema wants a number or a partition.
    text = path.read_text().replace("${Partition}", "aws")
    text = re.sub(r'"(TimeoutSeconds|Seconds|MaxConcurrency)": *"[^"]+"', r'"\1": 60', text)
    parsed = json.loads(text)
    for _, state in all_states(parsed):  # the schema does not hand the machine's language down
        if state["Type"] not in ("Succeed", "Fail"):
            state["QueryLanguage"] = "JSONata"
    jsonschema.validate(parsed, schema)
    assert definition["QueryLanguage"] == "JSONata"
    assert definition["TimeoutSeconds"]
    assert definition["Comment"]


def test_step_functions_would_take_it(workflow):
    path, _ = workflow
    assert find_refusals(path.read_text()) == []


def test_states_are_sentences_with_a_comment(workflow):
    path, definition = workflow
    names = [name for name, _ in all_states(definition)]
    assert len(names) == len(set(names)), f"{path.name}: state names must be unique"
    for name, state in all_states(definition):
        assert re.fullmatch(r"[A-Z][^_]*", name), f"{path.name}: '{name}' is not an English sentence"
        assert " " in name, f"{path.name}: '{name}' is not a sentence"
        assert state.get("Comment"), f"{path.name}: '{name}' has no Comment"


def test_every_target_exists(workflow):
    path, definition = workflow

    def check(machine):
        states = machine["States"]
        assert machine["StartAt"] in states
        for name, state in states.items():
            nexts = [state.get("Next"), state.get("Default")]
            nexts += [c.get("Next") for c in state.get("Choices", []) + state.get("Catch", [])]
            for target in filter(None, nexts):
                assert target in states, f"{path.name}: '{name}' leads to '{target}', which is not there"
            for inner in [*state.get("Branches", []), state.get("ItemProcessor")]:
                if inner:
                    check(inner)

    check(definition)


def test_every_task_retries_and_has_a_way_out(workflow):
    path, definition = workflow
    guarded = {  # inside a Map or Parallel that catches, a task may rely on it
        name
        for outer, state in all_states(definition)
        if state["Type"] in ("Map", "Parallel") and state.get("Catch")
        for inner in [*state.get("Branches", []), state.get("ItemProcessor")]
        if inner
        for name, _ in all_states(inner)
    }
    last_resorts = {c["Next"] for _, s in all_states(definition) for c in s.get("Catch", [])}
    last_resorts |= {definition["States"][n].get("Next") for n in last_resorts if n in definition["States"]}
    for name, state in all_states(definition):
        if state["Type"] != "Task":
            continue
        assert state.get("Retry"), f"{path.name}: '{name}' is not retried"
        if "lambda:invoke" in state["Resource"]:
            matched = {e for r in state["Retry"] for e in r["ErrorEquals"]}
            assert matched >= TRANSIENT | KILLED or "States.ALL" in matched, (
                f"{path.name}: '{name}' {matched}"
            )
        has_way_out = state.get("Catch") or name in guarded or name in last_resorts
        assert has_way_out, f"{path.name}: '{name}' has no Catch"


def test_lambda_is_invoked_by_the_optimised_integration(workflow):
    path, definition = workflow
    for name, state in all_states(definition):
        if state["Type"] == "Task":
            assert state["Resource"].startswith("arn:${Partition}:states:::"), f"{path.name}: '{name}'"
