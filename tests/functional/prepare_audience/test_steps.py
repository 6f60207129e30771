"""The three steps of prepare-audience, against moto's S3 and bus: plan, prepare, announce."""

import gzip
import io
import json
import zipfile

import boto3
import pytest
from audiences.edges.aws import client
from audiences.errors import DataError
from moto import mock_aws

BUCKET = "audience"
KEY = "segments/personalize/Action/Action_1.csv"
FILE = f"s3://{BUCKET}/{KEY}"
ACTIVATION = {"segments": ["Action"], "platforms": ["meta"], "audience": "A", "minimum": 0, "country": "US"}


class Context:
    function_name = "f"
    memory_limit_in_mb = 1
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    aws_request_id = "1"


@pytest.fixture
def s3(monkeypatch):
    settings = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AUDIENCE_BUCKET": BUCKET,
        "EVENT_BUS_NAME": "relay",
        "LAMBDA_MOST_MIB": "1",
        "DELIVERED_PLATFORMS": "meta,google",
        "POWERTOOLS_TRACE_DISABLED": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client.cache_clear()
        store = Store(boto3.client("s3"))
        store.put(KEY, b"User.UserId\n1\n2\n3\n", {"run-id": "run-1"})
        store.put("identities/c.csv", b"user_id,email\n1,ada@example.com\n2,bob@example.com\n")
        store.put("suppressions/o.csv", b"user_id\n2\n")
        store.put("activations/a.json", json.dumps(ACTIVATION).encode())
        yield store
        client.cache_clear()


class Store:
    def __init__(self, s3):
        self.s3 = s3
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key, data, metadata=None):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=data, Metadata=metadata or {})

    def read(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key.removeprefix(f"s3://{BUCKET}/"))["Body"].read()

    def keys(self, prefix=""):
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]

    def results(self):
        return [json.loads(self.read(key)) for key in self.keys("runs/")]


@pytest.fixture
def events(monkeypatch):
    seen = []
    for module in ("plan_audiences.handler", "audiences.edges.stage_log"):
        __import__(module)
    monkeypatch.setattr("audiences.edges.stage_log.put_events", seen.extend)
    return seen


def plan(key="execution-1", file=FILE):
    from plan_audiences.handler import lambda_handler

    return lambda_handler({"file": file, "execution_key": key, "time": "2026-11-22T10:00:00Z"}, Context())


def prepare(work):
    from prepare_audience.handler import lambda_handler

    return lambda_handler({"work": work}, Context())


def announce(event):
    from announce_audience.handler import lambda_handler

    return lambda_handler(event, Context())


def test_from_segment_to_prepared_audience(s3, events):
    planned = plan()
    assert planned["run_id"] == "run-1"
    (item,) = planned["items"]
    assert item["engine"] == "lambda"
    (promise,) = s3.results()
    assert promise["status"] == "succeeded"
    counts = prepare(item["work"])
    assert (counts["received"], counts["sent"], counts["suppressed"], counts["rejected"]) == (3, 1, 1, 1)
    folder = "prepared/meta/A/"
    names = [key.rsplit("/", 1)[1] for key in s3.keys(folder)]
    assert names == ["manifest.json", "part-add-00001.json", "rejects.csv", "wanted.tsv.gz"]
    announce({"work": item["work"]})
    last = next(result for result in s3.results() if result["name"] != KEY)
    assert promise["expects"] == [["audience-preparation", last["name"]]]
    assert last["expects"] == [["delivery", last["name"]]]
    (event,) = events
    assert event["DetailType"] == "Audience Prepared"
    data = json.loads(event["Detail"])["data"]
    assert data["manifest"].endswith("manifest.json")
    assert "example.com" not in event["Detail"]


def test_the_manifest_is_the_last_file_to_arrive(s3):
    prepare(plan()["items"][0]["work"])
    times = {
        key.rsplit("/", 1)[1]: s3.s3.head_object(Bucket=BUCKET, Key=key)["LastModified"]
        for key in s3.keys("prepared/")
    }
    assert times["manifest.json"] == max(times.values())


def test_a_repeat_writes_the_same_bytes_and_leaves_nothing_old(s3):
    work = plan()["items"][0]["work"]
    prepare(work)
    before = {key: s3.read(key) for key in s3.keys("prepared/")}
    s3.put(next(iter(before)).rsplit("/", 1)[0] + "/part-add-00002.json", b"old")
    prepare(work)
    assert {key: s3.read(key) for key in s3.keys("prepared/")} == before


