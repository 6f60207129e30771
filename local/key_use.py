"""Customer keys as AWS asks for them: who uses something encrypted must be allowed to use its key.

A caller's own policies (and the key's policy, which delegates to them) decide for S3, SQS, SNS and Secrets Manager,
which use the key in the caller's name. A service that works by itself (EventBridge, Personalize, Customer Profiles,
AppFlow, CloudWatch Logs) must be named by the key's policy. MiniStack encrypts nothing and asks nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.cloud import Cloud

# What a caller needs of the key, by what it does.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
CALLERS = {
    "s3:GetObject": ("kms:Decrypt",),
    "s3:GetObjectVersion": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sns:Publish": ("kms:GenerateDataKey", "kms:Decrypt"),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "secretsmanager:PutSecretValue": ("kms:GenerateDataKey", "kms:Decrypt"),
}
# What a service needs of the key's policy for its own work.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (no condition keys come with the request)
# https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-key-access.html (neither)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
SERVICES = {
    "events": ("kms:GenerateDataKey", "kms:Decrypt"),
    "personalize": (
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "kms:ListGrants",
    ),
    "profile": ("kms:GenerateDataKey", "kms:CreateGrant", "kms:Decrypt"),
    "appflow": ("kms:Decrypt", "kms:GenerateDataKey"),
    "logs": ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"),
}
# What Personalize's role needs, besides what it does in S3: the same page.
ROLE_OF_PERSONALIZE = ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ListGrants")


def _default_encryption(properties: Mapping[str, Any]) -> str:
    rules = (properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or []
    default = rules[0].get("ServerSideEncryptionByDefault") if rules else None
    return str((default or {}).get("KMSMasterKeyID") or "")


# Where a template names the key of a resource.
_KEY_PROPERTY: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "AWS::S3::Bucket": _default_encryption,
    "AWS::SQS::Queue": lambda p: str(p.get("KmsMasterKeyId") or ""),
    "AWS::SNS::Topic": lambda p: str(p.get("KmsMasterKeyId") or ""),
    "AWS::SecretsManager::Secret": lambda p: str(p.get("KmsKeyId") or ""),
}


class KeyDenied(Exception):  # noqa: N818  # reads as what happened
    """Somebody may not use a key; the message names who, the action and the key, as AWS does."""

    def __init__(self, who: str, action: str, key: str) -> None:
        """Say it in KMS's words."""
        reason = (
            "because no resource-based policy allows the"
            if ".amazonaws.com" in who
            else ("because no identity-based policy allows the")
        )
        super().__init__(
            f"User: {who} is not authorized to perform: {action} on resource: {key} {reason} {action} action"
        )
        self.action = action


class KeyUse:
    """Which key each resource of a template is encrypted with, and who may use it."""

    def __init__(self, cloud: Cloud) -> None:
        """Know no resource yet."""
        self.cloud = cloud
        self._keys: dict[str, str] = {}

    def note(
        self, kind: str, properties: Mapping[str, Any], name: str, attributes: Mapping[str, Any]
    ) -> None:
        """Remember the key of a resource that CloudFormation made."""
        key = _KEY_PROPERTY[kind](properties)
        if key:
            arn = str(attributes.get("Arn") or attributes.get("TopicArn") or name)
            self._keys[arn if arn.startswith("arn:") else f"arn:aws:s3:::{arn}"] = self._arn(key)

    def key_of(self, resource: str) -> str:
        """Return the key of a bucket, an object in it, a queue, a topic or a secret; blank for none."""
        if resource.startswith("arn:aws:s3:::"):
            resource = resource.split("/", 1)[0]
        return self._keys.get(resource, "")

    def needs(self, action: str, resource: str) -> list[tuple[str, str]]:
        """Return `(action of KMS, key)` of what a caller needs besides `action`."""
        key = self.key_of(resource)
        return [(needed, key) for needed in CALLERS.get(action, ())] if key else []

    def require(
        self, service: str, key: str, *, source: str = "", context: Mapping[str, str] | None = None
    ) -> None:
        """Raise KeyDenied unless the key's policy lets a service do what it needs.

        source: the ARN that the service works for, when it says so (then with the account).
        """
        principal = (
            f"logs.{self.cloud.region}.amazonaws.com" if service == "logs" else f"{service}.amazonaws.com"
        )
        given = {"aws:sourceaccount": self.cloud.account if source else None, "aws:sourcearn": source or None}
        given |= {f"kms:encryptioncontext:{name}".lower(): text for name, text in (context or {}).items()}
        for action in SERVICES[service]:
            if not self._policy_allows(principal, self._arn(key), action, given):
                raise KeyDenied(principal, action, self._arn(key))

    def require_role(self, role_arn: str, key: str, actions: tuple[str, ...] = ROLE_OF_PERSONALIZE) -> None:
        """Raise KeyDenied unless a role's own policies, to which the key's policy leaves it, allow the actions."""
        from ministack.core import iam_evaluator

        name, key = role_arn.rsplit("/", 1)[-1], self._arn(key)
        policies = iam_evaluator._gather_role_policies(name, self.cloud.account)
        for action in actions:
            context = self._context(
                f"arn:aws:sts::{self.cloud.account}:assumed-role/{name}/s", action, key, {}
            )
            own = iam_evaluator.evaluate(context, policies)
            policy = self._policy(key)
            decided = iam_evaluator.combine_resource_policy(
                own, context, policy, self.cloud.account, required=True
            )
            if decided.decision != "Allow":
                raise KeyDenied(role_arn, action, key)

    def _policy_allows(self, principal: str, key: str, action: str, given: dict[str, Any]) -> bool:
        from ministack.core import iam_evaluator

        context = self._context(principal, action, key, given)
        found = iam_evaluator.evaluate_resource_policy(self._policy(key), context, service=principal)
        return bool(found.decision == "Allow")

    def _policy(self, key: str) -> str:
        from ministack.services import kms

        found = kms.key_policy_for_arn(key)
        return str(found[0]) if found else ""

    def _context(self, principal: str, action: str, key: str, given: dict[str, Any]) -> Any:
        from ministack.core import iam_evaluator

        return iam_evaluator.EvalContext(
            principal_arn=principal,
            principal_type="Service" if ".amazonaws.com" in principal else "AssumedRole",
            principal_account=self.cloud.account,
            action=action,
            resource_arn=key,
            region=self.cloud.region,
            service_context=given,
        )

    def _arn(self, key: str) -> str:
        return key if key.startswith("arn:") else self.cloud.arn("kms", f"key/{key}")


def bucket_of(uri: str) -> str:
    """Return the ARN of the bucket of `s3://bucket/key`."""
    found = re.match(r"s3://([^/]+)", uri)
    return f"arn:aws:s3:::{found[1]}" if found else ""
