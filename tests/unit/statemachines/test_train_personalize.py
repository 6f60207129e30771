"""The training workflow reads well and cannot end in silence."""

import json
from pathlib import Path

import pytest

FILE = Path(__file__).parents[3] / "statemachines" / "train-personalize.asl.json"
MACHINE = json.loads(FILE.read_text())


def states_of(machine):
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


STATES = dict(states_of(MACHINE))


def test_names_are_unique():
    assert len(STATES) == len(list(states_of(MACHINE)))


@pytest.mark.parametrize("name", STATES)
def test_every_state_has_a_comment_for_a_marketer(name):
    assert STATES[name]["Comment"].endswith(".")


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state["Type"] == "Task"])
def test_every_task_waits_for_what_passes(name):
    retried = {error for retry in STATES[name]["Retry"] for error in retry["ErrorEquals"]}
    assert {"RetryLater", "Lambda.TooManyRequestsException", "Lambda.ServiceException"} <= retried


def test_every_way_to_fail_leads_to_the_record_of_the_run():
    for name, state in MACHINE["States"].items():
        if state["Type"] in ("Task", "Map") and name != "Finish the run":
            (catch,) = state["Catch"]
            assert catch["ErrorEquals"] == ["States.ALL"]
            assert catch["Next"] == "Finish the run"
            assert "failures" in catch["Assign"]


def test_one_failed_segment_job_or_model_does_not_stop_the_others():
    for name in ("For each solution", "For each segment job"):
        states = MACHINE["States"][name]["ItemProcessor"]["States"]
        for state in states.values():
            if state["Type"] == "Task":
                assert states[state["Catch"][0]["Next"]]["Type"] == "Pass"


def test_at_most_five_segment_jobs_are_in_flight():
    """The quota of Personalize: https://docs.aws.amazon.com/personalize/latest/dg/limits.html"""
    assert MACHINE["States"]["For each segment job"]["MaxConcurrency"] == 5
