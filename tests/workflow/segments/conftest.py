"""The three workflows on the emulator's engine, with our own functions and stand-ins of both services.

Played here: S3 (moto), the answer of Personalize, the bus (remembered). Real: definitions and handlers.
"""

import asyncio
import importlib
import json
import types
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from audiences.edges import aws, customer_profiles, stage_log
from audiences.runs import StageResult
from audiences.triggers import execution_key
from botocore.awsrequest import AWSResponse
from ministack.services import stepfunctions as engine
from moto import mock_aws

from local import ministack_patches, step_functions_sdk
from local.cloud import Cloud
from local.customer_profiles import CustomerProfiles
from local.pinpoint import Pinpoint

ROOT = Path(__file__).parents[3]
ROLE = "arn:aws:iam::000000000000:role/import"
TIME = "2026-11-21T10:15:00Z"
RUN = "20261121-090000-abc123"
JOB = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/affinity-1"
DOMAIN = "audience-relay"
FUNCTIONS = [path.parent.name for path in (ROOT / "functions").glob("*/handler.py")]


class InstantCloud(Cloud):
    account, region = "000000000000", "us-east-1"

    def __init__(self, clients):
        super().__init__("http://127.0.0.1:4566", 0.0)
        self.clients = clients

    def wait(self, seconds):
        pass

    def run(self, work, name):  # noqa: ARG002  # Cloud's signature
        work()

    def client(self, service, role_arn, principal):  # noqa: ARG002  # Cloud's signature
        return self.clients[service]


