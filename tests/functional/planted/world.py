"""Functions run as Step Functions runs them, and every word that leaves them is kept to be looked through."""

import importlib
import io
import json
import logging
import traceback

import boto3
from audiences.edges import aws

RUN = "20261122-101500-ab12cd"
BUCKET, DATA = "audience", "data"
# Where people may be (docs/reference/personal-data.md), and the file under test. Everything else names nobody.
PEOPLE = (
    "activations/",
    "identities/",
    "suppressions/",
    "segments/",
    "drop/",
    "refused/",
    "ledger/",
    "lists/",
)
FILES_OF_PEOPLE = ("part-", "wanted.tsv")
SETTINGS = {
    "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x", "AUDIENCE_BUCKET": BUCKET, "EVENT_BUS_NAME": "relay", "LAMBDA_MOST_MIB": "1",
    "DELIVERED_PLATFORMS": "meta", "POWERTOOLS_TRACE_DISABLED": "1", "RELAY_STACK_NAME": "relay",
    "RUN_DEADLINE_HOURS": "8", "MOST_MEBIBYTES": "1", "PLATFORM": "google", "ENGAGEMENT_TARGET": "CustomerProfiles",
    "SEGMENT_IMPORT_PREFIX": "pinpoint/", "STAGE": "customer-profiles-import", "DATA_CHECK_MEBIBYTES": "64",
    "PERSONALIZE_ARN_PREFIX": "arn:aws:personalize:us-east-1:123456789012",
    "PERSONALIZE_ROLE_ARN": "arn:aws:iam::123456789012:role/personalize",
}  # fmt: skip


class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"

    @staticmethod
    def get_remaining_time_in_millis():
        return 900_000


class World:
    """`words`: what functions returned and raised, and what was put on the bus."""

    def __init__(self, setenv):
        self.s3, self.sqs = aws.client("s3"), aws.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        setenv("DEAD_LETTER_QUEUE_URL", self.dead)
        for bucket in (BUCKET, DATA):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        events = aws.client("events")
        events.create_event_bus(Name="relay")
        events.meta.events.register("before-parameter-build.events.PutEvents", self._hear)
        self.words, self.stream = [], io.StringIO()
        self.handlers = logging.getLogger("service_undefined").handlers

    def forget(self):
        """Empty everything for the next test."""
        for bucket in (BUCKET, DATA):
            boto3.resource("s3").Bucket(bucket).object_versions.delete()
        self.letters()
        self.words, self.stream = [], io.StringIO()

    def letters(self):
        """Take the dead letters; returns their attributes, in which no person may be."""
        found = self.sqs.receive_message(
            QueueUrl=self.dead, MessageAttributeNames=["All"], MaxNumberOfMessages=10
        )
        messages = found.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.dead, ReceiptHandle=message["ReceiptHandle"])
        return [json.dumps(message.get("MessageAttributes", {})) for message in messages]

    def _hear(self, params, **_):
        self.words += [json.dumps(params)]

    def put(self, key, body, bucket=BUCKET, **metadata):
        """Store an object; returns its version."""
        data = body if isinstance(body, bytes) else body.encode()
        return self.s3.put_object(Bucket=bucket, Key=key, Body=data, Metadata=metadata)["VersionId"]

    def call(self, name, event):
        """Invoke a function. Returns (what it returned or None, what a state machine's Catch would get or None)."""
        handler = importlib.import_module(f"{name}.handler").lambda_handler
        for one in self.handlers:
            one.setStream(self.stream)
        try:
            answer = handler(event, Context())
        except Exception as error:  # noqa: BLE001  # Step Functions catches everything
            shown = traceback.format_exception(error)
            cause = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": shown}
            self.words.append("".join(shown))
            return None, {"Error": type(error).__name__, "Cause": json.dumps(cause)}
        self.words.append(json.dumps(answer))
        return answer, None

    def report(self, run_id=RUN):
        """Write the report of a run; returns the mail."""
        facts = {"run_id": run_id, "title": "x", "started_at": "2026-11-22T10:15:00+00:00", "action": "write"}
        answer, caught = self.call("collect_run", facts)
        assert caught is None
        return answer["message"]

    def runs(self):
        keys = self.s3.list_objects_v2(Bucket=BUCKET, Prefix="runs/").get("Contents", [])
        return {item["Key"].split("/")[1] for item in keys}

    def everything(self):
        """Return every word that left: logs, answers, exceptions, events, and objects that name nobody."""
        kept = []
        for item in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            key = item["Key"]
            if not key.startswith(PEOPLE) and not key.rpartition("/")[2].startswith(FILES_OF_PEOPLE):
                kept += [
                    key,
                    self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode("utf-8", "replace"),
                ]
        return [*self.words, self.stream.getvalue(), *kept]
