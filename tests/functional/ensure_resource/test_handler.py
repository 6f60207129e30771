"""The three later steps together on a real record in S3: check, ensure, finish, with events on the bus."""

import json
from pathlib import Path

import boto3
import pytest
from audiences.edges import aws
from audiences.edges.personalize import Personalize
from audiences.errors import RetryLater, SetupError
from check_training.handler import lambda_handler as check
from ensure_resource.handler import lambda_handler as ensure
from finish_training.handler import lambda_handler as finish
from moto import mock_aws

from tests.functional.pretended_aws import Context

FOLDER = Path(__file__).parents[3] / "data" / "personalize"
EVENT = {
    "trigger": {
        "detail": {"bucket": {"name": "data"}, "object": {"key": "train/bingewatch/config.json"}},
        "execution_key": "k1",
    },
    "started_at": "2026-11-22T10:00:00.123Z",
}
GROUP = "dataset-group/bingewatch"


@pytest.fixture
def cloud(monkeypatch):
    """Yield the S3 client and the list of entries put on the bus; the demo data is uploaded."""
    variables = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AUDIENCE_BUCKET": "audience",
        "EVENT_BUS_NAME": "relay",
        "PERSONALIZE_ARN_PREFIX": "arn:aws:personalize:us-east-1:123456789012",
        "PERSONALIZE_ROLE_ARN": "arn:aws:iam::123456789012:role/personalize",
        "DATA_CHECK_MEBIBYTES": "64",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    put = []
    monkeypatch.setattr("audiences.edges.training_records.put_events", put.extend)
    monkeypatch.setattr("finish_training.handler.put_events", put.extend)
    aws.client.cache_clear()
    with mock_aws():
        s3 = boto3.client("s3")
        for bucket in ("audience", "data"):
            s3.create_bucket(Bucket=bucket)
        for file in FOLDER.rglob("*.*"):
            s3.put_object(Bucket="data", Key=str(file.relative_to(FOLDER)), Body=file.read_bytes())
        yield s3, put
    aws.client.cache_clear()


def result_of(s3, run_id):
    prefix = f"runs/{run_id}/stages/personalize-training/"
    (only,) = s3.list_objects_v2(Bucket="audience", Prefix=prefix)["Contents"]
    return json.loads(s3.get_object(Bucket="audience", Key=only["Key"])["Body"].read())


def test_from_upload_to_a_failed_resource_and_the_word_about_it(cloud, monkeypatch):
    s3, put = cloud
    steps = check(EVENT, Context())
    assert steps["dataset_group"] == GROUP
    assert len(json.dumps(steps)) < 5000  # ids only: the state stays small

    answers = iter([None, {"status": "CREATE PENDING"}, {"status": "CREATE FAILED", "failureReason": "No."}])
    arn = f"arn:aws:personalize:us-east-1:123456789012:{GROUP}"

    def describe(_self, _kind, _arn):
        answer = next(answers)
        return answer and {"datasetGroupArn": arn, "domain": "VIDEO_ON_DEMAND", **answer}

    monkeypatch.setattr(Personalize, "describe", describe)
    monkeypatch.setattr(Personalize, "create", lambda _self, _kind, _request: arn)
    with pytest.raises(RetryLater):
        ensure({**EVENT, "resource": GROUP}, Context())
    with pytest.raises(SetupError, match=r"No\.") as caught:
        ensure({**EVENT, "resource": GROUP}, Context())
    cause = json.dumps({"errorMessage": str(caught.value), "errorType": "SetupError"})
    answer = finish(
        {**EVENT, "failures": [{"Error": "SetupError", "Cause": cause}], "begun": True}, Context()
    )

    assert answer["status"] == "failed"
    details = [json.loads(entry["Detail"]) for entry in put]
    assert [entry["DetailType"] for entry in put] == ["Personalize Dataset Group State Change"] * 2 + [
        "Training Failed"
    ]
    assert {entry["Source"] for entry in put[:2]} == {"solutions.aws.personalize"}
    assert details[1] == {
        "Arn": arn,
        "Status": "CREATE FAILED",
        "FailureReason": "No.",
        "RunId": answer["run_id"],
    }
    result = result_of(s3, answer["run_id"])
    assert result["status"] == "failed"
    assert "No." in result["failure"]["why"]
    assert [event["status"] for event in result["data"]["events"]] == ["CREATING", "CREATE FAILED"]
    assert result["expects"] == []


def test_the_check_promises_the_segments(cloud):
    s3, _ = cloud
    steps = check(EVENT, Context())
    (key,) = [o["Key"] for o in s3.list_objects_v2(Bucket="audience")["Contents"] if "/stages/" in o["Key"]]
    result = json.loads(s3.get_object(Bucket="audience", Key=key)["Body"].read())
    assert result["status"] == "pending"
    names = [job.partition("/")[2] for job in steps["segment_jobs"]]
    assert result["expects"] == [["segment-postprocessing", name] for name in names]
    assert result["data"]["interactions"] >= 1000


def test_a_missing_file_is_waited_for(cloud):
    s3, _ = cloud
    s3.delete_object(Bucket="data", Key="train/bingewatch/items.csv")
    with pytest.raises(RetryLater, match=r"items\.csv"):
        check(EVENT, Context())


def test_without_a_plan_nothing_is_made(cloud):
    with pytest.raises(SetupError, match="no plan"):
        ensure({**EVENT, "resource": GROUP}, Context())


def test_a_run_that_could_not_begin_is_announced_at_its_end_so_that_a_mail_follows(cloud):
    s3, put = cloud
    failure = {
        "Error": "ClientError",
        "Cause": json.dumps({"errorMessage": "AWS answered AccessDenied to PutEvents."}),
    }
    answer = finish({**EVENT, "failures": [failure], "begun": False}, Context())
    assert [entry["DetailType"] for entry in put] == ["Run Started", "Training Failed"]
    assert json.loads(put[0]["Detail"])["metadata"]["run_id"] == answer["run_id"]
    assert result_of(s3, answer["run_id"])["failure"]["why"] == "AWS answered AccessDenied to PutEvents."