def test_the_same_version_announced_twice_is_planned_once(s3):
    assert len(plan("by-s3")["items"]) == 1
    assert plan("by-event")["items"] == []
    assert len(plan("by-s3")["items"]) == 1  # a retry of the first
    s3.put(KEY, b"User.UserId\n1\n", {"run-id": "run-2"})
    assert len(plan("by-s3-again")["items"]) == 1


@pytest.mark.parametrize("key", ["segments/", "segments/crm/", "segments/crm/Best/"])
def test_a_folder_made_in_the_console_is_no_failure_and_no_run(s3, events, key):
    s3.put(key, b"")
    assert plan(file=f"s3://{BUCKET}/{key}") == {"run_id": "", "items": []}
    assert (s3.keys("runs/"), s3.keys("work/"), events) == ([], [], [])
    s3.put(key, b"user_id\n1\n")  # people in a strange place are not passed over
    with pytest.raises(DataError, match=r"segments/<source>/<segment>"):
        plan(file=f"s3://{BUCKET}/{key}")


@pytest.mark.parametrize("mode", ["add", "mirror"])
def test_an_empty_file_is_no_segment_without_members(s3, mode):
    s3.put("activations/a.json", json.dumps({**ACTIVATION, "mode": mode}).encode())
    s3.put("segments/personalize/Action/Action_2.csv", b"", {"run-id": "run-1"})
    with pytest.raises(DataError, match=r"Action_2\.csv is empty"):
        plan(file=f"s3://{BUCKET}/segments/personalize/Action/Action_2.csv")


def test_a_file_with_the_longest_key_is_planned(s3):
    key = f"segments/personalize/Action/{'女' * 330}.csv"
    assert 1_000 < len(key.encode()) <= 1_024
    s3.put(key, b"user_id\n1\n2\n3\n", {"run-id": "run-1"})
    (item,) = plan(file=f"s3://{BUCKET}/{key}")["items"]
    assert prepare(item["work"])["received"] == 3
    stored = s3.keys("")
    assert max(len(name.encode()) for name in stored) == len(key.encode())
    assert any(name.startswith("runs/run-1/") for name in stored)


def test_a_segment_nobody_wants_is_skipped_quietly(s3, events):
    s3.put("segments/x/Other/o.csv", b"user_id\n1\n")
    assert plan(file=f"s3://{BUCKET}/segments/x/Other/o.csv")["items"] == []
    assert (s3.results(), events) == ([], [])


def test_a_wrong_activation_is_told_and_the_others_go_on(s3):
    s3.put("activations/b.json", b'{"segments": 7}')
    assert len(plan()["items"]) == 1
    (result,) = s3.results()
    assert result["status"] == "partial"
    assert "activations/b.json:1:2: segments: must be a list" in result["failure"]["why"]


def test_a_file_without_a_run_begins_its_own(s3, events):
    s3.put(KEY, b"user_id\n1\n")
    run_id = plan()["run_id"]
    assert run_id.startswith("20261122-100000-")
    assert [event["DetailType"] for event in events] == ["Run Started"]
    assert s3.keys(f"runs/{run_id}/")


def test_what_was_delivered_is_not_prepared_again(s3):
    work = plan()["items"][0]["work"]
    prepare(work)
    wanted = next(key for key in s3.keys("prepared/") if key.endswith("wanted.tsv.gz"))
    made = json.loads(s3.read(wanted.replace("wanted.tsv.gz", "manifest.json")))
    digest = made["files"]["wanted.tsv.gz"]["sha256_unpacked"]
    s3.put("ledger/meta/A.tsv.gz", s3.read(wanted), {"sha256": digest, "run": "run-1"})
    s3.put(KEY, b"User.UserId\n1\n2\n3\n", {"run-id": "run-2"})
    counts = prepare(plan("later")["items"][0]["work"])
    assert (counts["sent"], counts["unchanged"], counts["parts"]) == (0, 1, 0)
    assert gzip.decompress(s3.read(wanted)).count(b"\n") == 1


def test_big_inputs_go_to_spark_with_the_code_that_runs_here(s3):
    s3.put("identities/big.csv", b"user_id,email\n" + b"9,x@example.com\n" * 80_000)
    (item,) = plan()["items"]
    assert item["engine"] == "spark"
    with zipfile.ZipFile(io.BytesIO(s3.read(item["code"]["packages"]))) as archive:
        names = set(archive.namelist())
    assert {"audiences/preparation/spark.py", "phonenumbers/__init__.py"} <= names
    assert {"audiences/activations/schema.json", "audiences/platforms/meta/shape.py"} <= names
    assert item["code"]["script"].endswith(".py"), "Glue knows a Python script by its name"
    assert b"prepare_with_spark" in s3.read(item["code"]["script"])
    plan("again")
    assert len(s3.keys("code/")) == 2


