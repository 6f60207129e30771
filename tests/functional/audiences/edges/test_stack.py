"""Taking a stack away leaves nothing behind, and says when there is nothing to take."""

import boto3
import pytest
from audiences.edges import aws, stack
from audiences.edges.stack import empty_bucket, stack_buckets
from audiences.edges.training_files import trained_groups
from audiences.errors import SetupError
from botocore.stub import Stubber
from moto import mock_aws


@pytest.fixture(autouse=True)
def _account(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws.client.cache_clear()
    with mock_aws():
        yield
    aws.client.cache_clear()


def test_emptying_takes_every_version_and_every_delete_marker():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="bucket", Key="k", Body=body)
    s3.delete_object(Bucket="bucket", Key="k")
    assert empty_bucket("bucket") == 3
    s3.delete_bucket(Bucket="bucket")


def test_a_stack_that_is_not_there_is_a_setup_error(monkeypatch):
    cloudformation = boto3.client("cloudformation")
    with Stubber(cloudformation) as answers:
        answers.add_client_error("describe_stacks", "ValidationError", "Stack with id nowhere does not exist")
        monkeypatch.setattr(stack, "client", lambda _: cloudformation)
        with pytest.raises(SetupError, match="There is no stack nowhere"):
            stack_buckets("nowhere")


def test_trained_groups_are_read_from_configurations_and_junk_is_passed_over():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    good = b'\xef\xbb\xbf{"datasetGroup": {"serviceConfig": {"name": "films"}}}'
    for key, body in {"train/a/config.json": good, "train/b.json": b"{", "train/c.json": b"[]"}.items():
        s3.put_object(Bucket="bucket", Key=key, Body=body)
    assert trained_groups("bucket") == {"films"}
