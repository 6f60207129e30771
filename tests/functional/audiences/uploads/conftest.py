"""A prepared audience in a bucket, a stand-in of the platform on loopback, and the workflow's steps."""

import csv
import gzip
import io
import json
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from audiences.edges import aws
from audiences.edges.ledgers import find_base, with_base
from audiences.edges.secrets import open_secret
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source
from botocore.awsrequest import AWSResponse
from moto import mock_aws
from moto.core.models import botocore_stubber

from local.appflow import AppFlow
from local.appflow.cloudformation import handlers as flow_types
from local.cloud import Cloud
from local.platforms.server import Platforms
from local.transfer_connector import TransferConnectors
from local.transfer_connector.server import SftpServer

BUCKET, BUS = "audience-bucket", "relay"
SECRETS = {
    "the_trade_desk": {"access_token": "local-the-trade-desk-access", "advertiser_id": "adv1"},
    "tiktok": {"access_token": "local-tiktok-access", "advertiser_id": "712"},
    "amazon": {
        "client_id": "local-client",
        "client_secret": "local-secret",
        "refresh_token": "local-refresh",
        "advertiser_id": "5551",
    },
}


class Context:
    aws_request_id = "request"
    function_name = "function"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"

    def get_remaining_time_in_millis(self):
        return 900_000


@pytest.fixture(scope="module")
def aws_account():
    """One mocked account for a module: making boto3's clients is most of a test's time."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AUDIENCE_BUCKET", BUCKET)
        patch.setenv("EVENT_BUS_NAME", BUS)
        aws.client.cache_clear()
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        aws.client("events").create_event_bus(Name=BUS)
        yield SimpleNamespace(s3=s3, bucket=BUCKET)
    aws.client.cache_clear()


@pytest.fixture
def account(aws_account):
    """The account, with nothing in its bucket."""
    found = aws_account.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    for item in found:
        aws_account.s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    open_secret.cache_clear()
    yield aws_account
    open_secret.cache_clear()


@pytest.fixture(scope="session")
def stand_ins():
    with Platforms() as platforms:
        yield platforms


@pytest.fixture
def people():
    """Invented people: `user_id,email,phone`."""
    return [(f"u{n}", f"person{n}@example.com", f"+120255501{n % 100:02d}") for n in range(40)]


class Uploads:
    """Prepares audiences, and takes their deliveries through a workflow's steps as its choices would."""

    def __init__(self, account, tmp_path, people):
        self.account, self.tmp, self.people = account, tmp_path, people
        self.count = 0

    def prepare(
        self,
        platform,
        users,
        *,
        fields=("email",),
        mode="add",
        run="20261122-090000-abc123",
        optouts=(),
        **more,
    ):
        """Prepare an audience and upload it; returns the manifest's URI. optouts: user ids."""
        self.count += 1
        folder = self.tmp / f"prepared-{self.count}"
        header = ["user_id", "email", "phone", "consent_ads"][: len(self.people[0])]
        people = self._csv("people.csv", header, self.people)
        segment = self._csv("segment.csv", ["User.UserId"], [(user,) for user in users])
        lists = [self._csv("optouts.csv", ["user_id"], [(user,) for user in optouts])] if optouts else []
        more = {"run_id": run, "minimum": 0, "fuse": 0, **more}
        request = Request(
            platform=platform,
            audience="Action lovers",
            mode=mode,
            identifiers=fields,
            **more,
        )
        inputs = Inputs(segments=[segment], identities=[people], suppressions=lists)
        prepare(request, with_base(inputs, find_base(BUCKET, request)), folder)
        prefix = f"prepared/{platform}/Action-lovers/{run}-{self.count:06d}/"
        for path in folder.iterdir():
            self.account.s3.upload_file(str(path), BUCKET, prefix + path.name)
        return f"s3://{BUCKET}/{prefix}manifest.json"

    def _csv(self, name, header, rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        path = self.tmp / f"{self.count}-{name}"
        path.write_text(text.getvalue())
        return Source.of(path)

    def step(self, name, manifest, key="execution-1", **event):
        """Run one step's function."""
        handler = import_module(f"{name}.handler").lambda_handler
        return handler({"manifest": manifest, "execution_key": key, **event}, Context())

    def run(self, manifest, key="execution-1", most=60):
        """Run the steps as the state machine does. Returns (names of the steps, last answer)."""
        path, told = ["ensure_segment"], self.step("ensure_segment", manifest, key)
        for _ in range(most):
            name = {
                "place": "open_drop",
                "publish": "publish_data",
                "wait": "check_upload",
                "finish": "write_receipt",
            }[told["next"]]
            batch = {"batch": told["batch"]} if name == "publish_data" else {}
            told = self.step(name, manifest, key, **batch)
            path.append(name)
            if name == "write_receipt":
                return path, told
        raise AssertionError(f"no end after {path}")

    def json(self, key):
        return json.loads(self.account.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def keys(self, prefix):
        found = self.account.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]

    def settle(self, platform):
        """Let the ledger be older than the second S3 counts in."""
        place = {"Bucket": BUCKET, "Key": f"ledger/{platform}/Action-lovers.tsv.gz"}
        if not self.keys(place["Key"]):
            return
        told = self.account.s3.head_object(**place)["Metadata"]
        older = {**told, "delivered-at": "2026-01-01T00:00:00.000+00:00"}
        self.account.s3.copy_object(**place, CopySource=place, Metadata=older, MetadataDirective="REPLACE")

    def age_journal(self, manifest, hours):
        """Let the journal's batches be older."""
        prefix = manifest.removeprefix(f"s3://{BUCKET}/prepared/").removesuffix("/manifest.json")
        for key in self.keys(f"deliveries/{prefix}/journal/"):
            entry = self.json(key)
            if "at" in entry:
                at = datetime.fromisoformat(entry["at"]) - timedelta(hours=hours)
                body = json.dumps({**entry, "at": at.isoformat()})
                self.account.s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode())

    def receipt(self, manifest):
        platform, audience, run = manifest.split("/")[4:7]
        return self.json(f"deliveries/{platform}/{audience}/{run}.json")

    def result(self, run="20261122-090000-abc123"):
        (key,) = self.keys(f"runs/{run}/stages/delivery/")
        return self.json(key)

    def ledger_text(self, platform):
        key = f"ledger/{platform}/Action-lovers.tsv.gz"
        return gzip.decompress(self.account.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()).decode()


