import json

import pytest
from audiences.edges import aws
from botocore.stub import Stubber
from moto import mock_aws
from receive_segment.handler import lambda_handler as receive
from refuse_segment.handler import lambda_handler as refuse

WORKFLOW, EXECUTION = "w-" + "0" * 17, "11111111-2222-3333-4444-555555555555"
KEY = "drop/crm-team/boots.csv"


class Context:
    aws_request_id = function_name = invoked_function_arn = "x"
    memory_limit_in_mb = 1


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1", "AUDIENCE_BUCKET": "audience", "EVENT_BUS_NAME": "relay",
        "MOST_MEBIBYTES": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    aws.client.cache_clear()
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket="audience")
        client.put_bucket_versioning(Bucket="audience", VersioningConfiguration={"Status": "Enabled"})
        aws.client("events").create_event_bus(Name="relay")
        yield client
    aws.client.cache_clear()


@pytest.fixture
def answers(s3):
    """What the workflow must be told, in order: `answers("SUCCESS")`."""
    with Stubber(aws.client("transfer")) as stub:

        def expect(*statuses):
            for status in statuses:
                given = {"WorkflowId": WORKFLOW, "ExecutionId": EXECUTION, "Token": "t1", "Status": status}
                stub.add_response("send_workflow_step_state", {}, given)

        yield expect
        stub.assert_no_pending_responses()


def uploaded(s3, body, key=KEY):
    stored = s3.put_object(Bucket="audience", Key=key, Body=body)
    return {
        "token": "t1",
        "serviceMetadata": {
            "executionDetails": {"workflowId": WORKFLOW, "executionId": EXECUTION},
            "transferDetails": {"sessionId": "s", "userName": "crm-team", "serverId": "s-1"},
        },
        "fileLocation": {
            "domain": "S3", "bucket": "audience", "key": key, "eTag": "e", "versionId": stored["VersionId"],
        },
    }  # fmt: skip


def stored(s3, prefix):
    found = s3.list_object_versions(Bucket="audience", Prefix=prefix).get("Versions", [])
    return [item["Key"] for item in found]


def record(s3):
    (key,) = set(stored(s3, "runs/"))
    return json.loads(s3.get_object(Bucket="audience", Key=key)["Body"].read())


def test_a_segment_is_copied_into_the_uploads_run(s3, answers):
    answers("SUCCESS")
    told = receive(uploaded(s3, b"user_id\nu1\n"), Context())

    (key,) = stored(s3, "segments/")
    head = s3.head_object(Bucket="audience", Key=key)
    assert head["Metadata"] == {
        "run-id": told["run_id"], "segment-name": "crm-team.boots", "source": "sftp"
    }  # fmt: skip
    assert record(s3)["status"] == "succeeded"


def test_the_version_that_was_uploaded_is_checked_and_taken_whatever_came_after_it(s3, answers):
    answers("SUCCESS")
    event = uploaded(s3, b"user_id\nu1\n")
    uploaded(s3, b"anything")
    receive(event, Context())

    (key,) = stored(s3, "segments/")
    assert s3.get_object(Bucket="audience", Key=key)["Body"].read() == b"user_id\nu1\n"


def test_a_repeated_invocation_stores_no_second_version(s3, answers):
    answers("SUCCESS", "SUCCESS")
    event = uploaded(s3, b"user_id\nu1\n")
    receive(event, Context())
    receive(event, Context())

    assert len(stored(s3, "segments/")) == 1


@pytest.mark.parametrize(
    ("key", "body"),
    [(KEY, b"anna@example.com\n"), ("drop/crm-team/boots.xlsx", b"user_id\nu1\n"), (KEY, b"x" * (2 << 20))],
)
def test_a_file_that_is_no_segment_is_refused_and_copied_nowhere(s3, answers, key, body, capsys):
    answers("FAILURE")
    told = receive(uploaded(s3, body, key), Context())

    assert told["status"] == "failed"
    assert stored(s3, "segments/") == []
    assert record(s3)["failure"]["error"] == "DataError"
    assert "anna@" not in json.dumps(record(s3)) + capsys.readouterr().out


def test_the_exception_step_says_nothing_twice(s3, answers):
    answers("FAILURE", "SUCCESS")
    event = uploaded(s3, b"")
    receive(event, Context())
    before = record(s3)
    refuse(event, Context())

    assert record(s3) == before


def test_the_exception_step_tells_of_a_check_that_left_no_word(s3, answers):
    answers("SUCCESS")
    refuse(uploaded(s3, b"user_id\nu1\n"), Context())

    assert record(s3)["failure"]["what"] == "The file could not be checked."


def test_a_file_that_is_gone_raises_so_that_the_queue_keeps_the_event(s3, answers):
    event = uploaded(s3, b"user_id\nu1\n")
    event["fileLocation"]["key"] = "drop/crm-team/gone.csv"
    with pytest.raises(Exception, match="is not there"):
        receive(event, Context())
