"""The order in which a dataset group comes down: what uses before what is used.

Deleting order: https://docs.aws.amazon.com/personalize/latest/dg/gs-cleanup.html. Import and batch jobs and
solution versions have no Delete operation; they go with their dataset and solution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from audiences.errors import RetryLater
from audiences.training.resources import KINDS, Kind

_CAMPAIGN = Kind("Campaign", "campaign", parent="solutionArn")
_GROUPED = "datasetGroupArn"
# Each stage may go as soon as the one before is gone.
STAGES: tuple[tuple[Kind, ...], ...] = (
    (
        _CAMPAIGN,
        Kind("Recommender", "recommender", parent=_GROUPED),
        Kind("Event Tracker", "event-tracker", parent=_GROUPED),
        Kind("Metric Attribution", "metric-attribution", parent=_GROUPED),
        KINDS["filter"],
    ),
    (KINDS["solution"],),
    (KINDS["dataset"],),
    (KINDS["dataset-group"],),
)


@dataclass(frozen=True)
class Doomed:
    """One resource to delete."""

    kind: Kind
    arn: str


class Service(Protocol):
    """Amazon Personalize, as far as a teardown needs it."""

    def describe(self, kind: Kind, arn: str) -> dict[str, Any] | None:
        """Return a resource, or None when there is none."""

    def list(self, kind: Kind, parent_arn: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield summaries."""

    def delete(self, kind: Kind, arn: str) -> bool:
        """Ask for the deletion; False when it was not there."""


def find_all(service: Service, group_arn: str) -> tuple[list[list[Doomed]], list[str]]:
    """Return what belongs to a dataset group, in stages, and the ARNs of the schemas its datasets use."""
    solutions = [entry["solutionArn"] for entry in service.list(KINDS["solution"], group_arn)]
    stages: list[list[Doomed]] = []
    for kinds in STAGES:
        stage: list[Doomed] = []
        for kind in kinds:
            if kind.camel == "DatasetGroup":
                arns = [group_arn] if service.describe(kind, group_arn) else []
            elif kind is _CAMPAIGN:
                arns = [entry[kind.arn_key] for parent in solutions for entry in service.list(kind, parent)]
            else:
                arns = [entry[kind.arn_key] for entry in service.list(kind, group_arn)]
            stage += [Doomed(kind, arn) for arn in arns]
        stages.append(stage)
    described = [service.describe(doomed.kind, doomed.arn) for doomed in stages[2]]
    schemas = list(dict.fromkeys(dataset["schemaArn"] for dataset in described if dataset))
    return stages, schemas


def tear_down(
    service: Service,
    group_arn: str,
    wait: Callable[[], None],
    tell: Callable[[str], None],
    most_waits: int,
) -> int:
    """Delete a dataset group and everything in it; return how many resources went.

    `wait()` sleeps between two looks, at most `most_waits` times in a stage; `tell(text)` reports progress.
    Schemas that another dataset group uses stay. Raises RetryLater when something does not go.
    """
    stages, schemas = find_all(service, group_arn)
    gone = 0
    for stage in stages:
        left = stage
        for turn in range(most_waits + 1):
            left = [doomed for doomed in left if not _is_gone(service, doomed, tell)]
            if not left or turn == most_waits:
                break
            wait()
        if left:
            names = ", ".join(doomed.arn for doomed in left)
            raise RetryLater(
                "Personalize is still deleting.", f"Left: {names}.", "Run the same command again."
            )
        gone += len(stage)
    for arn in schemas:
        gone += _delete_schema(service, arn, tell)
    return gone


def _is_gone(service: Service, doomed: Doomed, tell: Callable[[str], None]) -> bool:
    """Ask for a deletion where it was not asked yet; tell whether the resource is gone."""
    found = service.describe(doomed.kind, doomed.arn)
    if found is None:
        tell(f"deleted {doomed.arn}")
        return True
    if not str(found.get("status", "")).startswith("DELETE"):
        try:
            service.delete(doomed.kind, doomed.arn)
        except RetryLater as reason:  # used by something that is still going, or still being created
            tell(f"waiting for {doomed.arn}: {reason.why}")
    return False


def _delete_schema(service: Service, arn: str, tell: Callable[[str], None]) -> int:
    try:
        deleted = service.delete(KINDS["schema"], arn)
    except RetryLater:
        tell(f"kept {arn}: another dataset uses it")
        return 0
    tell(f"deleted {arn}")
    return int(deleted)