@pytest.fixture
def uploads(account, tmp_path, people):
    return Uploads(account, tmp_path, people)


@pytest.fixture
def platform(account, stand_ins, monkeypatch):
    """Return a function that resets a stand-in and points the secret at it."""

    def use(slug):
        stand_in = stand_ins[slug]
        stand_in.reset()
        url = stand_ins.origin(slug)
        values = {**SECRETS[slug], "base_url": url, "token_url": f"{url}/auth/o2/token"}
        secrets = aws.client("secretsmanager")
        secret = secrets.create_secret(Name=f"relay/{slug}-{uuid4()}", SecretString=json.dumps(values))
        monkeypatch.setenv("PLATFORM_SECRET_ARN", secret["ARN"])
        monkeypatch.setenv("AUDIENCES_STAND_INS", "1")
        return stand_in

    return use


class AccountCloud(Cloud):
    """The stand-ins' world: background work at once, no waiting, and boto3 of the mocked account."""

    account, region = "123456789012", "us-east-1"

    def __init__(self):
        super().__init__("", 0.0)

    def wait(self, seconds):
        pass

    def run(self, work, name):  # noqa: ARG002  # as above
        work()

    def client(self, service, role_arn, principal):  # noqa: ARG002  # Cloud's signature
        return aws.client(service)


