"""The workflows of uploads on the emulator's engine, with our functions and the platforms' stand-ins."""

import importlib
import json
from pathlib import Path

import pytest
from audiences.triggers import execution_key
from ministack.services import stepfunctions as engine

from local import step_functions_sdk
from tests.functional.audiences.uploads.conftest import (  # noqa: F401  # pytest finds fixtures by name
    AccountCloud,
    Context,
    account,
    appflow_service,
    aws_account,
    connector,
    connectors,
    flow,
    people,
    platform,
    server,
    stand_ins,
    uploads,
)

ROOT = Path(__file__).parents[3]
ROLE = "arn:aws:iam::123456789012:role/workflow"
FUNCTIONS = [path.parent.name for path in (ROOT / "functions").glob("*/handler.py")]


@pytest.fixture
def run(account, monkeypatch):  # noqa: F811  # the fixture imported above
    """Run a workflow on a manifest; returns its status and the states it entered."""
    cloud = AccountCloud()
    broken = {}

    def invoke(resource, arguments):
        if resource.endswith("lambda:invoke"):
            name, payload = arguments["FunctionName"], json.loads(json.dumps(arguments["Payload"]))
            handler = importlib.import_module(f"{name}.handler").lambda_handler
            try:
                answer = json.loads(json.dumps(handler(payload, Context())))
                if broken.pop(name, None):
                    raise ConnectionError
            except Exception as error:
                cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
                kind = (
                    "Lambda.ServiceException" if isinstance(error, ConnectionError) else type(error).__name__
                )
                raise engine._ExecutionError(kind, cause) from error
            return {"Payload": answer}
        service, action = resource.split(":")[-2:]
        try:
            return step_functions_sdk.call(cloud, ROLE, service, action, arguments)
        except step_functions_sdk.TaskError as error:
            raise engine._ExecutionError(error.error, error.cause) from error

    monkeypatch.setattr(engine, "_SFN_WAIT_SCALE", 0)
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(engine, "_emit_execution_status_event", lambda _execution: None)
    monkeypatch.setattr(engine, "_invoke_resource", invoke)

    def run_machine(name, manifest, **places):
        text = (ROOT / "statemachines" / f"{name}.asl.json").read_text(encoding="utf-8")
        for function in FUNCTIONS:
            places[f"{''.join(word.title() for word in function.split('_'))}FunctionArn"] = function
        for place, value in {"Partition": "aws", **places}.items():
            text = text.replace(f"${{{place}}}", value)
        assert "${" not in text
        bucket, key = manifest.removeprefix("s3://").split("/", 1)
        item = {"key": key, "size": 1, "etag": "e"}
        event = {"detail-type": "Object Created", "detail": {"bucket": {"name": bucket}, "object": item}}
        name = execution_key(event)
        execution = {
            "executionArn": "execution", "stateMachineArn": "machine", "name": name, "status": "RUNNING",
            "startDate": "2026-11-22T10:15:00Z", "stopDate": None, "output": None, "testCase": "",
            "input": json.dumps({**event, "execution_key": name}), "mockAttempts": {}, "events": [],
        }  # fmt: skip
        engine._state_machines["machine"] = {
            "stateMachineArn": "machine", "name": name, "definition": text, "roleArn": ROLE,
        }  # fmt: skip
        engine._executions["execution"] = execution
        engine._run_execution("execution")
        events = execution["events"]
        entered = [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]
        assert "X-Amz-Signature" not in json.dumps(events), (
            "an address that opens by itself is in the history"
        )
        assert "@" not in json.dumps(events), "the history holds an address"
        return execution["status"], entered

    run_machine.broken = broken
    yield run_machine
    engine._state_machines.pop("machine", None)
    engine._executions.pop("execution", None)
