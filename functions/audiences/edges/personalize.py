"""Amazon Personalize through boto3: any kind of resource by the table in `training/resources.py`.

Errors of the service become ours here, so that state machines retry what passes and stop at what does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own name

from audiences.edges.aws import client
from audiences.errors import RetryLater, SetupError
from audiences.training.resources import Kind

# Throttling, and "another operation on this resource is running": both pass by themselves.
_PASSING = {
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "ResourceInUseException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "InternalFailure",
    "InternalServerException",
    "RequestTimeout",
}
_EXISTS = "ResourceAlreadyExistsException"
_NOT_FOUND = "ResourceNotFoundException"
_CLOCK_SKEW = 300.0  # seconds by which the service's clock may be behind ours


class Personalize:
    """The service, with our errors."""

    def describe(self, kind: Kind, arn: str) -> dict[str, Any] | None:
        """Return a resource as DescribeX gives it, or None when there is none."""
        method = getattr(client("personalize"), f"describe_{kind.snake}")
        with _translated(kind, "Describe"):
            try:
                answer = method(**{kind.arn_key: arn})
            except client("personalize").exceptions.ResourceNotFoundException:
                return None
        found: dict[str, Any] = answer[kind.member]
        return found

    def create(self, kind: Kind, request: dict[str, Any]) -> str | None:
        """Create a resource and return its ARN, or None when there is one with that name already.

        Raises RetryLater when throttled or at a limit of jobs in flight, SetupError when refused.
        """
        method = getattr(client("personalize"), f"create_{kind.snake}")
        with _translated(kind, "Create"):
            try:
                arn: str = method(**request)[kind.arn_key]
            except client("personalize").exceptions.ResourceAlreadyExistsException:
                return None
        return arn

    def find(self, kind: Kind, name: str, parent_arn: str | None, since: float) -> str | None:
        """Return the ARN of the resource with that name, or None.

        Lists of solution versions hold no names: those created after `since` (seconds since 1970) are
        described.
        """
        for summary in self.list(kind, parent_arn):
            if kind.name_key in summary:
                found = summary[kind.name_key] == name
            elif summary["creationDateTime"].timestamp() < since - _CLOCK_SKEW:
                found = False
            else:
                described = self.describe(kind, summary[kind.arn_key])
                found = described is not None and described.get(kind.name_key) == name
            if found:
                return str(summary[kind.arn_key])
        return None

    def list(self, kind: Kind, parent_arn: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the summaries of all resources of a kind, within a parent if there is one."""
        arguments = {kind.parent: parent_arn} if kind.parent and parent_arn else {}
        with _translated(kind, "List"):
            pages = client("personalize").get_paginator(f"list_{kind.snake}s").paginate(**arguments)
            for page in pages:
                for member, value in page.items():
                    if isinstance(value, list) and member.lower() == f"{kind.member}s".lower():
                        yield from value

    def update_training(self, arn: str, *, automatic: bool) -> None:
        """Switch automatic training of a solution on or off."""
        with _translated_operation("UpdateSolution"):
            client("personalize").update_solution(solutionArn=arn, performAutoTraining=automatic)

    def delete(self, kind: Kind, arn: str) -> bool:
        """Ask for a deletion. Returns False when there is nothing; raises RetryLater while it is in use."""
        method = getattr(client("personalize"), f"delete_{kind.snake}")
        with _translated(kind, "Delete"):
            try:
                method(**{kind.arn_key: arn})
            except client("personalize").exceptions.ResourceNotFoundException:
                return False
        return True


@contextmanager
def _translated(kind: Kind, verb: str) -> Iterator[None]:
    with _translated_operation(f"{verb}{kind.camel}", waits_for_quota=kind.waits_for_quota):
        yield


@contextmanager
def _translated_operation(operation: str, *, waits_for_quota: bool = False) -> Iterator[None]:
    """Turn the service's errors into RetryLater and SetupError."""
    try:
        yield
    except (ConnectionError, HTTPClientError) as error:
        raise RetryLater("Personalize did not answer.", f"{operation}: {type(error).__name__}.") from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        why = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}"
        if code in _PASSING or (code == "LimitExceededException" and waits_for_quota):
            raise RetryLater("Personalize asks to wait.", why) from error
        if code == "LimitExceededException":
            fix = "Delete what is no longer needed, or ask for a higher quota in Service Quotas."
            raise SetupError("A quota of Amazon Personalize is used up.", why, fix) from error
        raise SetupError(
            "Amazon Personalize refused a request.", why, "Correct the cause and upload again."
        ) from error
