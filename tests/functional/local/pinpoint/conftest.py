"""A Pinpoint reached through boto3's own wire format, with S3 in memory and no waiting."""

import io

import pytest
from botocore.exceptions import ClientError

from local.pinpoint import Pinpoint
from tests.functional.local.wire import FakeCloud, connect

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


@pytest.fixture(scope="session")
def wire():
    return connect("pinpoint")


@pytest.fixture
def cloud():
    return FakeCloud(MemoryS3())


@pytest.fixture(scope="session")
def stand_in():
    """One service for all tests: reading botocore's model takes longer than a test."""
    return Pinpoint(FakeCloud(MemoryS3()))


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
