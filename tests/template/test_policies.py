"""AWS's Service Authorization Reference judges every policy: actions, resource types, condition keys, dependents.

The reference comes as data with policy_sentry, no network: https://policy-sentry.readthedocs.io/
"""

import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

import policy_sentry
import pytest
import regex

from tests.template.conftest import TEMPLATES, load_template
from tests.template.test_templates import as_list, statements

DATA = Path(policy_sentry.__file__).parent / "shared/data/iam-definition.json"
KINDS = (
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
    "AWS::IAM::Role",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
)
# What a Ref or GetAtt of these stands for in a Resource.
REFERRED = {
    "AWS::Serverless::Function": "arn:aws:lambda:r:a:function:x",
    "AWS::Serverless::StateMachine": "arn:aws:states:r:a:stateMachine:x",
    "AWS::SQS::Queue": "arn:aws:sqs:r:a:x",
    "AWS::SNS::Topic": "arn:aws:sns:r:a:x",
    "AWS::IAM::Role": "arn:aws:iam::a:role/x",
    "AWS::Glue::Job": "arn:aws:glue:r:a:job/x",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:r:a:secret:x-123456",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:r:a:table/x",
    "AWS::AppFlow::Flow": "arn:aws:appflow:r:a:flow/x",
    "AWS::Transfer::Connector": "arn:aws:transfer:r:a:connector/x",
    "AWS::Transfer::Server": "arn:aws:transfer:r:a:server/x",
    "AWS::Transfer::Workflow": "arn:aws:transfer:r:a:workflow/x",
}
PARAMETERS = {
    "RelayKeyArn": "arn:aws:kms:r:a:key/x",
    "NotificationTopicArn": "arn:aws:sns:r:a:x",
    "ExportEndpointsArn": "arn:aws:states:r:a:stateMachine:x",
}


@cache
def reference():
    return json.loads(DATA.read_text())


@cache
def privilege(action):
    service, _, name = action.partition(":")
    known = reference()[service]["privileges"]
    return next((body for key, body in known.items() if key.lower() == name.lower()), None)


def formats(action):
    """ARN formats of the resource types that the action can be limited to; none when it cannot be."""
    service = action.partition(":")[0]
    kinds = {kind for kind in privilege(action)["resource_types"] if kind}
    return [reference()[service]["resources"][kind]["arn"] for kind in kinds]


def resource_text(value, body):
    """A Resource as an ARN with an `x` for every place that a deployment fills; `*` stays."""
    if isinstance(value, str):
        return value
    (function, given), *_ = value.items()
    if function == "Fn::Sub":
        text = given if isinstance(given, str) else given[0]
        text = text.replace("${AWS::Partition}", "aws")
        return re.sub(
            r"\$\{([\w:]+)(\.Arn|\.FlowArn)?\}",
            lambda found: resource_text({"Ref": found[1]}, body) if found[2] else "x",
            text,
        )
    name = given[0] if isinstance(given, list) else given.partition(".")[0]
    if name in PARAMETERS:
        return PARAMETERS[name]
    return REFERRED[body["Resources"][name]["Type"]] if name in body["Resources"] else "x"


def fits(resource, arn_format):
    pattern = re.sub(r"\\\$\\\{\w+\\\}", ".*", re.escape(arn_format))
    head, star, _ = resource.partition("*")
    return regex.fullmatch(pattern, head, partial=bool(star)) is not None


def policies():
    for path in TEMPLATES:
        body = load_template(path)
        for name, resource in body["Resources"].items():
            if resource["Type"] not in KINDS:
                continue
            properties = dict(resource["Properties"])
            properties.pop("AssumeRolePolicyDocument", None)
            found = [s for s in statements(properties) if "Principal" not in s]
            if found:
                yield pytest.param(body, found, id=f"{path.stem}: {name}")


POLICIES = [*policies()]


def test_the_reference_is_there():
    written = datetime.fromtimestamp(DATA.stat().st_mtime, UTC).date()
    print(f"Service Authorization Reference of policy_sentry {metadata.version('policy-sentry')}, {written}")
    assert len(reference()) > 300
    assert len(POLICIES) > 40


@pytest.mark.parametrize(("body", "found"), POLICIES)
def test_every_action_exists_and_is_limited_where_it_can_be(body, found):
    for statement in found:
        resources = [resource_text(r, body) for r in as_list(statement["Resource"])]
        for action in as_list(statement["Action"]):
            assert privilege(action), f"{action} does not exist"
            if not formats(action):
                assert resources == ["*"], f"{action} has no resource types, and is limited to {resources}"
                continue
            suitable = [r for r in resources if any(fits(r, f) for f in formats(action))]
            assert suitable, f"{action} is for {formats(action)}, not for {resources}"


@pytest.mark.parametrize(("body", "found"), POLICIES)
def test_every_resource_is_for_some_action(body, found):
    for statement in found:
        known = [f for action in as_list(statement["Action"]) for f in formats(action)]
        for resource in (resource_text(r, body) for r in as_list(statement["Resource"])):
            assert resource == "*" or any(fits(resource, f) for f in known), f"{statement['Sid']}: {resource}"


@pytest.mark.parametrize(("body", "found"), POLICIES)
def test_every_condition_key_is_of_the_action(body, found):
    for statement in found:
        keys = {key for test in statement.get("Condition", {}).values() for key in test}
        for action in as_list(statement["Action"]):
            of_action = {
                re.sub(r"\$\{.*", "", key)
                for kind in privilege(action)["resource_types"].values()
                for key in kind["condition_keys"]
            }
            of_resources = {
                re.sub(r"\$\{.*", "", key)
                for kind in privilege(action)["resource_types"]
                if kind
                for key in reference()[action.partition(":")[0]]["resources"][kind]["condition_keys"]
            }
            for key in keys - {
                "aws:SecureTransport",
                "aws:SourceAccount",
                "aws:SourceArn",
                "aws:ResourceAccount",
            }:
                known = of_action | of_resources
                assert any(key.startswith(k) for k in known), f"{action} knows no {key}"


@pytest.mark.parametrize(("body", "found"), POLICIES)
def test_what_an_action_depends_on_is_allowed_too(body, found):
    del body
    allowed = {a.lower() for s in found if s["Effect"] == "Allow" for a in as_list(s["Action"])}
    for action in sorted(allowed):
        for kind in privilege(action)["resource_types"].values():
            for dependent in kind["dependent_actions"]:
                assert dependent.lower() in allowed, f"{action}: {dependent}"


@pytest.mark.parametrize(("body", "found"), POLICIES)
def test_what_touches_something_encrypted_may_use_the_key(body, found):
    """S3, SQS, SNS and Secrets Manager use a customer key in the caller's name.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    del body
    allowed = {a for s in found if s["Effect"] == "Allow" for a in as_list(s["Action"])}
    needs = {
        "kms:Decrypt": {
            *("s3:GetObject", "s3:GetObjectVersion", "sqs:SendMessage", "sqs:ReceiveMessage", "sns:Publish"),
            "secretsmanager:GetSecretValue",
        },
        "kms:GenerateDataKey": {
            "s3:PutObject",
            "sqs:SendMessage",
            "sns:Publish",
            "secretsmanager:PutSecretValue",
        },
    }
    for needed, users in needs.items():
        assert needed in allowed or not allowed & users, f"{sorted(allowed & users)} without {needed}"
