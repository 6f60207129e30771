"""The report-run workflow on the emulator's engine: one mail per run, whatever happens.

The steps outside the workflow (function, topic, bus) are played by the test, so that it can make them fail.
"""

import json
from pathlib import Path

import pytest
from ministack.services import stepfunctions as engine

DEFINITION = Path(__file__).parents[2] / "statemachines" / "report-run.asl.json"
SETTINGS = {
    "Partition": "aws",
    "CollectRunFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:collect-run",
    "NotificationTopicArn": "arn:aws:sns:us-east-1:000000000000:mails",
    "EventBusName": "relay-bus",
    "AudienceBucketName": "audience",
    "RelayStackName": "relay",
    "RunDeadlineHours": "1",
}
STARTED = {
    "source": "audiences.training",
    "detail-type": "Run Started",
    "time": "2026-11-22T10:15:01Z",
    "detail": {
        "metadata": {"run_id": "20261122-101500-ab12cd", "version": "1", "at": "2026-11-22T10:15:00+00:00"},
        "data": {"title": "bingewatch"},
    },
    "execution_key": "20261122-101500-ab12cd",
}
WRITTEN = {
    "subject": "2 segments ready",
    "message": "Nothing to do.",
    "data": {"status": "succeeded", "segments": 2},
}


class World:
    """What surrounds the workflow: answers its calls and remembers them."""

    def __init__(self, complete_after):
        self.complete_after = complete_after
        self.looks, self.writes, self.mails, self.entries = [], [], [], []
        self.broken = {}

    def invoke(self, resource, arguments):
        name = (
            arguments["Payload"]["action"]
            if resource.endswith("lambda:invoke")
            else resource.rpartition(":")[2]
        )
        if name in self.broken:
            error, times = self.broken[name]
            self.broken[name] = (error, times - 1)
            if times > 0:
                raise engine._ExecutionError(error, "as told by the test")
        return getattr(self, name)(arguments)

    def look(self, arguments):
        self.looks.append(arguments["Payload"])
        done = len(self.looks) >= self.complete_after
        return {"StatusCode": 200, "Payload": {"complete": done, "waiting_for": int(not done), "results": 1}}

    def write(self, arguments):
        self.writes.append(arguments["Payload"])
        return {"StatusCode": 200, "Payload": WRITTEN}

    def publish(self, arguments):
        self.mails.append(arguments)
        return {"MessageId": "1"}

    def putEvents(self, arguments):  # noqa: N802  # the name of the AWS action
        self.entries += arguments["Entries"]
        return {"FailedEntryCount": 0}


@pytest.fixture
def run(monkeypatch):
    """Run the workflow in a world; return its status, its error and the states it visited."""
    text = DEFINITION.read_text(encoding="utf-8")
    for name, value in SETTINGS.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text, "a substitution is missing"
    assert engine._validate_definition_jsonata(text) is None
    monkeypatch.setattr(engine, "_SFN_WAIT_SCALE", 0)
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(engine, "_emit_execution_status_event", lambda _execution: None)

    def run_in(world, event=STARTED):
        monkeypatch.setattr(engine, "_invoke_resource", world.invoke)
        machine = {"stateMachineArn": "machine", "name": "report-run", "definition": text, "roleArn": "role"}
        execution = {
            "executionArn": "execution", "stateMachineArn": "machine", "name": event["execution_key"],
            "status": "RUNNING", "startDate": "2026-11-22T10:15:02Z", "stopDate": None,
            "input": json.dumps(event),
            "output": None, "testCase": "", "mockAttempts": {}, "events": [],
        }  # fmt: skip
        engine._state_machines["machine"], engine._executions["execution"] = machine, execution
        engine._run_execution("execution")
        entered = [item["stateEnteredEventDetails"]["name"] for item in execution["events"]
                   if "stateEnteredEventDetails" in item]  # fmt: skip
        return execution["status"], execution.get("error"), entered

    yield run_in
    engine._state_machines.pop("machine", None)
    engine._executions.pop("execution", None)


