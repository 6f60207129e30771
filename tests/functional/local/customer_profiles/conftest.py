"""A Customer Profiles reached through boto3's own wire format, with S3 in memory and no waiting."""

import asyncio
import base64
import hashlib
import io
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from local.cloud import AssumeRoleDenied, Cloud
from local.customer_profiles import CustomerProfiles

DOMAIN = "audiences"
SSE = "x-amz-server-side-encryption-customer-"


class FakeCloud(Cloud):
    account = "000000000000"
    region = "eu-west-1"

    def __init__(self):
        super().__init__("http://127.0.0.1:4566", 0.0)
        self.objects = {}
        self.assumed = []
        self.paused = None  # a list: keep background work in it instead of doing it

    def wait(self, seconds):
        pass

    def run(self, work, name):  # noqa: ARG002  # Cloud's signature
        if self.paused is None:
            work()
        else:
            self.paused.append(work)

    def client(self, service, role_arn, principal):
        if role_arn.endswith("/untrusted"):
            raise AssumeRoleDenied(f"Role {role_arn} does not trust {principal}.")
        self.assumed.append((service, role_arn, principal))
        return self

    def put_object(self, Bucket, Key, Body, **encryption):  # noqa: N803  # boto3's names
        if Bucket == "forbidden":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no s3:PutObject"}}, "PutObject")
        self.objects[f"s3://{Bucket}/{Key}"] = (Body, encryption)


class RawBody(io.BytesIO):
    def stream(self, **_):
        yield self.read()


@pytest.fixture(scope="session")
def wire():
    """A boto3 client and the holder of the service that answers it."""
    client = boto3.client(
        "customer-profiles", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
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

    client.meta.events.register("before-send.customer-profiles", serve)
    return client, holder


@pytest.fixture
def cloud():
    return FakeCloud()


@pytest.fixture(scope="session")
def stand_in():
    """One service for all tests: reading botocore's model takes longer than a test."""
    return CustomerProfiles(FakeCloud())


@pytest.fixture
def service(stand_in, cloud):
    stand_in.cloud = cloud
    stand_in.reset()
    return stand_in


@pytest.fixture
def profiles(wire, service):
    """The client, with one domain."""
    client, holder = wire
    holder["service"] = service
    client.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
    return client


@pytest.fixture
def put_file(service):
    """PUT a file to an upload path as an HTTP client would; headers can be changed. Returns the answer."""

    def put(path, text, method="PUT", **changed):
        token = path["ClientToken"]
        headers = {
            SSE + "algorithm": "AES256",
            SSE + "key": token,
            SSE + "key-MD5": base64.b64encode(hashlib.md5(base64.b64decode(token)).digest()).decode(),
        }
        headers |= {SSE + name.replace("_", "-"): value for name, value in changed.items()}
        headers = {k: v for k, v in headers.items() if v is not None}
        parts = urlsplit(path["Url"])
        body = text if isinstance(text, bytes) else text.encode()
        return asyncio.run(service.handle_upload(method, parts.path, headers, body, parse_qs(parts.query)))

    return put


@pytest.fixture
def upload(profiles, put_file):
    """Run a whole upload job and return it."""

    def run(text, fields, unique_key, **more):
        job = profiles.create_upload_job(
            DomainName=DOMAIN, DisplayName="file.csv", Fields=fields, UniqueKey=unique_key, **more
        )
        path = profiles.get_upload_job_path(DomainName=DOMAIN, JobId=job["JobId"])
        assert put_file(path, text)[0] == 200
        profiles.start_upload_job(DomainName=DOMAIN, JobId=job["JobId"])
        return profiles.get_upload_job(DomainName=DOMAIN, JobId=job["JobId"])

    return run
