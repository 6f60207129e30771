"""Meta's stand-in, S3, queues and events around the delivery function, with a clock that never really waits."""

import io
import json
import os
import types
from datetime import UTC, datetime

from audiences.edges import aws, deliver, lease
from audiences.edges.audience_files import open_object, publish_folder
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source
from upload_audience.handler import lambda_handler

from local.platforms.meta import Meta
from local.stand_in_access import InProcessHttp, secret_of

BUCKET, BUS = "audience-bucket", "relay"
LEDGER = "ledger/meta/Lovers.tsv.gz"


class Clock:
    def __init__(self):
        self.now = datetime.now(UTC).timestamp()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class World:
    def __init__(self, monkeypatch, folder):
        self.folder, self.runs, self.clock = folder, 0, Clock()
        self.meta = Meta(clock=self.clock)
        self.http = InProcessHttp(self.meta)
        self.s3, self.sqs, self.events = aws.client("s3"), aws.client("sqs"), aws.client("events")
        self.s3.create_bucket(Bucket=BUCKET)
        self.events.create_event_bus(Name=BUS)
        self.queue = self.sqs.create_queue(QueueName="deliveries")["QueueUrl"]
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        secret = aws.client("secretsmanager").create_secret(
            Name="meta", SecretString=json.dumps(secret_of("meta", self.http.BASE))
        )
        monkeypatch.setenv("DELIVERY_QUEUE_URL", self.queue)
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", self.dead)
        monkeypatch.setenv("PLATFORM_SECRET_ARN", secret["ARN"])
        monkeypatch.setattr(deliver, "open_http", lambda *_: self.http)
        monkeypatch.setattr(deliver.time, "time", self.clock)
        monkeypatch.setattr("audiences.delivery.patience.time.sleep", self.clock.sleep)
        monkeypatch.setattr(deliver, "Patience", self.patience)
        monkeypatch.setattr(deliver, "Lease", lambda uri, owner: lease.Lease(uri, owner, self.clock))
        self.longest = 30.0

    def patience(self, **options):
        from audiences.delivery import Patience

        return Patience(**options, clock=self.clock, sleep=self.clock.sleep, longest=self.longest)

    def prepare(self, people, mode="mirror"):
        """Prepare and publish; returns the event's body. Real time passes, so the order is by S3's clock."""
        self.runs += 1
        run = f"20261121-1000{self.runs:02d}-abcdef"
        segment = b"user_id\n" + b"".join(b"u%d\n" % n for n in people)
        rows = "".join(f"u{n},person{n}@example.com\n" for n in range(100))
        identities = b"user_id,email\n" + rows.encode()
        held = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=LEDGER).get("KeyCount")
        folder = self.folder / run
        prepare(
            Request(platform="meta", audience="Lovers", mode=mode, run_id=run, fuse=0),
            Inputs(
                segments=[Source("s.csv", lambda: io.BytesIO(segment))],
                identities=[Source("i.csv", lambda: io.BytesIO(identities))],
                ledger=open_object(f"s3://{BUCKET}/{LEDGER}") if held else None,
            ),
            folder,
        )
        publish_folder(folder, f"s3://{BUCKET}/prepared/meta/Lovers/{run}/")
        key = f"prepared/meta/Lovers/{run}/manifest.json"
        return json.dumps(
            {"source": "aws.s3", "detail": {"bucket": {"name": BUCKET}, "object": {"key": key}}}
        )

    def invoke(self, *bodies, seconds=900, receives=1):
        context = types.SimpleNamespace(
            aws_request_id=os.urandom(8).hex(),
            get_remaining_time_in_millis=lambda: seconds * 1000,
            function_name="upload",
            memory_limit_in_mb=512,
            invoked_function_arn="arn",
        )
        records = [
            {
                "messageId": f"m{n}",
                "body": body,
                "eventSource": "aws:sqs",
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "messageAttributes": {},
            }
            for n, body in enumerate(bodies)
        ]
        return lambda_handler({"Records": records}, context)["batchItemFailures"]

    def waiting(self):
        """Take what was put back into the queue, as SQS would hand it out after its delay."""
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["All"])["Attributes"]
        delayed = int(attributes["ApproximateNumberOfMessagesDelayed"])
        if delayed:
            from moto.sqs import sqs_backends

            backend = sqs_backends["123456789012"]["us-east-1"]
            for message in backend.queues["deliveries"]._messages:
                held = (message.delayed_until - message.sent_timestamp) / 1000
                self.clock.now += max(0, held)
                message.delayed_until = 0
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    def drain(self, *bodies, most=200):
        """Invoke with the bodies, then with what is put back, until the queue is empty."""
        todo = list(bodies)
        for _ in range(most):
            if not todo:
                return
            assert self.invoke(todo.pop(0)) == []
            todo += self.waiting()
        raise AssertionError("the queue never gets empty")

    def buried(self):
        found = self.sqs.receive_message(
            QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0
        )
        return [
            (
                message["Body"],
                {name: value["StringValue"] for name, value in message["MessageAttributes"].items()},
            )
            for message in found.get("Messages", [])
        ]

    def members(self):
        (one,) = self.meta.list_audiences()
        return set(self.meta.members(one["id"]))

    def ledger(self):
        import gzip

        data = self.s3.get_object(Bucket=BUCKET, Key=LEDGER)["Body"].read()
        return {line.split("\t")[0] for line in gzip.decompress(data).decode().splitlines()}

    def results(self):
        keys = [
            row["Key"] for row in self.s3.list_objects_v2(Bucket=BUCKET, Prefix="runs/").get("Contents", [])
        ]
        return [json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys]

    def check(self, people):
        """The platform holds exactly these people, the ledger says so, and all counts add up."""
        import hashlib

        wanted = {hashlib.sha256(f"person{n}@example.com".encode()).hexdigest() for n in people}
        assert self.members() == wanted
        assert self.ledger() == wanted
        for result in self.results():
            data = result["data"]
            told = sum(data[name] for name in ("sent", "rejected", "unchanged", "suppressed"))
            assert data["received"] == told
            assert result["status"] in ("succeeded", "skipped")
