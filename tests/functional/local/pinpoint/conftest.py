"""A Pinpoint reached through boto3's own wire format, with S3 in memory and no waiting."""

import io
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from local.cloud import AssumeRoleDenied, Cloud
from local.pinpoint import Pinpoint

ROLE = "arn:aws:iam::000000000000:role/import"


class MemoryS3:
    """The three S3 calls Pinpoint makes."""

    def __init__(self):
        self.objects = {}

    def get_paginator(self, _name):
        return self

    def paginate(self, Bucket, Prefix):  # noqa: N803  # boto3's names
        found = [k for b, k in self.objects if b == Bucket and k.startswith(Prefix)]
        yield {}
        yield {"Contents": [{"Key": k, "Size": len(self.objects[Bucket, k])} for k in sorted(found)]}

    def get_object(self, Bucket, Key):  # noqa: N803  # boto3's names
        if Key.startswith("secret/"):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no s3:GetObject"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def put_object(self, Bucket, Key, Body):  # noqa: N803  # boto3's names
        self.objects[Bucket, Key] = Body


class FakeCloud(Cloud):
    account = "000000000000"
    region = "eu-west-1"

    def __init__(self):
        super().__init__("http://127.0.0.1:4566", 0.0)
        self.s3 = MemoryS3()
        self.assumed = []
        self.waited = 0.0

    def wait(self, seconds):
        self.waited += seconds

    def run(self, work, name):  # noqa: ARG002  # Cloud's signature
        work()

    def client(self, service, role_arn, principal):
        if role_arn.endswith("/untrusted"):
            raise AssumeRoleDenied(f"Role {role_arn} does not trust {principal}.")
        self.assumed.append((service, role_arn, principal))
        return self.s3


class RawBody(io.BytesIO):
    def stream(self, **_):
        yield self.read()


@pytest.fixture(scope="session")
def wire():
    """A boto3 client and the holder of the service that answers it."""
    client = boto3.client(
        "pinpoint", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    holder = {}

    def serve(request, **_):
        parts = urlsplit(request.url)
        headers = {k.lower(): v if isinstance(v, str) else v.decode() for k, v in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        status, answered, content = holder["service"]._serve(
            request.method, parts.path, headers, body, parse_qs(parts.query)
        )
        return AWSResponse(request.url, status, answered, RawBody(content))

    client.meta.events.register("before-send.pinpoint", serve)
    return client, holder


@pytest.fixture
def cloud():
    return FakeCloud()


@pytest.fixture(scope="session")
def stand_in():
    """One service for all tests: reading botocore's model takes longer than a test."""
    return Pinpoint(FakeCloud())


@pytest.fixture
def service(stand_in, cloud):
    stand_in.cloud = cloud
    stand_in.reset()
    return stand_in


@pytest.fixture
def pinpoint(wire, service):
    client, holder = wire
    holder["service"] = service
    return client


@pytest.fixture
def app_id(pinpoint):
    return pinpoint.create_app(CreateApplicationRequest={"Name": "personalize"})["ApplicationResponse"]["Id"]


@pytest.fixture
def put(cloud):
    def put_text(key, text, bucket="drop"):
        cloud.s3.objects[bucket, key] = text if isinstance(text, bytes) else text.encode()
        return f"s3://{bucket}/{key}"

    return put_text


@pytest.fixture
def run_import(pinpoint, app_id):
    """Import a location and return the finished job."""

    def run(url, file_format="CSV", **wishes):
        wanted = {"Format": file_format, "RoleArn": ROLE, "S3Url": url, "DefineSegment": True, **wishes}
        started = pinpoint.create_import_job(ApplicationId=app_id, ImportJobRequest=wanted)
        job = started["ImportJobResponse"]
        assert job["JobStatus"] == "CREATED"
        return pinpoint.get_import_job(ApplicationId=app_id, JobId=job["Id"])["ImportJobResponse"]

    return run
