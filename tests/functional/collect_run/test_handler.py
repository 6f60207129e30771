"""The function looks, and looks again, and writes the report when it is told to."""

import json

import boto3
import pytest
from audiences.edges.run_store import save_result
from audiences.runs import StageResult
from collect_run.handler import lambda_handler

from tests.functional.pretended_aws import Context, audience_bucket

RUN = "20261122-101500-ab12cd"
DELIVERED = {
    "platform": "meta",
    "audience": "A",
    "received": 1,
    "sent": 1,
    "accepted": 1,
    "refused": 0,
} | dict.fromkeys(("rejected", "unchanged", "suppressed"), 0)


@pytest.fixture(scope="module")
def cloud():
    settings = {
        "AWS_REGION": "us-east-1",
        "AUDIENCE_BUCKET": "audience",
        "RELAY_STACK_NAME": "relay",
        "RUN_DEADLINE_HOURS": "8",
    }
    with audience_bucket(**settings) as bucket:
        yield bucket


@pytest.fixture
def bucket(cloud):
    yield cloud.name
    cloud.objects.delete()


def call(action):
    event = {
        "action": action,
        "run_id": RUN,
        "title": "bingewatch",
        "started_at": "2026-11-22T10:15:00+00:00",
    }
    return lambda_handler(event, Context())


def read(name):
    body = boto3.client("s3").get_object(Bucket="audience", Key=f"runs/{RUN}/{name}")["Body"].read()
    return body.decode()


def test_looking_returns_counts_only(bucket):
    assert call("look") == {"complete": False, "waiting_for": 0, "results": 0}
    promise = [["segment-postprocessing", "job"]]
    save_result(bucket, RUN, StageResult("personalize-training", "b", "succeeded", expects=promise))
    assert call("look") == {"complete": False, "waiting_for": 1, "results": 1}
    save_result(bucket, RUN, StageResult("segment-postprocessing", "job", "succeeded"))
    assert call("look") == {"complete": True, "waiting_for": 0, "results": 2}


def test_a_damaged_result_does_not_hold_the_run_up(bucket):
    boto3.client("s3").put_object(Bucket=bucket, Key=f"runs/{RUN}/stages/delivery/x.json", Body=b"{")
    assert call("look") == {"complete": True, "waiting_for": 0, "results": 1}


def test_writing_keeps_report_page_and_mail_and_returns_the_mail(bucket):
    save_result(bucket, RUN, StageResult("delivery", "meta/action", "succeeded", DELIVERED))
    answer = call("write")
    report = json.loads(read("report.json"))
    assert (report["run_id"], report["stack"], report["status"]) == (RUN, "relay", "succeeded")
    assert report["emails"] == [{"subject": answer["subject"], "body": answer["message"]}]
    assert read("mail.txt") == f"{answer['subject']}\n\n{answer['message']}"
    assert answer["subject"] in read("report.html")
    assert answer["data"] == {
        "title": "bingewatch",
        "status": "succeeded",
        "duration_seconds": report["duration_seconds"],
        "segments": 0,
        "imports": 0,
        "audiences": 0,
        "deliveries": 1,
        "failures": 0,
        "report": f"s3://audience/runs/{RUN}/report.json",
    }


def test_writing_at_the_deadline_names_what_is_missing(bucket):
    save_result(bucket, RUN, StageResult("pinpoint-import", "pinpoint/endpoints.csv", "pending"))
    answer = call("write")
    assert "failed" in answer["subject"]
    assert "Import into Pinpoint: pinpoint/endpoints.csv" in answer["message"]
    assert "within 8 hours" in answer["message"]


def test_writing_again_replaces(bucket):
    save_result(bucket, RUN, StageResult("delivery", "a", "pending"))
    call("write")
    save_result(bucket, RUN, StageResult("delivery", "a", "succeeded", DELIVERED))
    call("write")
    assert json.loads(read("report.json"))["status"] == "succeeded"
