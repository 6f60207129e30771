"""A deployed stack as its owner sees it: buckets, mails, the bus, workflows, permissions. AWS's APIs only."""

import json
import time
import uuid
from contextlib import contextmanager
from functools import cache, cached_property
from types import SimpleNamespace

from audiences.runs import safe_name

STACK = "audience-relay"
PATIENCE_SECONDS = 300  # for one run on a machine that others keep busy; a run takes two to fifteen


class Relay:
    def __init__(self, aws, outputs):
        self._aws, self.outputs = aws, outputs
        self.client = cache(aws.client)
        self.mails = aws.mail
        self._events = []
        self._queue = self._listen()

    # --- what is deployed ----------------------------------------------------------------------------------
    @cached_property
    def resources(self):
        """`{"SegmentPostprocessing/SplitSegmentsFunction": (type, physical id)}` of all nested stacks."""
        found = {}
        for stack in self._resources_of(STACK):
            if stack["ResourceType"] == "AWS::CloudFormation::Stack":
                for item in self._resources_of(stack["PhysicalResourceId"]):
                    name = f"{stack['LogicalResourceId']}/{item['LogicalResourceId']}"
                    found[name] = (item["ResourceType"], item["PhysicalResourceId"])
        return found

    def _resources_of(self, stack):
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        return [item for page in pages for item in page["StackResourceSummaries"]]

    def physical(self, name):
        return self.resources[name][1]

    def of_type(self, kind):
        return {name: found[1] for name, found in self.resources.items() if found[0] == kind}

    @property
    def pinpoint_app(self):
        return self.physical("PinpointImport/PinpointApplication")

    # --- files ---------------------------------------------------------------------------------------------
    def put(self, bucket, key, body, **metadata):
        """Store an object as a person would; return the `Object Created` event S3 sent for it."""
        name = self.outputs[bucket]
        facts = {key.replace("_", "-"): value for key, value in metadata.items()}
        body = body.encode() if isinstance(body, str) else body
        stored = self.client("s3").put_object(Bucket=name, Key=key, Body=body, Metadata=facts)
        item = {"key": key, "size": len(body), "etag": stored["ETag"].strip('"')}
        item["version-id"] = stored["VersionId"]
        return {
            "source": "aws.s3", "detail-type": "Object Created", "id": str(uuid.uuid4()),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "detail": {"bucket": {"name": name}, "object": item},
        }  # fmt: skip

    def keys(self, prefix, bucket="AudienceBucketName"):
        pages = self.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.outputs[bucket], Prefix=prefix)
        return [item["Key"] for page in found for item in page.get("Contents", [])]

    def read(self, uri):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def read_json(self, key):
        return json.loads(self.read(f"s3://{self.outputs['AudienceBucketName']}/{key}"))

    # --- runs ----------------------------------------------------------------------------------------------
    def run_ids(self, stage, name):
        """The runs in which a stage said something about `name`, oldest first."""
        ending = f"/stages/{stage}/{safe_name(name)}.json"
        return sorted(key.split("/")[1] for key in self.keys("runs/") if key.endswith(ending))

    def run_of(self, stage, name):
        """Wait for the end of the one run in which `stage` works on `name`: report, mail and results."""
        (run_id,) = wait_for(lambda: self.run_ids(stage, name), f"a run of {stage} with {name}")
        return self.run(run_id)

    def run(self, run_id):
        key = f"runs/{run_id}/report.json"
        wait_for(
            lambda: key in self.keys(f"runs/{run_id}/report"),
            lambda: f"the report of {run_id} ({json.dumps(self.state_of(run_id))})",
        )
        (mail,) = wait_for(lambda: self.mails_of(run_id), f"the mail of {run_id}")
        results = [self.read_json(key) for key in self.keys(f"runs/{run_id}/stages/")]
        by_stage = {}
        for result in results:
            by_stage.setdefault(result["stage"], []).append(result)
        return SimpleNamespace(
            run_id=run_id, report=self.read_json(key), mail=mail, results=results, stages=by_stage
        )

    def state_of(self, run_id):
        """How far a run is, for whoever reads why it did not end: its stages, its report, the queues in use."""
        results = [self.read_json(key) for key in self.keys(f"runs/{run_id}/stages/")]
        reports = [
            one["status"] for one in self.executions("Observability/ReportRun") if run_id in one["name"]
        ]
        return {
            "stages": {f"{one['stage']}/{one['name']}": one["status"] for one in results},
            "reports": reports,
            "queues": {
                name: told
                for name, url in self.of_type("AWS::SQS::Queue").items()
                if (told := self._waiting(url))
            },
        }

    def _waiting(self, queue_url):
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        found = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)[
            "Attributes"
        ]
        return {name: int(count) for name, count in found.items() if int(count)}

    def mails_of(self, run_id):
        return [
            mail
            for mail in self.mails()
            if f"Run {run_id}," in mail["body"] or f"run {run_id} " in mail["body"]
        ]

    # --- the bus -------------------------------------------------------------------------------------------
    def _listen(self):
        """Copy everything on the bus to a queue of our own."""
        sqs, events = self._aws.client("sqs"), self._aws.client("events")
        url = sqs.create_queue(QueueName="everything-on-the-bus")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                     "Action": "sqs:SendMessage", "Resource": arn}  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        bus = self.outputs["EventBusName"]
        pattern = json.dumps({"source": [{"prefix": ""}]})
        events.put_rule(Name="everything", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="everything", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url

    def events(self, run_id):
        """The events of a run so far, in the order they came."""
        self._events += self.messages(self._queue)
        return [e for e in self._events if run_id in (_metadata(e).get("run_id"), e["detail"].get("RunId"))]

    def messages(self, queue_url):
        """Take all messages out of a queue."""
        sqs, found = self.client("sqs"), []
        while True:
            batch = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
            if not batch:
                return found
            for message in batch:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])

    # --- workflows -----------------------------------------------------------------------------------------
    def start(self, workflow, event, key):
        """Start a workflow as its start function does; return the execution's ARN."""
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=self.physical(workflow),
            name=key,
            input=json.dumps({**event, "execution_key": key}),
        )
        return started["executionArn"]

    def executions(self, workflow):
        pages = self.client("stepfunctions").get_paginator("list_executions")
        found = pages.paginate(stateMachineArn=self.physical(workflow))
        return [item for page in found for item in page["executions"]]

    def history(self, execution_arn):
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        found = pages.paginate(executionArn=execution_arn, includeExecutionData=True)
        return [event for page in found for event in page["events"]]

    def entered(self, execution_arn):
        """The names of the states an execution entered, in order."""
        history = self.history(execution_arn)
        return [e["stateEnteredEventDetails"]["name"] for e in history if "stateEnteredEventDetails" in e]

    # --- permissions ---------------------------------------------------------------------------------------
    @contextmanager
    def without(self, role, action, sid=None):
        """Take `action` from a role (from the statement `sid`, if given), and give it back at the end."""
        iam, name = self.client("iam"), self.physical(role)
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        before = {p: iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in policies}
        after = {policy: _without(document, action, sid) for policy, document in before.items()}
        assert after != before, f"{role} has no {action}"
        self._put(name, after)
        try:
            yield
        finally:
            self._put(name, before)

    @contextmanager
    def key_without(self, sid):
        """Take the statement `sid` out of the key's policy, and give it back at the end."""
        kms, key = self.client("kms"), f"alias/{STACK}"
        before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
        document = json.loads(before)
        kept = [s for s in document["Statement"] if s["Sid"] != sid]
        assert len(kept) == len(document["Statement"]) - 1, f"the key's policy has no {sid}"
        kms.put_key_policy(
            KeyId=key, PolicyName="default", Policy=json.dumps({**document, "Statement": kept})
        )
        try:
            yield
        finally:
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)

    def _put(self, role, policies):
        for policy, document in policies.items():
            self.client("iam").put_role_policy(
                RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document)
            )


def _metadata(event):
    return event["detail"].get("metadata") or {}


def _without(document, action, sid):
    statements = []
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if sid in (None, statement.get("Sid")):
            actions = [one for one in actions if one != action]
        if actions:
            statements.append({**statement, "Action": actions})
    return {**document, "Statement": statements}


def wait_for(look, what, seconds=PATIENCE_SECONDS):
    """Call `look` until it returns something true; fail with `what` (words, or what says them) did not come."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(
                f"{what() if callable(what) else what} did not come within {seconds} seconds"
            )
        time.sleep(0.2)
    return found
