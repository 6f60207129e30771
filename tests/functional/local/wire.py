"""Reaches a stand-in through boto3's own wire format, without a socket; roles and S3 are in memory."""

import io
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSResponse

from local.cloud import AssumeRoleDenied, Cloud


class FakeCloud(Cloud):
    """An account whose roles are all trusted but the one named "untrusted"; `s3` answers every client call."""

    account = "000000000000"
    region = "eu-west-1"

    def __init__(self, s3):
        super().__init__("http://127.0.0.1:4566", 0.0)
        self.s3 = s3
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


class _RawBody(io.BytesIO):
    def stream(self, **_):
        yield self.read()


def connect(name):
    """Return a boto3 client and the holder of the service that answers it: `holder["service"] = …`."""
    client = boto3.client(
        name, region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    holder = {}

    def serve(request, **_):
        parts = urlsplit(request.url)
        headers = {k.lower(): v if isinstance(v, str) else v.decode() for k, v in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        status, answered, content = holder["service"]._serve(
            request.method, parts.path, headers, body, parse_qs(parts.query)
        )
        return AWSResponse(request.url, status, answered, _RawBody(content))

    client.meta.events.register(f"before-send.{name}", serve)
    return client, holder
