"""Stage results are read back with their times, damaged ones become failures, reports are kept."""

import json

import boto3
import pytest
from audiences.edges import report_store
from audiences.edges.run_store import save_result
from audiences.runs import StageResult

RUN = "20261122-101500-ab12cd"


@pytest.fixture
def bucket(cloud):
    yield cloud.name
    cloud.objects.delete()


def test_results_come_back_with_the_time_they_were_written(bucket):
    training = StageResult("personalize-training", "bingewatch", "succeeded", {"users": 3})
    save_result(bucket, RUN, training)
    save_result(bucket, "another-run", StageResult("delivery", "x", "failed"))
    (record,) = report_store.load_records(bucket, RUN)
    assert record.result == training
    assert record.at.endswith("+00:00")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b'{"stage": "delivery"}',
        b'{"stage": "delivery", "name": "x", "status": "great"}',
        b'{"stage": "delivery", "name": "x", "status": "failed", "colour": "red"}',
        b'{"stage": "delivery", "name": "x", "status": "failed", "data": []}',
        b'{"stage": "delivery", "name": "x", "status": "failed", "expects": ["only-a-stage"]}',
        b'{"stage": "delivery", "name": ["x"], "status": "failed"}',
    ],
)
def test_a_damaged_result_is_a_failed_one(bucket, body):
    boto3.client("s3").put_object(Bucket=bucket, Key=f"runs/{RUN}/stages/delivery/x-1.json", Body=body)
    (record,) = report_store.load_records(bucket, RUN)
    assert (record.result.stage, record.result.name, record.result.status) == ("delivery", "x-1", "failed")
    assert record.result.failure["error"] == "DataError"


@pytest.mark.usefixtures("bucket")
def test_a_missing_bucket_raises():
    with pytest.raises(boto3.client("s3").exceptions.NoSuchBucket):
        report_store.load_records("nowhere", RUN)


def test_reports_are_kept_beside_the_stages(bucket):
    files = {
        "report.json": json.dumps({"title": "Zoë"}, ensure_ascii=False),
        "report.html": "<p>",
        "mail.txt": "Hi",
    }
    uris = report_store.save_report(bucket, RUN, files)
    assert uris["report.json"] == f"s3://audience/runs/{RUN}/report.json"
    stored = boto3.client("s3").get_object(Bucket=bucket, Key=f"runs/{RUN}/report.json")
    assert json.loads(stored["Body"].read()) == {"title": "Zoë"}
    page = boto3.client("s3").head_object(Bucket=bucket, Key=f"runs/{RUN}/report.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
