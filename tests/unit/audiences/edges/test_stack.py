import boto3
import pytest
from audiences.edges import aws
from audiences.edges.stack import empty_bucket, stack_buckets
from audiences.edges.training_files import trained_groups
from audiences.errors import SetupError
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
    s3.create_bucket(Bucket="b")
    s3.put_bucket_versioning(Bucket="b", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="b", Key="k", Body=body)
    s3.delete_object(Bucket="b", Key="k")
    assert empty_bucket("b") == 3
    s3.delete_bucket(Bucket="b")


def test_a_stack_that_is_not_there_is_a_setup_error():
    with pytest.raises(SetupError, match="There is no stack nowhere"):
        stack_buckets("nowhere")


def test_trained_groups_are_read_from_configurations_and_junk_is_passed_over():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="b")
    good = b'\xef\xbb\xbf{"datasetGroup": {"serviceConfig": {"name": "films"}}}'
    for key, body in {"train/a/config.json": good, "train/b.json": b"{", "train/c.json": b"[]"}.items():
        s3.put_object(Bucket="b", Key=key, Body=body)
    assert trained_groups("b") == {"films"}
