"""The prepare-audience workflow on the emulator's engine: each audience ends in the record, whatever happens.

The steps outside the workflow (functions and the Spark job) are played by the test, so that it can make
them fail.
"""

import json
from pathlib import Path

import pytest
from ministack.services import stepfunctions as engine

CODE = {"packages": "s3://audience/code/c.zip", "script": "s3://audience/code/s.py"}
DEFINITION = Path(__file__).parents[2] / "statemachines" / "prepare-audience.asl.json"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
SETTINGS = {
    "Partition": "aws",
    "PlanAudiencesFunctionArn": f"{ARN}plan",
    "PrepareAudienceFunctionArn": f"{ARN}prepare",
    "AnnounceAudienceFunctionArn": f"{ARN}announce",
    "PrepareAudienceJobName": "prepare-audience",
}
ARRIVED = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "time": "2026-11-22T10:15:01Z",
    "detail": {
        "bucket": {"name": "audience"},
        "object": {"key": "segments/personalize/A/a.csv", "version-id": "v"},
    },
    "execution_key": "key-1",
}
ANNOUNCED = {
    **ARRIVED,
    "source": "audiences.segment-postprocessing",
    "detail-type": "Segment Created",
    "detail": {"data": {"file": "s3://audience/segments/personalize/A/a.csv"}},
}


class World:
    """Answers the workflow's calls and remembers them. `fails` maps a call (by work) to an error name."""

    def __init__(self, items, fails=()):
        self.items, self.fails = items, dict(fails)
        self.calls = []

    def invoke(self, resource, arguments):
        if "glue:startJobRun" in resource:
            name, payload = "spark", arguments["Arguments"]
            self.calls.append((name, payload))
            return self.answer(name, payload["--work"], {"JobRunState": "SUCCEEDED"})
        name, payload = arguments["FunctionName"].rpartition(":")[2], arguments["Payload"]
        self.calls.append((name, payload))
        if name == "plan":
            return self.answer("plan", "", {"Payload": {"run_id": "run-1", "items": self.items}})
        if name == "announce":
            return {"Payload": {"run_id": "run-1", "status": "failed" if "error" in payload else "succeeded"}}
        return self.answer(name, payload["work"], {"Payload": {"sent": 1}})

    def answer(self, name, work, answer):
        if (name, work) in self.fails:
            raise engine._ExecutionError(self.fails[name, work], "as told by the test")
        return answer

    def payloads(self, name):
        return [payload for called, payload in self.calls if called == name]


@pytest.fixture
def run(monkeypatch):
    """Run the workflow in a world; return its status and its error."""
    text = DEFINITION.read_text(encoding="utf-8")
    for name, value in SETTINGS.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text, "a substitution is missing"
    assert engine._validate_definition_jsonata(text) is None
    monkeypatch.setattr(engine, "_SFN_WAIT_SCALE", 0)
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(engine, "_emit_execution_status_event", lambda _execution: None)

    def run_in(world, event=ARRIVED):
        monkeypatch.setattr(engine, "_invoke_resource", world.invoke)
        machine = {
            "stateMachineArn": "prepare",
            "name": "prepare-audience",
            "definition": text,
            "roleArn": "role",
        }
        execution = {
            "executionArn": "preparation", "stateMachineArn": "prepare", "name": "key-1", "status": "RUNNING",
            "startDate": "2026-11-22T10:15:02Z", "stopDate": None, "input": json.dumps(event), "output": None,
            "testCase": "", "mockAttempts": {}, "events": [],
        }  # fmt: skip
        engine._state_machines["prepare"], engine._executions["preparation"] = machine, execution
        engine._run_execution("preparation")
        return execution["status"], execution.get("error")

    yield run_in
    engine._state_machines.pop("prepare", None)
    engine._executions.pop("preparation", None)


def item(work, name="lambda"):
    return {"work": work, "engine": name, "code": CODE if name == "spark" else {}}


@pytest.mark.parametrize("event", [ARRIVED, ANNOUNCED], ids=["file", "event"])
def test_each_audience_is_prepared_and_announced(run, event):
    world = World([item("s3://w/1"), item("s3://w/2", "spark")])
    assert run(world, event) == ("SUCCEEDED", None)
    (planned,) = world.payloads("plan")
    assert planned == {
        "file": "s3://audience/segments/personalize/A/a.csv",
        "execution_key": "key-1",
        "time": "2026-11-22T10:15:01Z",
    }
    assert world.payloads("prepare") == [{"work": "s3://w/1"}]
    assert world.payloads("spark") == [
        {"--work": "s3://w/2", "--extra-py-files": CODE["packages"], "--scriptLocation": CODE["script"]}
    ]
    assert sorted(payload["work"] for payload in world.payloads("announce")) == ["s3://w/1", "s3://w/2"]


def test_a_segment_nobody_wants_ends_at_once(run):
    world = World([])
    assert run(world) == ("SUCCEEDED", None)
    assert [name for name, _ in world.calls] == ["plan"]


@pytest.mark.parametrize("name", ["lambda", "spark"])
def test_one_failed_audience_is_told_and_stops_no_other(run, name):
    call = "prepare" if name == "lambda" else "spark"
    world = World([item("s3://w/1", name), item("s3://w/2")], {(call, "s3://w/1"): "DataError"})
    assert run(world) == ("FAILED", "AudienceNotPrepared")
    told = {payload["work"]: payload.get("error") for payload in world.payloads("announce")}
    assert told["s3://w/1"]["Error"] == "DataError"
    assert told["s3://w/2"] is None


def test_a_failed_plan_is_told(run):
    world = World([], {("plan", ""): "DataError"})
    assert run(world) == ("FAILED", "AudienceNotPrepared")
    (told,) = world.payloads("announce")
    assert told["error"]["Error"] == "DataError"
    assert told["file"].endswith("a.csv")


def test_what_passes_is_tried_again(run):
    class Busy(World):
        def answer(self, name, work, answer):  # noqa: ARG002 - the signature of World
            if name == "prepare" and len(self.payloads("prepare")) < 3:
                raise engine._ExecutionError("RetryLater", "busy")
            return answer

    world = Busy([item("s3://w/1")])
    assert run(world) == ("SUCCEEDED", None)
    assert len(world.payloads("prepare")) == 3
