"""The embedded AWS lets only those use a key whom AWS lets; the stack's own key policy names them all."""

import json

import pytest
from ministack.core import iam_evaluator
from ministack.services import kms

from local.cloud import Cloud
from local.key_use import ROLE_OF_PERSONALIZE, SERVICES, KeyDenied, KeyUse
from tests.template.conftest import ROOT, load_template

ACCOUNT, REGION, STACK = "000000000000", "us-east-1", "audience-relay"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/trainer"
FILLED = {
    "AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::StackName": STACK,
}  # fmt: skip
# The statement that the key had before: what AWS sends without a source account was refused.
BEFORE = {
    "Effect": "Allow",
    "Principal": {"Service": ["events.amazonaws.com", "personalize.amazonaws.com", "appflow.amazonaws.com"]},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
SOURCES = {
    "profile": f"arn:aws:profile:{REGION}:{ACCOUNT}:domains/audience-relay-1a2b3c4d",
    "appflow": f"arn:aws:appflow:{REGION}:{ACCOUNT}:flow/members",
}
LOGS = {"aws:logs:arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{STACK}-Training-1A-begin"}


def fill(value):
    """The template's value with every condition met and every place filled."""
    if isinstance(value, list):
        return [filled for child in value if (filled := fill(child)) is not None]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        return fill(value["Fn::If"][1])
    if "Ref" in value:
        return FILLED[value["Ref"]]
    if "Fn::Sub" in value:
        text = value["Fn::Sub"]
        for name, filled in FILLED.items():
            text = text.replace(f"${{{name}}}", filled)
        return text
    return {name: fill(child) for name, child in value.items()}


def policy_of_the_stack():
    body = load_template(ROOT / "template.yaml")
    return fill(body["Resources"]["RelayKey"]["Properties"]["KeyPolicy"])


@pytest.fixture
def keys(monkeypatch):
    policies = {"current": policy_of_the_stack()}
    monkeypatch.setattr(kms, "key_policy_for_arn", lambda _: (json.dumps(policies["current"]), ACCOUNT))
    found = KeyUse(Cloud("http://127.0.0.1:1", 0))
    found.policies = policies
    return found


def ask(keys, service):
    keys.require(service, KEY, source=SOURCES.get(service, ""), context=LOGS if service == "logs" else None)


@pytest.mark.parametrize("service", SERVICES)
def test_the_stacks_key_lets_every_service_do_its_work(keys, service):
    ask(keys, service)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_stands_on_a_statement_of_its_own(keys, service):
    """Take away the statement that names it, and it is refused with the missing action named."""
    kept = [s for s in keys.policies["current"]["Statement"] if service not in json.dumps(s["Principal"])]
    keys.policies["current"] = {"Statement": kept}
    with pytest.raises(KeyDenied, match=f"{service}.*kms:") as denied:
        ask(keys, service)
    assert denied.value.action in SERVICES[service]


@pytest.mark.parametrize(
    ("service", "missing"), [("events", "kms:GenerateDataKey"), ("personalize", "kms:Decrypt")]
)
def test_the_policy_of_before_is_refused_with_the_missing_action(keys, service, missing):
    keys.policies["current"] = {"Statement": [BEFORE]}
    with pytest.raises(KeyDenied, match=f"not authorized to perform: {missing}"):
        ask(keys, service)


def test_a_condition_on_another_domain_or_log_group_refuses(keys):
    with pytest.raises(KeyDenied):
        keys.require("profile", KEY, source=f"arn:aws:profile:{REGION}:111111111111:domains/x")
    with pytest.raises(KeyDenied):
        keys.require(
            "logs", KEY, context={"aws:logs:arn": "arn:aws:logs:us-east-1:000000000000:log-group:/other"}
        )


@pytest.mark.parametrize("missing", ROLE_OF_PERSONALIZE)
def test_the_role_needs_every_action_itself(keys, monkeypatch, missing):
    def role(actions):
        statement = {"Effect": "Allow", "Action": actions, "Resource": KEY}
        document = json.dumps({"Statement": [statement]})
        parsed = [iam_evaluator.parse_policy_document(document)]
        monkeypatch.setattr(iam_evaluator, "_gather_role_policies", lambda *_: parsed)

    role([*ROLE_OF_PERSONALIZE])
    keys.require_role(ROLE, KEY)
    role([action for action in ROLE_OF_PERSONALIZE if action != missing])
    with pytest.raises(KeyDenied, match=f"role/trainer is not authorized to perform: {missing}"):
        keys.require_role(ROLE, KEY)


def test_what_a_caller_needs_follows_from_what_the_template_encrypts(keys):
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    bucket = {"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}}
    keys.note("AWS::S3::Bucket", bucket, "data", {"Arn": "arn:aws:s3:::data"})
    keys.note("AWS::SQS::Queue", {"KmsMasterKeyId": "k"}, "http://q", {"Arn": "arn:aws:sqs:us-east-1:0:q"})
    keys.note("AWS::S3::Bucket", {}, "plain", {"Arn": "arn:aws:s3:::plain"})
    assert keys.needs("s3:GetObject", "arn:aws:s3:::data/a/b.csv") == [("kms:Decrypt", KEY)]
    assert keys.needs("sqs:SendMessage", "arn:aws:sqs:us-east-1:0:q") == [
        ("kms:GenerateDataKey", KEY), ("kms:Decrypt", KEY),
    ]  # fmt: skip
    assert keys.needs("s3:GetObject", "arn:aws:s3:::plain/x") == []
    assert keys.needs("s3:ListBucket", "arn:aws:s3:::data") == []
