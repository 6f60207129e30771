"""The deployed stack with its platforms, and what a person does with it: files in, faults on, queues seen."""

import json
from contextlib import contextmanager

from audiences.preparation.keys import audience_key

from tests.workflow.deployed.relay import wait_for

from . import people

UPLOADERS = {
    "meta": "Meta", "google": "Google", "pinterest": "Pinterest", "snap": "Snap", "klaviyo": "Klaviyo",
    "the_trade_desk": "TheTradeDesk", "tiktok": "TikTok", "amazon": "Amazon", "liveramp": "LiveRamp",
    "salesforce": "Salesforce",
}  # fmt: skip


class World:
    def __init__(self, relay, places):
        self.relay, self.places = relay, places
        self._files = 0
        relay.put("AudienceBucketName", "identities/people.csv", people.identities())
        relay.put("AudienceBucketName", "suppressions/optouts.csv", people.suppressions())

    def wire(self, platform):
        return self.places.wires[platform]

    def stand_in(self, platform):
        return self.places.stand_ins[platform]

    # --- what a marketer does ------------------------------------------------------------------------------
    def activate(self, audience, *platforms):
        """Mirror the segment of the audience's name to platforms."""
        activation = {
            "segments": [audience_key(audience)], "platforms": list(platforms), "audience": audience,
            "mode": "mirror", "identifiers": ["email"], "country": "US", "minimum": 0,
        }  # fmt: skip
        key = f"activations/{audience_key(audience)}.json"
        self.relay.put("AudienceBucketName", key, json.dumps(activation))

    def upload(self, audience, members):
        """Store a segment file, which starts a preparation; returns its key."""
        self._files += 1
        name = audience_key(audience)
        key = f"segments/test/{name}/{name}_{self._files:03d}.csv"
        self.relay.put("AudienceBucketName", key, people.segment(members))
        return key

    def run(self, key):
        """Wait for the end of the run that a segment file started: report, mail, results."""
        return self.relay.run_of("audience-preparation", key)

    def manifest(self, platform, audience, count=1):
        """Wait for `count` manifests of an audience; returns their keys, oldest first."""
        prefix = f"prepared/{platform}/{audience_key(audience)}/"

        def look():
            keys = [key for key in self.relay.keys(prefix) if key.endswith("/manifest.json")]
            return keys if len(keys) >= count else None

        return wait_for(look, f"{count} manifests below {prefix}")

    def receipt_of(self, manifest):
        """The receipt of the delivery of a manifest (its key), None when there is none yet."""
        key = manifest.replace("prepared/", "deliveries/", 1).removesuffix("/manifest.json") + ".json"
        return self.relay.read_json(key) if key in self.relay.keys(key) else None

    def check(self, platform, audience, members):
        """The platform holds exactly these people."""
        assert self.places.members(platform, audience) == people.digests(members)

    # --- what an operator sees and does --------------------------------------------------------------------
    def physical(self, platform, name):
        return self.relay.physical(f"{UPLOADERS[platform]}Delivery/{name}")

    def buried(self, platform):
        """What lies in the dead letter queue, with its attributes; it stays there."""
        url, found = self.physical(platform, "UndeliveredQueue"), {}
        sqs = self.relay.client("sqs")
        while True:
            batch = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"],
                                        VisibilityTimeout=0).get("Messages", [])  # fmt: skip
            fresh = [one for one in batch if one["MessageId"] not in found]
            for one in fresh:
                told = {name: value["StringValue"] for name, value in one["MessageAttributes"].items()}
                found[one["MessageId"]] = (one["Body"], told)
            if not fresh:
                return list(found.values())

    def redrive(self, platform):
        """Put what was buried back into the delivery queue, as docs/how-to/redrive-a-delivery.md says."""
        bodies = [body for body, _ in self.buried(platform)]
        self.relay.client("sqs").purge_queue(QueueUrl=self.physical(platform, "UndeliveredQueue"))
        self.send(platform, *bodies)

    def send(self, platform, *bodies, delay=0):
        url = self.physical(platform, "DeliveryQueue")
        for body in bodies:
            self.relay.client("sqs").send_message(QueueUrl=url, MessageBody=body, DelaySeconds=delay)

    def drained(self, platform):
        """Wait until nothing waits, is delayed or is worked on in the delivery queue."""
        url = self.physical(platform, "DeliveryQueue")
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed",
                 "ApproximateNumberOfMessagesNotVisible")  # fmt: skip

        def look():
            found = self.relay.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
            return not any(int(found["Attributes"][name]) for name in names)

        wait_for(look, f"the end of the work in {platform}'s queue")

    @contextmanager
    def paused(self, platform):
        """Let messages pile up; yields a function that takes all of them out (bodies, in their order)."""
        self._mapping(platform, Enabled=False)
        url = self.physical(platform, "DeliveryQueue")
        sqs = self.relay.client("sqs")

        def take(count):
            found = []

            def look():
                for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                    found.append(one["Body"])
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
                return len(found) >= count

            wait_for(look, f"{count} messages in {platform}'s queue")
            return found

        try:
            yield take
        finally:
            self._mapping(platform, Enabled=True)

    def _mapping(self, platform, **changes):
        mapping = self.physical(platform, "Manifests")
        self.relay.client("lambda").update_event_source_mapping(UUID=mapping, **changes)

    def hurry(self, platform, seconds, side_by_side):
        """Give the function a minute instead of a quarter of an hour, and its queue the time that goes with it."""
        function = self.physical(platform, "UploadAudienceFunction")
        self.relay.client("lambda").update_function_configuration(FunctionName=function, Timeout=seconds)
        attributes = {"VisibilityTimeout": str(seconds + 8)}  # the lease ends 5 seconds after the function
        url = self.physical(platform, "DeliveryQueue")
        self.relay.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
        self._mapping(platform, ScalingConfig={"MaximumConcurrency": side_by_side})
