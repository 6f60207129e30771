"""One pretended AWS with an audience bucket for a whole module: starting it costs more than every test in it."""

from contextlib import contextmanager

import boto3
import pytest
from audiences.edges import aws
from moto import mock_aws

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def audience_bucket(**settings):
    """Yield the bucket "audience", with `settings` as environment variables."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in {**ACCOUNT, **settings}.items():
            patch.setenv(name, value)
        aws.client.cache_clear()
        boto3.client("s3").create_bucket(Bucket="audience")
        yield boto3.resource("s3").Bucket("audience")
        aws.client.cache_clear()


class Context:
    """What a function is told of its invocation."""

    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"
