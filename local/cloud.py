"""What every stand-in shares with the AWS around it: account, clock, background work, and roles to act as."""

from __future__ import annotations

import contextvars
import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from local.key_use import KeyUse

log = logging.getLogger("local")


class AssumeRoleDenied(Exception):  # noqa: N818  # reads as what happened
    """The role does not exist, or its trust policy does not let this service assume it."""


class Cloud:
    """The account and Region a stand-in lives in, with AWS's minutes scaled down to milliseconds."""

    def __init__(self, endpoint: str, time_scale: float) -> None:
        """`endpoint` is this emulator's own URL; one real second lasts `time_scale` seconds here."""
        self.endpoint = endpoint
        self.time_scale = time_scale
        self.keys: KeyUse | None = None  # who may use a customer key; not asked where a stand-in runs alone

    @property
    def account(self) -> str:
        """The account of the request being served."""
        from ministack.core.responses import get_account_id

        return str(get_account_id())

    @property
    def region(self) -> str:
        """The Region of the request being served."""
        from ministack.core.responses import get_region

        return str(get_region())

    def arn(self, service: str, resource: str) -> str:
        """Return `arn:aws:<service>:<region>:<account>:<resource>`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def wait(self, seconds: float) -> None:
        """Let `seconds` of AWS's time pass."""
        time.sleep(seconds * self.time_scale)

    def run(self, work: Callable[[], None], name: str) -> None:
        """Do work in the background, in the account and Region of the request that asked for it."""
        context = contextvars.copy_context()

        def guarded() -> None:
            try:
                context.run(work)
            except Exception:  # the thread's last resort: a stand-in's bug must be seen
                log.exception("background work %s failed", name)

        threading.Thread(target=guarded, name=name, daemon=True).start()

    def client(self, service: str, role_arn: str, principal: str) -> Any:
        """Return a boto3 client acting as `role_arn`, assumed by the service `principal`; IAM applies.

        Raises AssumeRoleDenied when the role is missing or does not trust the principal.
        """
        keys = assume_role(role_arn, principal, self.account, self.region)
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
        )


def assume_role(role_arn: str, principal: str, account: str, region: str) -> dict[str, str]:
    """Return session credentials of a role for a service principal, if its trust policy allows it."""
    from ministack.services import iam, sts

    name = role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get(name)
    if role is None or role["Arn"] != role_arn:
        raise AssumeRoleDenied(f"Role {role_arn} does not exist.")
    if not _trusts(role["AssumeRolePolicyDocument"], principal, account, region):
        raise AssumeRoleDenied(f"Role {role_arn} does not trust {principal}.")
    digest = hashlib.sha256(f"{role_arn}:{principal}".encode()).hexdigest()
    session_name = principal.split(".", maxsplit=1)[0]
    keys = {
        "AccessKeyId": f"ASIA{digest[:16].upper()}",
        "SecretAccessKey": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "SessionToken": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }
    sts.register_session(
        keys["AccessKeyId"],
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
            "UserId": f"{name}:{session_name}",
            "SecretAccessKey": keys["SecretAccessKey"],
            "SessionToken": keys["SessionToken"],
        },
    )
    return keys


def _trusts(document: str | dict[str, Any], principal: str, account: str, region: str) -> bool:
    """Evaluate a trust policy for a service principal, with `aws:SourceAccount` as AWS sets it."""
    from ministack.core import iam_evaluator

    parsed = json.loads(document) if isinstance(document, str) else document
    context = iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn="*",
        region=region,
        service_context={"aws:sourceaccount": account, "aws:sourcearn": None},
    )
    for statement in _as_list(parsed.get("Statement", [])):
        services = _as_list((statement.get("Principal") or {}).get("Service", []))
        if statement.get("Effect") != "Allow" or principal not in services:
            continue
        # The calling resource is not known here, so conditions on aws:SourceArn are not judged.
        conditions = {
            operator: {k: v for k, v in keys.items() if k.lower() != "aws:sourcearn"}
            for operator, keys in (statement.get("Condition") or {}).items()
        }
        conditions = {operator: keys for operator, keys in conditions.items() if keys}
        if iam_evaluator._conditions_met(conditions, context):
            return True
    return False


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def time_scale() -> float:
    """Return how many seconds one of AWS's lasts here (`LOCAL_TIME_SCALE`; 1 minute = 15 ms)."""
    return float(os.environ.get("LOCAL_TIME_SCALE", "0.00025"))
