"""A Customer Profiles reached through boto3's own wire format, with S3 in memory and no waiting."""

import asyncio
import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from local.customer_profiles import CustomerProfiles
from tests.functional.local.wire import FakeCloud, connect

DOMAIN = "audiences"
SSE = "x-amz-server-side-encryption-customer-"


class MemoryCloud(FakeCloud):
    """Keeps objects itself; background work can be held back."""

    def __init__(self):
        super().__init__(self)
        self.objects = {}
        self.paused = None  # a list: keep background work in it instead of doing it

    def run(self, work, name):  # noqa: ARG002  # Cloud's signature
        if self.paused is None:
            work()
        else:
            self.paused.append(work)

    def put_object(self, Bucket, Key, Body, **encryption):  # noqa: N803  # boto3's names
        if Bucket == "forbidden":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no s3:PutObject"}}, "PutObject")
        self.objects[f"s3://{Bucket}/{Key}"] = (Body, encryption)


@pytest.fixture(scope="session")
def wire():
    return connect("customer-profiles")


@pytest.fixture
def cloud():
    return MemoryCloud()


@pytest.fixture(scope="session")
def stand_in():
    """One service for all tests: reading botocore's model takes longer than a test."""
    return CustomerProfiles(MemoryCloud())


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