def test_a_big_suppression_list_goes_to_spark(s3):
    s3.put("suppressions/big.csv", b"user_id\n" + b"1234567\n" * 140_000)
    assert plan()["items"][0]["engine"] == "spark"


def test_a_list_that_vanished_stops_until_somebody_says_that_it_is_right(s3):
    from audiences.errors import DataError

    s3.put("suppressions/o.csv", b"user_id\n2\n7\n8\n")
    assert prepare(plan()["items"][0]["work"])["suppressed"] == 1
    memory = "deliveries/meta/A/suppressions.json"
    assert json.loads(s3.read(memory)) == {"rows": {"suppressions/o.csv": 3}}
    s3.s3.delete_object(Bucket=BUCKET, Key="suppressions/o.csv")
    s3.put(KEY, b"User.UserId\n1\n2\n3\n", {"run-id": "run-2"})
    work = plan("later")["items"][0]["work"]
    for _ in range(2):  # whoever starts it again is told again
        with pytest.raises(
            DataError, match=f"(?s)have 0 rows, and had 3 last time.*delete s3://{BUCKET}/{memory}"
        ):
            prepare(work)
    s3.s3.delete_object(Bucket=BUCKET, Key=memory)
    assert prepare(work)["suppressed"] == 0
    assert json.loads(s3.read(memory)) == {"rows": {}}


def test_a_dry_run_does_not_remember_the_lists(s3):
    s3.put("activations/a.json", json.dumps({**ACTIVATION, "dry_run": True}).encode())
    prepare(plan()["items"][0]["work"])
    assert s3.keys("deliveries/") == []


def test_a_dry_run_writes_the_plan_and_promises_no_delivery(s3, events):
    s3.put("activations/a.json", json.dumps({**ACTIVATION, "dry_run": True}).encode())
    (item,) = plan()["items"]
    prepare(item["work"])
    announce({"work": item["work"]})
    assert s3.keys("prepared/") == []
    assert [key.rsplit("/", 1)[1] for key in s3.keys("plans/")] == ["plan.json", "rejects.csv"]
    assert [event["DetailType"] for event in events] == ["Audience Planned"]
    assert next(result for result in s3.results() if result["name"] != KEY)["expects"] == []


def test_failures_are_told_in_the_run_record(s3, events):
    (item,) = plan()["items"]
    cause = json.dumps({"errorType": "DataError", "errorMessage": "It would have 1 people."})
    assert (
        announce({"work": item["work"], "error": {"Error": "DataError", "Cause": cause}})["status"]
        == "failed"
    )
    failed = next(result for result in s3.results() if result["name"] != KEY)
    assert failed["failure"]["what"] == "It would have 1 people."
    assert events[-1]["DetailType"] == "Audience Preparation Failed"


def test_a_spark_job_tells_its_own_reason_if_it_lived_to(s3, events):
    s3.put("identities/big.csv", b"user_id,email\n" + b"9,x@example.com\n" * 80_000)
    (item,) = plan()["items"]
    error = {"Error": "States.TaskFailed", "Cause": json.dumps({"JobRunState": "FAILED"})}
    announce({"work": item["work"], "error": error})
    told = {"error": "DataError", "what": "Line 3 of c.csv is not UTF-8.", "why": "", "fix": ""}
    s3.put(item["work"].split("/", 3)[3] + ".failure", json.dumps(told).encode())
    announce({"work": item["work"], "error": error})
    failures = [json.loads(event["Detail"])["data"]["failure"]["what"] for event in events]
    assert failures[1] == "Line 3 of c.csv is not UTF-8."


def test_a_plan_that_failed_is_told_even_when_the_file_is_gone(s3, events):
    event = {
        "file": f"s3://{BUCKET}/segments/x/Y/z.csv",
        "error": {
            "Error": "DataError",
            "Cause": json.dumps({"errorType": "DataError", "errorMessage": "gone"}),
        },
        "execution_key": "e",
        "time": "2026-11-22T10:00:00Z",
    }
    announced = announce(event)
    assert announced["run_id"].startswith("20261122-100000-")
    assert [event["DetailType"] for event in events] == ["Run Started", "Audience Preparation Failed"]
