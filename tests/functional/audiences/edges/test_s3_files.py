"""Big objects in pieces, names kept for the first who asks, and nothing stored twice."""

import gzip
import io

import boto3
import pytest
from audiences.edges import aws
from audiences.edges.audience_files import open_object
from audiences.edges.s3_files import (
    claim,
    copy_once,
    delete_all,
    list_keys,
    read_chunks,
    read_metadata,
    split_uri,
    upload_once,
)
from audiences.errors import DataError, RetryLater, SetupError
from audiences.preparation.sources import read_lines
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from moto import mock_aws


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        aws.client.cache_clear()
        found = boto3.client("s3")
        found.create_bucket(Bucket="files")
        found.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
        yield found
    aws.client.cache_clear()


def versions(s3):
    return len(s3.list_object_versions(Bucket="files").get("Versions", []))


def test_a_name_belongs_to_the_first_who_claims_it(s3):
    assert claim("s3://files/names/x.json", "one") == "one"
    assert claim("s3://files/names/x.json", "two") == "one"
    assert claim("s3://files/names/x.json", "one") == "one"
    assert versions(s3) == 1


def test_the_same_file_is_stored_once_and_metadata_keeps_any_text(s3, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Id\n1\n")
    about = {"query": 'ITEMS.genres = "Action" & é', "run-id": "r1"}
    upload_once(path, "s3://files/a/x.csv", about)
    upload_once(path, "s3://files/a/x.csv", about)
    assert versions(s3) == 1
    assert read_metadata("s3://files/a/x.csv") == about
    upload_once(path, "s3://files/a/x.csv", {**about, "run-id": "r2"})
    assert versions(s3) == 2
    copy_once("s3://files/a/x.csv", "s3://files/c.csv", {"run-id": "r3"})
    copy_once("s3://files/a/x.csv", "s3://files/c.csv", {"run-id": "r3"})
    assert versions(s3) == 3
    assert read_metadata("s3://files/c.csv") == {"run-id": "r3"}


def test_objects_are_read_in_pieces_and_gzip_is_unpacked(s3):
    s3.put_object(Bucket="files", Key="e/1.gz", Body=gzip.compress(b'{"a":1}\n{"b":2}\n'))
    s3.put_object(Bucket="files", Key="e/2.json", Body=b'{"c":3}\n')
    s3.put_object(Bucket="files", Key="e/", Body=b"")
    assert list_keys("s3://files/e/") == ["s3://files/e/1.gz", "s3://files/e/2.json"]
    lines = [line.strip() for uri in list_keys("s3://files/e/") for line in read_lines(open_object(uri))]
    assert lines == ['{"a":1}', '{"b":2}', '{"c":3}']
    s3.put_object(Bucket="files", Key="big", Body=b"x" * 2_500_000)
    assert [len(chunk) for chunk in read_chunks("s3://files/big")] == [1 << 20, 1 << 20, 402_848]
    delete_all(list_keys("s3://files/e/"))
    assert list_keys("s3://files/e/") == []


def test_what_is_missing_is_a_data_error(s3):
    with pytest.raises(DataError, match="s3://files/none is not there"):
        list(read_chunks("s3://files/none"))
    with pytest.raises(DataError):
        read_metadata("s3://files/none")


def test_a_download_that_breaks_off_is_tried_again(s3, monkeypatch):
    """A stream that ends before its length, as S3's do when the connection breaks."""
    s3.put_object(Bucket="files", Key="x.csv", Body=b"user_id\n1\n")
    body = StreamingBody(io.BytesIO(b"user_id\n1"), 11)
    monkeypatch.setattr(aws.client("s3"), "get_object", lambda **_: {"Body": body})
    with pytest.raises(RetryLater, match=r"s3://files/x\.csv could not be read"):
        list(read_lines(open_object("s3://files/x.csv")))


def test_what_is_forbidden_is_a_setup_error(s3, monkeypatch):
    def deny(**_):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    monkeypatch.setattr(aws.client("s3"), "get_object", deny)
    with pytest.raises(SetupError, match="AccessDenied"):
        list(read_chunks("s3://files/x"))


@pytest.mark.parametrize("uri", ["b/k", "http://b/k", "s3://", ""])
def test_only_s3_uris_are_taken(uri):
    with pytest.raises(DataError):
        split_uri(uri)


class Refusal(io.BytesIO):
    def stream(self, **_):
        yield self.read()


@pytest.mark.parametrize(
    ("status", "code", "expected"), [(403, "AccessDenied", SetupError), (400, "BadDigest", RetryLater)]
)
def test_a_refused_upload_is_told_and_retried_like_any_other_request(s3, tmp_path, status, code, expected):
    path = tmp_path / "x.csv"
    path.write_text("Id\n1\n")
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()

    def refuse(request, **_):
        return AWSResponse(request.url, status, {}, Refusal(body))

    aws.client("s3").meta.events.register_first("before-send.s3.PutObject", refuse)
    with pytest.raises(expected, match=f"s3://files/x.csv [\\s\\S]*S3 says {code}"):
        upload_once(path, "s3://files/x.csv")
