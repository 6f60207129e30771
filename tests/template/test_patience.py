"""How long each workflow can wait, and whether its history would hold it.

A retry waits IntervalSeconds x BackoffRate^n, MaxDelaySeconds at most:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
An execution has 25,000 events at most: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

import json

import pytest
from ministack.services import stepfunctions

from tests.template.conftest import WORKFLOWS, load_template, load_workflow
from tests.template.test_workflows import all_states

MOST_EVENTS = 25_000
# Entered, scheduled, started, succeeded, exited; entered and exited. A retry: scheduled, started, failed.
EVENTS = {"Task": 5, "Map": 4, "Wait": 2, "Choice": 2, "Pass": 2, "Succeed": 2, "Fail": 1}
EVENTS_OF_A_RETRY = 3
# How many items a Map may have. Personalize's quotas per dataset group and Region (10 solutions, 10 filters, 3 kinds
# of datasets: https://docs.aws.amazon.com/personalize/latest/dg/limits.html); activations of one segment.
ITEMS = {
    "For each schema": 3,
    "For each dataset": 3,
    "For each filter": 10,
    "For each solution": 10,
    "For each segment job": 20,
    "Prepare each audience": 100,
}
HOUR = 3600


def waits_of_retries(state):
    """Seconds that each kind of retry waits, all its attempts together."""
    for rule in state.get("Retry", ()):
        pauses = [
            min(
                rule.get("IntervalSeconds", 1) * rule.get("BackoffRate", 2) ** n,
                rule.get("MaxDelaySeconds", 1e9),
            )
            for n in range(rule.get("MaxAttempts", 3))
        ]
        yield sum(pauses), len(pauses)


def longest(state):
    """`(seconds, retries)` of the kind of error that is waited for longest."""
    return max(waits_of_retries(state), default=(0, 0))


def evaluate(text, variables):
    if not isinstance(text, str) or not text.startswith("{%"):
        return text
    text = text.replace("${RunDeadlineHours}", "72")
    return stepfunctions._evaluate_jsonata(text[2:-2].strip(), {}, {"variables": variables}, result={})


def polls(machine):
    """`(name, turns, seconds)` of every loop through a Wait state, walked until its own condition ends it.

    What a service would say stays unsaid, so that only the counters move; a condition on it is no end.
    """
    states = machine["States"]
    for name, wait in states.items():
        if wait["Type"] != "Wait":
            continue
        look = states[wait["Next"]]
        choice = states.get(look.get("Next"), {"Choices": []})
        if choice.get("Type") != "Choice" or choice.get("Default") != name:
            continue
        variables = {"attempt": 0, "looks": 0, "waited_seconds": 0, "complete": False}
        variables |= {"outbox": {"paths": ["a file"]}}
        seconds = turns = 0
        while turns < 10_000:
            seconds, turns = seconds + evaluate(wait["Seconds"], variables), turns + 1
            counted = {}
            for variable, text in look["Assign"].items():
                if "$states" not in str(text):
                    counted[variable] = evaluate(text, variables)
            variables |= counted
            if any(ends(rule["Condition"], variables) for rule in choice["Choices"]):
                break
        yield name, turns, seconds


def ends(condition, variables):
    try:
        return evaluate(condition, variables) is True
    except stepfunctions._ExecutionError:
        return False


def events(machine):
    found = 0
    for name, state in machine["States"].items():
        found += EVENTS[state["Type"]] + EVENTS_OF_A_RETRY * longest(state)[1]
        if "ItemProcessor" in state:
            found += ITEMS[name] * (2 + events(state["ItemProcessor"]))
    turn = EVENTS["Wait"] + EVENTS["Task"] + EVENTS["Choice"]
    return found + sum(turns * turn for _, turns, _ in polls(machine))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_no_single_wait_outlasts_the_workflow(path):
    machine = load_workflow(path)
    for name, state in all_states(machine):
        assert longest(state)[0] <= machine["TimeoutSeconds"], name
    for name, _, seconds in polls(machine):
        assert seconds <= machine["TimeoutSeconds"], name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_the_history_holds_the_longest_execution(path):
    machine = load_workflow(path)
    # Retries of items that run side by side fill the same hours: the workflow's own limit bounds them, too.
    retried = [(s, longest(s)) for _, s in all_states(machine) if longest(s)[1] > 100]
    if any(state["Type"] == "Map" for state in machine["States"].values()) and retried:
        rate = max(retries / seconds for _, (seconds, retries) in retried)
        side_by_side = max(s.get("MaxConcurrency", 1) for s in machine["States"].values())
        bound = side_by_side * machine["TimeoutSeconds"] * rate * EVENTS_OF_A_RETRY
        assert bound + 25 * sum(ITEMS.get(name, 1) for name in machine["States"]) < MOST_EVENTS
    else:
        assert events(machine) < MOST_EVENTS


def test_the_loops_are_seen():
    looped = {name for path in WORKFLOWS for name, turns, _ in polls(load_workflow(path)) if turns > 1}
    assert looped == {
        *("Wait for the export", "Wait for the upload", "Wait for the segment size", "Wait for the import"),
        *("Wait for the stages", "Wait for the transfer", "Wait for the flow"),
    }


def test_a_training_is_waited_for_nearly_as_long_as_the_workflow_may_run():
    (path,) = (p for p in WORKFLOWS if p.name.startswith("train-"))
    machine = load_workflow(path)
    (train,) = (state for name, state in all_states(machine) if name == "Train the model")
    assert longest(train)[0] > 0.9 * machine["TimeoutSeconds"]


def test_the_mail_comes_after_the_longest_training():
    machine = {path.name: json.loads(path.read_text()) for path in WORKFLOWS}
    deadline = load_template(WORKFLOWS[0].parents[1] / "template.yaml")["Parameters"]["RunDeadlineHours"]
    training = machine["train-personalize.asl.json"]["TimeoutSeconds"] / HOUR
    assert training < deadline["Default"] <= deadline["MaxValue"]
    assert deadline["MaxValue"] * HOUR < machine["report-run.asl.json"]["TimeoutSeconds"]
