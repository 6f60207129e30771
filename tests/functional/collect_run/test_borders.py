"""An error says what, why and next in the mail, each once and at its place, whatever border it crossed."""

import json
import os
import re
import traceback

import pytest
from announce_audience import handler as announce
from audiences.activations.work import Work
from audiences.edges import delivery_queue
from audiences.edges.aws import client
from audiences.edges.run_store import load_results, save_result
from audiences.edges.s3_files import write_json
from audiences.errors import AudienceError, DataError, RecordRejected, RetryLater, SetupError
from audiences.failures import unexpected
from audiences.preparation.request import Request
from audiences.runs import StageResult
from collect_run.handler import lambda_handler as collect
from finish_training import handler as finish_training
from moto import mock_aws
from record_failed_delivery import handler as record_failed_delivery
from record_failure import handler as record_failure

BUCKET, RUN = "audience-bucket", "20261122-101500-ab12cd"
PARTS = ("The thing broke.", "Line 7 is odd.\nLine 9, too.", "Mend the lines, then upload the file again.")
ERRORS = [
    SetupError(*PARTS),
    RetryLater(*PARTS),
    RecordRejected(*PARTS),
    DataError(*PARTS),
    KeyError("'jane@example.com'"),
]
CONTEXT = type(
    "Context",
    (),
    dict.fromkeys(("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id"), "x"),
)()


@pytest.fixture(scope="module")
def aws():
    settings = {
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AUDIENCE_BUCKET": BUCKET, "EVENT_BUS_NAME": "relay",
        "RELAY_STACK_NAME": "relay", "RUN_DEADLINE_HOURS": "8", "DELIVERED_PLATFORMS": "meta",
    }  # fmt: skip
    client.cache_clear()
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in settings.items():
            patch.setenv(name, value)
        client("events").create_event_bus(Name="relay")
        patch.setenv("DEAD_LETTER_QUEUE_URL", client("sqs").create_queue(QueueName="dead")["QueueUrl"])
        yield
    client.cache_clear()


@pytest.fixture
def bucket(aws):
    client("s3").create_bucket(Bucket=BUCKET)
    yield BUCKET
    for item in client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client("s3").delete_object(Bucket=BUCKET, Key=item["Key"])


def caught(error):
    """Return what Step Functions hands over for a function that raised."""
    name = type(error).__name__
    cause = {"errorMessage": str(error), "errorType": name, "requestId": "x", "stackTrace": ["  File x\n"]}
    return {"Error": name, "Cause": json.dumps(cause)}


def of_glue(error):
    """Return what Step Functions hands over for a job of AWS Glue that raised, as `.sync` describes it."""
    try:
        raise error
    except (AudienceError, KeyError) as raised:
        message = "".join(traceback.format_exception(raised))
    run = {
        "JobName": "prepare",
        "JobRunState": "FAILED",
        "ErrorMessage": message,
        "Arguments": {"--work": "x"},
    }
    return {"Error": "States.TaskFailed", "Cause": json.dumps(run)}


def in_execution(error):
    """Return what Step Functions hands over for a workflow that failed as part of another one."""
    inner = {**caught(error), "Status": "FAILED", "Input": "{}"}
    return {"Error": "States.TaskFailed", "Cause": json.dumps(inner)}


def cut(error):
    """Return the error output as the training's map keeps it: the first 2,000 characters of the Cause."""
    whole = caught(error)
    return {**whole, "Cause": whole["Cause"][:2000]}


def a_work():
    request = Request(platform="meta", audience="Lovers", run_id=RUN)
    work = Work(
        name=f"meta/Lovers/{RUN}-abcdef", request=request, segments=("s3://x/a.csv",), identities=(), suppressions=(),
        output=f"s3://{BUCKET}/prepared/meta/Lovers/{RUN}-abcdef/", engine="spark",
    )  # fmt: skip
    uri = f"s3://{BUCKET}/work/x.json"
    write_json(uri, work.as_json())
    return uri


def through_a_stage(error):
    event = {
        "stage": "pinpoint-import",
        "name": "x.csv",
        "run_id": RUN,
        "object": "",
        "run_prefix": "",
        "title": "x",
    }
    record_failure.lambda_handler({**event, "error": error, "execution_key": "x", "time": "x"}, CONTEXT)


def through_a_preparation(error):
    announce.lambda_handler({"work": a_work(), "error": error}, CONTEXT)


def through_a_delivery(error):
    manifest = f"s3://{BUCKET}/prepared/meta/Lovers/{RUN}-abcdef/manifest.json"
    record_failed_delivery.lambda_handler(
        {"manifest": manifest, "execution_key": "x", "error": error}, CONTEXT
    )


def through_a_training(error):
    trigger = {"detail": {"bucket": {"name": "b"}, "object": {"key": "train/shop/config.json"}}}
    event = {"trigger": trigger, "started_at": "2026-11-22T10:15:00Z", "failures": [error], "begun": True}
    return finish_training.lambda_handler(event, CONTEXT)["run_id"]


BORDERS = [
    pytest.param(through_a_stage, caught, id="function"),
    pytest.param(through_a_stage, in_execution, id="workflow in a workflow"),
    pytest.param(through_a_preparation, caught, id="preparation"),
    pytest.param(through_a_preparation, of_glue, id="Glue job"),
    pytest.param(through_a_delivery, caught, id="delivery"),
    pytest.param(through_a_training, cut, id="training"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("border", "form"), BORDERS)
def test_each_part_is_in_the_mail_once_and_at_its_place(bucket, border, form, error):
    run_id = border(form(error)) or RUN
    own = isinstance(error, AudienceError)
    name = type(error).__name__
    what, why, fix = PARTS if own else (unexpected(name)[part] for part in ("what", "why", "fix"))
    if border is through_a_training and name == "RetryLater":
        what, why = "The workflow waited as long as it may.", f"{what} {why}"
    assert problem(bucket, run_id) == (what, why, fix)


def problem(bucket, run_id):
    """Return what, why and next of the only problem in the mail of a run."""
    facts = {"run_id": run_id, "title": "x", "started_at": "2026-11-22T10:15:00+00:00", "action": "write"}
    mail = collect(facts, CONTEXT)["message"]
    assert load_results(bucket, run_id)
    assert "PROBLEMS (1)" in mail
    text = r" (.*(?:\n {11}.*)*)\n"
    found = re.findall(rf"^ {{5}}What:{text} {{5}}Why: {text} {{5}}Next:{text}", mail, re.MULTILINE)
    assert len(found) == mail.count("What: ") == mail.count("Why: ") == mail.count("Next: ") == 1, mail
    assert "example.com" not in mail
    return tuple(re.sub("\n {11}", "\n", part) for part in found[0])


@pytest.mark.parametrize("error", ERRORS[:4], ids=lambda error: type(error).__name__)
def test_a_dead_letter_has_the_same_parts_as_the_mail(bucket, error):
    save_result(bucket, RUN, StageResult("delivery", "x", "failed", failure=error.as_failure()))
    delivery_queue.bury("{}", error.as_failure())
    queue = client("sqs")
    (message,) = queue.receive_message(
        QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"], MessageAttributeNames=["All"]
    )["Messages"]
    queue.delete_message(QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"], ReceiptHandle=message["ReceiptHandle"])
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert told["Error"] == type(error).__name__
    assert (told["What"], told["Why"], told["Next"]) == problem(bucket, RUN) == PARTS
