"""Single records become one prepared file per audience, under the rules of files; poison is buried."""

import gzip
import json

import boto3
import pytest
from audiences.delivery.records import Record, gather
from audiences.edges import aws
from audiences.errors import DataError
from audiences.preparation.keys import audience_key
from collect_records.handler import lambda_handler
from moto import mock_aws

BUCKET = "audience-bucket"


@pytest.fixture
def world(monkeypatch):
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AUDIENCE_BUCKET": BUCKET,
        "PLATFORM": "google",
    }.items():
        monkeypatch.setenv(name, value)
    aws.client.cache_clear()
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        dead = boto3.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", dead)
        yield dead
    aws.client.cache_clear()


def record(user, operation="add", audience="Lovers", **more):
    value = {
        "audience": audience,
        "operation": operation,
        "user_id": user,
        "identifiers": {"email": f"{user}@example.com"},
    }
    return json.dumps({**value, "consent": {"ads": "yes"}, **more})


def invoke(*bodies):
    class Context:
        function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"

    records = [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]
    return lambda_handler({"Records": records}, Context())["batchItemFailures"]


def manifests():
    s3 = boto3.client("s3")
    keys = [row["Key"] for row in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return [
        json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        for key in keys
        if key.endswith("manifest.json")
    ]


def buried(dead):
    found = boto3.client("sqs").receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in found]


def test_records_of_one_audience_become_one_manifest(world):
    assert invoke(record("u1"), record("u2"), record("u3", audience="Others")) == []
    made = {one["audience"]: one for one in manifests()}
    assert made["Lovers"]["counts"]["sent"] == 2
    assert made["Others"]["counts"]["sent"] == 1
    assert made["Lovers"]["ledger"] == {"sha256_unpacked": ""}
    assert buried(world) == []


def test_the_same_messages_again_make_nothing_new(world):
    invoke(record("u1"))
    before = boto3.client("s3").list_object_versions(Bucket=BUCKET)["Versions"]
    invoke(record("u1"))
    assert boto3.client("s3").list_object_versions(Bucket=BUCKET)["Versions"] == before


def test_records_go_where_a_former_version_kept_their_audience(world):
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="ledger/google/30.tsv.gz", Body=gzip.compress(b"u9\temail=1\n"))
    s3.put_object(Bucket=BUCKET, Key="deliveries/google/30/run-1.json", Body=b'{"audience": "30+"}')
    assert invoke(record("u1", audience="30+"), record("u1", audience="30-")) == []
    assert {found["audience_key"] for found in manifests()} == {"30", audience_key("30-")}


def test_a_misspelt_setting_is_buried_and_sends_nobody_to_another_account(world):
    good, bad = record("u1", destination={"account": "1"}), record("u2", destination={"acount": "1"})
    assert invoke(good, bad) == []
    (made,) = manifests()
    assert made["destination"] == {"account": "1"}
    assert buried(world) == [bad]


def test_consent_and_suppressions_hold_for_records_too(world):
    boto3.client("s3").put_object(Bucket=BUCKET, Key="suppressions/x.csv", Body=b"email\nu2@example.com\n")
    no = record("u3", consent={"ads": "no"})
    missing = record("u4", consent={}, country="DE")
    invoke(record("u1"), record("u2"), no, missing)
    sent = sum(one["counts"]["sent"] for one in manifests())
    assert sent == 1
    assert sum(one["counts"]["suppressed"] for one in manifests()) == 1


def test_poison_is_buried_and_the_others_go_on(world):
    poison = [
        "no json",
        "[]",
        '{"audience": "A"}',
        record("u9", operation="replace"),
        record("u8", identifiers={}),
        record("u7", consent={"add": "no"}),
        record("u6", consent={"ads": "yes"}, purposes=["ads", "email"]),
    ]
    assert invoke(poison[0], record("u1"), *poison[1:]) == []
    assert sorted(buried(world)) == sorted(poison)
    assert [one["counts"]["sent"] for one in manifests()] == [1]


def test_the_last_message_about_somebody_counts():
    rows = [
        ("a", Record.read(record("u1"))),
        ("b", Record.read(record("u1", identifiers={"email": "new@example.com"}))),
    ]
    (group,) = gather(rows)
    with group.identities().open() as file:
        assert json.load(file) == {"user_id": "u1", "consent_ads": "yes", "email": "new@example.com"}


def test_an_error_never_quotes_the_record():
    with pytest.raises(DataError) as error:
        Record.read('{"audience": "A", "operation": "x", "user_id": "jane@example.com"}')
    assert "jane" not in str(error.value)