def wire(service, stand_in):
    """Let boto3's client of the functions be answered by a stand-in, through AWS's wire format."""

    def serve(request, **_):
        headers = {k.lower(): v if isinstance(v, str) else v.decode() for k, v in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        path = urlsplit(request.url).path
        status, answered, content = stand_in._serve(request.method, path, headers, body, {})
        return AWSResponse(request.url, status, answered, RawBody(content))

    events = aws.client(service).meta.events
    events.unregister("before-send", botocore_stubber)  # moto would answer, too
    events.register_first(f"before-send.{service}", serve)
    return stand_in


class RawBody(io.BytesIO):
    def stream(self, **_):
        yield self.read()


@cache
def made(kind):
    """Return a stand-in, made once: reading botocore's model takes longer than a test."""
    return kind(AccountCloud())


@pytest.fixture(scope="module")
def connectors(aws_account):
    return wire("transfer", made(TransferConnectors))


@pytest.fixture
def server(tmp_path):
    """An SFTP server with the folder /uploads/Action-lovers."""
    root = tmp_path / "server"
    (root / "uploads" / "Action-lovers").mkdir(parents=True)
    with SftpServer(root, "relay", "local-sftp-password") as running:
        running.root = root
        yield running


@pytest.fixture
def connector(account, connectors, server, monkeypatch):
    """Return a function that makes a connector to the server: its id."""
    monkeypatch.setenv("REMOTE_DIRECTORY", "/uploads/{audience}")
    connectors.reset()

    def make(password="local-sftp-password", host_keys=None):
        value = json.dumps({"Username": "relay", "Password": password})
        name = f"aws/transfer/relay-{uuid4()}"
        secret = aws.client("secretsmanager").create_secret(Name=name, SecretString=value)["ARN"]
        config = {
            "UserSecretId": secret,
            "TrustedHostKeys": [server.host_key] if host_keys is None else host_keys,
        }
        request = {
            "Url": server.url,
            "AccessRole": "arn:aws:iam::123456789012:role/connector",
            "SftpConfig": config,
        }
        return connectors.create_connector(request)["ConnectorId"]

    return make


@pytest.fixture(scope="module")
def appflow_service(aws_account):
    """AppFlow's stand-in, answering boto3 as the functions use it."""
    service = wire("appflow", made(AppFlow))
    service.s3_client = lambda: aws.client("s3")
    return service


MAPPING = {
    "membership_key": "Membership_Key__c",
    "audience": "Audience__c",
    "status": "Status__c",
    "external_id": "External_Id__c",
    "email": "Email__c",
    "phone": "Phone__c",
}


@pytest.fixture
def flow(account, appflow_service, monkeypatch):
    """AppFlow with a connection, the bucket open to it, and the flow that people see."""
    appflow_service.reset()
    allowed = {"Effect": "Allow", "Principal": {"Service": "appflow.amazonaws.com"}}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {**allowed, "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"},
            {
                **allowed,
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": f"arn:aws:s3:::{BUCKET}/work/*",
            },
        ],
    }
    account.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    appflow_service.create_connector_profile(
        {
            "connectorProfileName": "crm",
            "connectorType": "Salesforce",
            "connectionMode": "Public",
            "connectorProfileConfig": {"connectorProfileProperties": {"Salesforce": {}}},
        }
    )
    tasks = [{"TaskType": "Filter", "SourceFields": list(MAPPING), "ConnectorOperator": {"S3": "PROJECTION"}}]
    tasks += [
        {"TaskType": "Map", "SourceFields": [a], "DestinationField": b, "ConnectorOperator": {"S3": "NO_OP"}}
        for a, b in MAPPING.items()
    ]
    props = {
        "FlowName": "relay-members",
        "TriggerConfig": {"TriggerType": "OnDemand"},
        "SourceFlowConfig": {
            "ConnectorType": "S3",
            "SourceConnectorProperties": {
                "S3": {"BucketName": BUCKET, "BucketPrefix": "work/delivery/salesforce/model"}
            },
        },
        "DestinationFlowConfigList": [
            {
                "ConnectorType": "Salesforce",
                "ConnectorProfileName": "crm",
                "DestinationConnectorProperties": {
                    "Salesforce": {
                        "Object": "Audience_Member__c",
                        "WriteOperationType": "UPSERT",
                        "IdFieldNames": ["Membership_Key__c"],
                        "ErrorHandlingConfig": {
                            "FailOnFirstError": "false",
                            "BucketName": BUCKET,
                            "BucketPrefix": "work/delivery/salesforce/errors",
                        },
                    }
                },
            }
        ],
        "Tasks": tasks,
    }
    flow_types(appflow_service)["AWS::AppFlow::Flow"]["create"]("MembersFlow", props, "relay")
    monkeypatch.setenv("FLOW_NAME", "relay-members")
    return appflow_service