def test_a_run_is_watched_reported_and_mailed_once(run):
    world = World(complete_after=3)
    status, _, states = run(world)
    assert status == "SUCCEEDED"
    look = ["See how far the run is", "Is the run over?", "Wait for the stages"]
    end = ["Write the report", "Mail the result", "Tell the bus that the run is over", "The run is reported"]
    assert states == ["Note which run this is", *look, *look, *look[:2], *end]
    (mail,) = world.mails
    assert (mail["TopicArn"], mail["Subject"], mail["Message"]) == (
        SETTINGS["NotificationTopicArn"],
        "2 segments ready",
        "Nothing to do.",
    )
    assert world.writes == [
        {
            "action": "write",
            "run_id": "20261122-101500-ab12cd",
            "title": "bingewatch",
            "started_at": "2026-11-22T10:15:00+00:00",
        }
    ]


def test_the_bus_hears_of_the_end(run):
    world = World(complete_after=1)
    run(world)
    (entry,) = world.entries
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == (
        "relay-bus",
        "audiences.run",
        "Run Finished",
    )
    detail = json.loads(entry["Detail"])
    assert detail["metadata"]["run_id"] == "20261122-101500-ab12cd"
    assert detail["metadata"]["version"] == "1"
    assert detail["data"] == WRITTEN["data"]


def test_a_run_without_a_title_is_named_by_its_id(run):
    world = World(complete_after=1)
    detail = {"metadata": STARTED["detail"]["metadata"], "data": {}}
    assert run(world, {**STARTED, "detail": detail})[0] == "SUCCEEDED"
    assert world.writes[0]["title"] == "20261122-101500-ab12cd"


def test_the_deadline_ends_the_waiting_and_the_mail_still_goes_out(run):
    world = World(complete_after=10_000)
    status, _, states = run(world)
    assert status == "SUCCEEDED"
    assert len(world.looks) == 61, "one look a minute for one hour"
    assert states.count("Wait for the stages") == 60
    assert len(world.mails) == 1


@pytest.mark.parametrize("step", ["look", "write"])
def test_when_the_report_fails_a_plain_mail_says_so(run, step):
    world = World(complete_after=1)
    world.broken[step] = ("KeyError", 99)
    status, error, states = run(world)
    assert (status, error) == ("FAILED", "ReportFailed")
    assert states[-2:] == ["Mail that there is no report", "No report could be written"]
    (mail,) = world.mails
    assert mail["Subject"] == "Audience Relay: no report for run 20261122-101500-ab12cd"
    assert len(mail["Subject"]) < 100
    assert "could not be written (KeyError).\n\n" in mail["Message"]
    assert "s3://audience/runs/20261122-101500-ab12cd/stages/" in mail["Message"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("look", "RetryLater"),
        ("look", "KeyError"),
        ("write", "Lambda.TooManyRequestsException"),
        ("publish", "States.TaskFailed"),
        ("putEvents", "States.TaskFailed"),
    ],
)
def test_what_passes_is_tried_again(run, step, error):
    world = World(complete_after=1)
    world.broken[step] = (error, 2)
    assert run(world)[0] == "SUCCEEDED"
    assert len(world.mails) == 1
    assert len(world.entries) == 1


@pytest.mark.parametrize(("step", "mails"), [("publish", 0), ("putEvents", 1)])
def test_a_refused_mail_or_event_fails_the_execution(run, step, mails):
    world = World(complete_after=1)
    world.broken[step] = ("States.TaskFailed", 99)
    status, error, states = run(world)
    assert (status, error, states[-1]) == ("FAILED", "ResultNotSent", "The result could not be sent")
    assert len(world.mails) == mails


def test_every_state_is_explained_and_every_task_is_caught():
    definition = json.loads(DEFINITION.read_text(encoding="utf-8"))
    assert len(definition["States"]) <= 12
    for name, state in definition["States"].items():
        assert state["Comment"].endswith("."), name
        if state["Type"] == "Task":
            assert state["Retry"], name
            assert state["Catch"], name