def wire(service, stand_in):
    """A boto3 client that a stand-in answers."""
    client = boto3.client(service)

    def serve(request, **_):
        parts = urlsplit(request.url)
        headers = {k.lower(): v if isinstance(v, str) else v.decode() for k, v in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        status, answered, content = stand_in._serve(
            request.method, parts.path, headers, body, parse_qs(parts.query)
        )
        raw = types.SimpleNamespace(stream=lambda **_: iter([content]))
        return AWSResponse(request.url, status, answered, raw)

    client.meta.events.register_first(f"before-send.{service}", serve)
    return client


@pytest.fixture(scope="session")
def stand_ins():
    """Both services and their clients, made once: reading botocore's models takes longer than a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        cloud = InstantCloud({})
        pinpoint, profiles = Pinpoint(cloud), CustomerProfiles(cloud)
        cloud.clients |= {
            "pinpoint": wire("pinpoint", pinpoint),
            "customer-profiles": wire("customer-profiles", profiles),
        }
        yield cloud, pinpoint, profiles


class World:
    def __init__(self, monkeypatch, stand_ins):
        self.monkeypatch = monkeypatch
        self.s3 = boto3.client("s3")
        for bucket in ("audience", "training", "imports"):
            self.s3.create_bucket(Bucket=bucket)
        self.cloud, pinpoint, self.profiles_stand_in = stand_ins
        pinpoint.reset()
        self.profiles_stand_in.reset()
        self.clients = self.cloud.clients
        self.clients["s3"] = self.s3
        self.pinpoint, self.profiles = self.clients["pinpoint"], self.clients["customer-profiles"]
        app = self.pinpoint.create_app(CreateApplicationRequest={"Name": "personalize"})
        self.app = app["ApplicationResponse"]["Id"]
        self.profiles.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
        self.entries, self.payloads, self.broken, self.output = [], [], {}, "s3://training/batch/g/s/job/"
        monkeypatch.setattr(aws.boto3, "client", lambda service, **_: self.clients[service])
        aws.client.cache_clear()
        monkeypatch.setattr(stage_log, "put_events", self.entries.extend)
        monkeypatch.setattr(customer_profiles.urllib.request, "urlopen", self.put_upload)

    def put_upload(self, request, timeout):  # noqa: ARG002  # urlopen's signature
        parts, headers = urlsplit(request.full_url), {k.lower(): v for k, v in request.header_items()}
        answer = self.profiles_stand_in.handle_upload(
            "PUT", parts.path, headers, request.data.read(), parse_qs(parts.query)
        )
        status, _, content = asyncio.run(answer)
        assert status == 200, content
        return nullcontext(types.SimpleNamespace(read=lambda *_: b""))

    def settings(self, stage, **more):
        found = {
            "AUDIENCE_BUCKET": "audience", "EVENT_BUS_NAME": "bus", "SEGMENT_IMPORT_BUCKET": "imports",
            "SEGMENT_IMPORT_PREFIX": "pinpoint/", "ENGAGEMENT_TARGET": "Both", "PINPOINT_CHANNELS": "",
            "PINPOINT_APPLICATION_ID": self.app, "PINPOINT_REFRESH_SEGMENTS": "false", "STAGE": stage,
            "CUSTOMER_PROFILES_DOMAIN": DOMAIN, "PROFILE_EXPIRY_DAYS": "366",
        }  # fmt: skip
        for name, value in {**found, **more}.items():
            self.monkeypatch.setenv(name, value)

    def invoke(self, resource, arguments):
        if resource.endswith("lambda:invoke"):
            name = arguments["FunctionName"]
            if self.broken.get(name, 0) > 0:
                self.broken[name] -= 1
                raise engine._ExecutionError("RetryLater", json.dumps({"errorType": "RetryLater"}))
            return {"Payload": self.call(name, arguments["Payload"])}
        service, action = resource.split(":")[-2:]
        if "states:startExecution.sync" in resource:
            return engine._invoke_nested_start_execution_sync(resource, arguments)
        if service == "personalize":
            if self.output is None:
                raise engine._ExecutionError("Personalize.ResourceNotFoundException", "no such job")
            where = {"S3DataDestination": {"Path": self.output}}
            return {"BatchSegmentJob": {"JobName": "affinity-1", "JobOutput": where}}
        try:
            return step_functions_sdk.call(self.cloud, ROLE, service, action, arguments)
        except step_functions_sdk.TaskError as error:
            raise engine._ExecutionError(error.error, error.cause) from error

    def call(self, name, payload):
        handler = importlib.import_module(f"{name}.handler").lambda_handler
        context = types.SimpleNamespace(
            function_name=name, memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="1"
        )
        try:
            answer = json.loads(json.dumps(handler(json.loads(json.dumps(payload)), context)))
        except Exception as error:
            cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            raise engine._ExecutionError(type(error).__name__, cause) from error
        self.payloads.append((name, payload, answer))
        return answer

    def put(self, bucket, key, text, **metadata):
        body = text if isinstance(text, bytes) else text.encode()
        facts = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=facts)
        return self.arrival(bucket, key)

    def arrival(self, bucket, key):
        head = self.s3.head_object(Bucket=bucket, Key=key)
        item = {"key": key, "size": head["ContentLength"], "etag": head["ETag"].strip('"')}
        return {
            "source": "aws.s3", "detail-type": "Object Created", "time": TIME, "id": "1",
            "detail": {"bucket": {"name": bucket}, "object": item},
        }  # fmt: skip

    def get(self, uri):
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def keys(self, bucket, prefix=""):
        found = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]

    def results(self):
        """Every stage result of every run, by (run id, stage, name)."""
        found = {}
        for key in self.keys("audience", "runs/"):
            result = StageResult.from_json(json.loads(self.get(f"s3://audience/{key}")))
            found[key.split("/")[1], result.stage, result.name] = result
        return found

    def result(self, stage):
        (found,) = [r for (_, of, _), r in self.results().items() if of == stage]
        return found

    def events(self, detail_type):
        return [json.loads(e["Detail"]) for e in self.entries if e["DetailType"] == detail_type]

    def members(self, segment_id):
        found = self.pinpoint.get_segment(ApplicationId=self.app, SegmentId=segment_id)["SegmentResponse"]
        return found["ImportDefinition"]["Size"]


@pytest.fixture
def world(monkeypatch, stand_ins):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    with mock_aws():
        yield World(monkeypatch, stand_ins)
    aws.client.cache_clear()


def make_machine(arn, name, places):
    text = (ROOT / "statemachines" / f"{name}.asl.json").read_text(encoding="utf-8")
    for place, value in places.items():
        text = text.replace(f"${{{place}}}", value)
    assert "${" not in text
    engine._state_machines[arn] = {
        "stateMachineArn": arn, "name": name, "definition": text, "roleArn": ROLE,
    }  # fmt: skip


@pytest.fixture
def run(world, monkeypatch):
    """Run a workflow on an event; return its status, the states it entered, and its whole history."""
    monkeypatch.setattr(engine, "_SFN_WAIT_SCALE", 0)
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(engine, "_emit_execution_status_event", lambda _execution: None)
    monkeypatch.setattr(engine, "_invoke_resource", world.invoke)
    monkeypatch.setattr(engine, "_apply_output_path", engine._apply_output_path)
    ministack_patches.give_succeed_states_an_output()

    def run_machine(name, event, stage, *, resolve="true", **settings):
        world.settings(stage, **settings)
        places = {
            "Partition": "aws", "AudienceBucketName": "audience", "ResolveEndpoints": resolve,
            "PinpointApplicationId": world.app, "PinpointRoleArn": ROLE, "ExportEndpointsArn": "export",
        }  # fmt: skip
        for function in FUNCTIONS:
            camel = "".join(word.title() for word in function.split("_"))
            places[f"{camel}FunctionArn"] = function
        make_machine("machine", name, places)
        make_machine("export", "export-endpoints", places)
        key = execution_key(event)
        execution = {
            "executionArn": "execution", "stateMachineArn": "machine", "name": key, "status": "RUNNING",
            "startDate": TIME, "stopDate": None, "input": json.dumps({**event, "execution_key": key}),
            "output": None, "testCase": "", "mockAttempts": {}, "events": [],
        }  # fmt: skip
        engine._executions["execution"] = execution
        engine._run_execution("execution")
        children = [e for e in engine._executions.values() if e["stateMachineArn"] == "export"]
        events = [item for one in [execution, *children] for item in one["events"]]
        entered = [
            item["stateEnteredEventDetails"]["name"] for item in events if "stateEnteredEventDetails" in item
        ]
        return execution["status"], entered, json.dumps(events)

    yield run_machine
    for machine in ("machine", "export"):
        engine._state_machines.pop(machine, None)
    engine._executions.clear()
