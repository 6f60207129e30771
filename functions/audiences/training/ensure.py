"""Describe-or-create of one Personalize resource, safe to repeat: the state machine's Retry drives it.

Each call looks once. A resource that is still in the making raises RetryLater; one that failed raises
SetupError with the service's reason. Each change of status goes to the bus once: what was said is kept in
the run's record.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from audiences.errors import RetryLater, SetupError
from audiences.redact import redact
from audiences.training.plan import Plan
from audiences.training.resources import KINDS, Kind

ACTIVE = "ACTIVE"
CREATING = "CREATING"
UPDATING = "UPDATING"
CREATE_FAILED = "CREATE FAILED"


class Service(Protocol):
    """Amazon Personalize, as far as this step needs it."""

    def describe(self, kind: Kind, arn: str) -> dict[str, Any] | None:
        """Return a resource, or None when there is none."""

    def find(self, kind: Kind, name: str, parent_arn: str | None, since: float) -> str | None:
        """Return the ARN of the resource with that name, or None. `since`: seconds since 1970."""

    def create(self, kind: Kind, request: dict[str, Any]) -> str | None:
        """Create a resource and return its ARN, or None when there is one with that name already."""

    def update_training(self, arn: str, *, automatic: bool) -> None:
        """Switch automatic training of a solution on or off."""


@dataclass
class Record:
    """What this run knows of one resource.

    events: `{resource, arn, status, at, duration_seconds?, failure_reason?}`, in order.
    """

    arn: str | None = None
    status: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    def has_said(self, status: str) -> bool:
        """Tell whether a status was published already."""
        return any(event["status"] == status for event in self.events)


class Records(Protocol):
    """Keeps the records of a run and publishes its events."""

    def load(self, resource: str) -> Record:
        """Return the record of a resource, empty at first."""

    def publish(self, resource: str, record: Record, event: dict[str, Any]) -> None:
        """Put the event on the bus and add it to the kept record."""

    def save(self, resource: str, record: Record) -> None:
        """Keep the record."""


class Ensurer:
    """Ensures the resources of one plan."""

    def __init__(self, plan: Plan, service: Service, records: Records, started: float) -> None:
        """Take the plan and what it needs. `started`: when the run began, in seconds since 1970."""
        self._plan = plan
        self._service = service
        self._records = records
        self._started = started

    def ensure(self, identity: str) -> dict[str, str]:
        """Return `{resource, arn, status}` once the resource is active; see the module for what it raises."""
        wanted = self._plan.resources[identity]
        kind = KINDS[wanted["kind"]]
        record = self._records.load(identity)
        found = self._look(kind, wanted, record)
        if found is None:
            record.arn = self._create(kind, identity, wanted, record)
            if record.arn:
                self._say(kind, identity, record, CREATING)
            found = self._look(kind, wanted, record) if record.arn else self._adopt(kind, wanted, record)
        if found is None:
            raise RetryLater(f"{kind.title} {wanted['name']} was created and is not visible yet.")
        record.arn = found[kind.arn_key]
        self._compare(kind, wanted, found)
        self._guard_cost(kind, identity, wanted, found, record)
        return self._settle(kind, identity, wanted, found, record)

    def _look(self, kind: Kind, wanted: dict[str, Any], record: Record) -> dict[str, Any] | None:
        arn = record.arn or (None if wanted["arn"].endswith("/") else wanted["arn"])
        if arn:
            return self._service.describe(kind, arn)
        return self._adopt(kind, wanted, record)

    def _adopt(self, kind: Kind, wanted: dict[str, Any], record: Record) -> dict[str, Any] | None:
        """Find by name what has an ARN that we did not expect, or cannot know."""
        parent = self._request(wanted).get(kind.parent) if kind.parent else None
        record.arn = self._service.find(kind, wanted["name"], parent, self._started)
        if record.arn:
            return self._service.describe(kind, record.arn)
        if wanted["arn"].endswith("/"):
            return None
        raise SetupError(
            f"{kind.title} {wanted['name']} exists already and is not part of this dataset group.",
            "Personalize refused the name as taken.",
            "Choose another name in the configuration and upload it again.",
        )

    def _create(self, kind: Kind, identity: str, wanted: dict[str, Any], record: Record) -> str | None:
        """Create it; a refusal is a failure like any other, and the bus hears of it."""
        request = self._request(wanted)
        try:
            return self._service.create(kind, request)
        except SetupError as refusal:
            record.arn = wanted["arn"].rstrip("/")
            self._say(kind, identity, record, CREATE_FAILED, reason=redact(f"{refusal.what} {refusal.why}"))
            raise

    def _request(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return the request with what became known in the run, e.g. the ARN of the new solution version."""
        request = dict(wanted["create"])
        for parameter, identity in wanted["needs"].items():
            needed = self._records.load(identity)
            if needed.status != ACTIVE or not needed.arn:
                raise SetupError(
                    f"{identity} is not active, and {wanted['name']} needs it.",
                    next((e["failure_reason"] for e in needed.events if e.get("failure_reason")), ""),
                    "Correct the cause and upload the configuration again.",
                )
            request[parameter] = needed.arn
        return request

    def _settle(
        self, kind: Kind, identity: str, wanted: dict[str, Any], found: dict[str, Any], record: Record
    ) -> dict[str, str]:
        """Publish the status if it is news, then return, wait or fail by it."""
        status = found.get("status", ACTIVE) if kind.has_status else ACTIVE
        reason = redact(found.get("failureReason") or "Personalize gave no reason.")
        ours = bool(record.events) or kind.of_this_run or _began_after(found, self._started)
        if status == ACTIVE:
            if ours and not record.has_said(ACTIVE):
                self._say(kind, identity, record, ACTIVE, found)
            elif record.status != ACTIVE:
                record.status = ACTIVE
                self._records.save(identity, record)
            return {"resource": identity, "arn": found[kind.arn_key], "status": ACTIVE}
        if status.endswith(("FAILED", "STOPPED")):
            if not record.has_said(status):
                self._say(kind, identity, record, status, found, reason)
            raise SetupError(
                f"{kind.title} {wanted['name']} ended as {status}.",
                f"Personalize says: {reason}",
                _fix(kind, ours=ours),
            )
        if not record.events and status.startswith("CREATE"):
            self._say(kind, identity, record, CREATING, found)
        raise RetryLater(f"{kind.title} {wanted['name']} is {status}.", retry_after=60)

    def _say(
        self,
        kind: Kind,
        identity: str,
        record: Record,
        status: str,
        found: dict[str, Any] | None = None,
        reason: str | None = None,
    ) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        event: dict[str, Any] = {"resource": kind.title, "arn": record.arn, "status": status, "at": moment}
        if (
            found
            and status != CREATING
            and found.get("lastUpdatedDateTime")
            and found.get("creationDateTime")
        ):
            event["duration_seconds"] = int(
                (found["lastUpdatedDateTime"] - found["creationDateTime"]).total_seconds()
            )
        if reason:
            event["failure_reason"] = reason
        record.status = status
        self._records.publish(identity, record, event)

    def _compare(self, kind: Kind, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        """Refuse an existing resource that differs in what cannot change: silent reuse would surprise."""
        for member in kind.must_match:
            want, have = wanted["create"].get(member), found.get(member)
            if not _equal(want, have):
                raise SetupError(
                    f"{kind.title} {wanted['name']} exists already with another {member}.",
                    "Personalize cannot change it.",
                    f"Give the {kind.title.lower()} a new name, or delete the existing one.",
                )

    def _guard_cost(
        self, kind: Kind, identity: str, wanted: dict[str, Any], found: dict[str, Any], record: Record
    ) -> None:
        """Switch automatic training of an existing solution to what is configured; off by default."""
        automatic = wanted["create"].get("performAutoTraining")
        if kind.camel != "Solution" or automatic is None or found.get("status") != ACTIVE:
            return
        if found.get("performAutoTraining", automatic) == automatic or record.has_said(UPDATING):
            return
        self._service.update_training(found["solutionArn"], automatic=automatic)
        self._say(kind, identity, record, UPDATING)


def _began_after(found: dict[str, Any], started: float) -> bool:
    created = found.get("creationDateTime")
    return created is not None and bool(created.timestamp() >= started)


def _equal(want: Any, have: Any) -> bool:
    """Tell whether what exists is what is wanted; what the configuration leaves out may be anything."""
    if want is None:
        return True
    if isinstance(want, dict):
        return isinstance(have, dict) and all(_equal(value, have.get(key)) for key, value in want.items())
    if isinstance(want, str) and isinstance(have, str) and want != have and want.startswith("{"):
        return bool(json.loads(want) == json.loads(have))
    return bool(want == have)


def _fix(kind: Kind, *, ours: bool) -> str:
    if kind.of_this_run:
        return "Correct the cause and upload the configuration again."
    what = "Correct the cause, delete it" if ours else "It is from an earlier run: delete it"
    return f"{what} (python -m audiences.cli.destroy_personalize --help) and upload the configuration again."
