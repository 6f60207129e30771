"""What all Personalize resources share: ARN, a status that advances by itself, paging, deletion, tags."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.modelled import ModelledService, ServiceError
from local.personalize.errors import JobFailed, already_exists, in_use, limit_exceeded, not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.cloud import Cloud

UNFINISHED = ("CREATE PENDING", "CREATE IN_PROGRESS")
_OVER = ("CREATE STOPPED", "DELETE PENDING", "DELETE IN_PROGRESS")


@dataclass(eq=False)
class Resource:
    """One resource: `detail` is what Describe shows, `content` what AWS keeps inside (data, a model)."""

    kind: str
    arn: str
    detail: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    content: Any = None

    @property
    def status(self) -> str:
        """Return the status; a schema has none and is always usable."""
        return str(self.detail.get("status", "ACTIVE"))


class ResourceService(ModelledService):
    """The part of the service that does not know what the resources mean."""

    service = "personalize"
    passed_to = "personalize.amazonaws.com"
    validation_error = "InvalidInputException"

    def __init__(self, cloud: Cloud) -> None:
        """Start without resources."""
        self.resources: dict[str, Resource] = {}
        super().__init__(cloud)

    def reset(self) -> None:
        """Forget every resource."""
        with self.lock:
            self.resources = {}

    def arn_of(self, path: str) -> str:
        """Return the ARN of a resource of the current account and Region, e.g. of `schema/films`."""
        return self.cloud.arn("personalize", path)

    def find(self, kind: str, arn: str) -> Resource:
        """Return a resource. Raises ServiceError ResourceNotFoundException."""
        resource = self.resources.get(arn)
        if resource is None or resource.kind != kind:
            raise not_found(arn)
        return resource

    def find_active(self, kind: str, arn: str) -> Resource:
        """Return a resource to build on. Raises ResourceInUseException while it is not ACTIVE."""
        resource = self.find(kind, arn)
        if resource.status != "ACTIVE":
            raise in_use(f"{arn} is in status {resource.status}; it must be ACTIVE.")
        return resource

    def select(self, kind: str, **where: Any) -> list[Resource]:
        """Return the resources of a kind in this account and Region whose detail has the given members."""
        home = self.arn_of("")
        return [
            resource
            for resource in self.resources.values()
            if resource.kind == kind
            and resource.arn.startswith(home)
            and all(resource.detail.get(name) == value for name, value in where.items())
        ]

    def unfinished(self, kind: str, **where: Any) -> list[Resource]:
        """Return the resources of a kind that are still being created."""
        return [resource for resource in self.select(kind, **where) if resource.status in UNFINISHED]

    def check_in_flight(self, kind: str, most: int) -> None:
        """Raise LimitExceededException when `most` resources of a kind are still being created."""
        if len(self.unfinished(kind)) >= most:
            raise limit_exceeded(f"More than {most} resources with PENDING or IN_PROGRESS status.")

    def add(
        self, kind: str, path: str, detail: dict[str, Any], tags: list[dict[str, str]] | None = None
    ) -> Resource:
        """Store a new resource under `path` with its ARN and dates. Raises ResourceAlreadyExistsException."""
        arn = self.arn_of(path)
        if arn in self.resources:
            raise already_exists(arn)
        now = datetime.now(UTC)
        shown = {f"{kind}Arn": arn, "creationDateTime": now, "lastUpdatedDateTime": now, **detail}
        resource = Resource(kind, arn, shown, {tag["tagKey"]: tag["tagValue"] for tag in tags or []})
        self.resources[arn] = resource
        return resource

    def advance(
        self,
        resource: Resource,
        seconds: float,
        work: Callable[[], None] | None = None,
        finish: Callable[[], None] | None = None,
    ) -> None:
        """Take a resource from CREATE PENDING to ACTIVE in about `seconds` of AWS's time, in the background.

        `work` is the heavy part (raises JobFailed); `finish` makes its result visible, under the lock.
        """
        resource.detail["status"] = "CREATE PENDING"

        def create() -> None:
            self.cloud.wait(seconds * 0.1)
            if not self._move(resource, "CREATE IN_PROGRESS"):
                return
            try:
                if work is not None:
                    work()
            except JobFailed as failed:
                self._move(resource, "CREATE FAILED", str(failed))
                return
            except Exception:
                self._move(resource, "CREATE FAILED", "An internal error occurred. Try again later.")
                raise
            self.cloud.wait(seconds * 0.9)
            with self.lock:
                if self._move(resource, "ACTIVE") and finish is not None:
                    finish()

        self.cloud.run(create, f"create {resource.arn}")

    def _move(self, resource: Resource, status: str, reason: str | None = None) -> bool:
        """Give a living resource its next status; False when it was stopped, deleted or forgotten."""
        with self.lock:
            if self.resources.get(resource.arn) is not resource or resource.status in _OVER:
                return False
            resource.detail["status"] = status
            resource.detail["lastUpdatedDateTime"] = datetime.now(UTC)
            if reason is not None:
                resource.detail["failureReason"] = reason
            return True

    def remove(self, resource: Resource, seconds: float, *children: Resource) -> None:
        """Delete a resource and what dies with it in the background, showing DELETE PENDING until then."""
        resource.detail["status"] = "DELETE PENDING"

        def delete() -> None:
            self.cloud.wait(seconds / 2)
            resource.detail["status"] = "DELETE IN_PROGRESS"
            self.cloud.wait(seconds / 2)
            with self.lock:
                for gone in (*children, resource):
                    self.resources.pop(gone.arn, None)

        self.cloud.run(delete, f"delete {resource.arn}")

    def describe(self, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a Describe operation."""
        return {kind: dict(self.find(kind, request[f"{kind}Arn"]).detail)}

    def page(self, operation: str, resources: list[Resource], request: dict[str, Any]) -> dict[str, Any]:
        """Answer a List operation with one page (100 unless asked for less) of the model's summaries."""
        shape = self.model.operation_model(operation).output_shape
        member = next(name for name in shape.members if name != "nextToken")
        shown = shape.members[member].member.members
        start, size = _read_token(request.get("nextToken")), request.get("maxResults", 100)
        summaries = [
            {name: value for name, value in resource.detail.items() if name in shown}
            for resource in resources[start : start + size]
        ]
        answer: dict[str, Any] = {member: summaries}
        if start + size < len(resources):
            answer["nextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
        return answer

    def tag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Add or replace tags."""
        tags = self._tagged(request).tags
        new = {tag["tagKey"]: tag["tagValue"] for tag in request["tags"]}
        # 50 tags a resource: https://docs.aws.amazon.com/personalize/latest/dg/tagging-resources.html
        if len({*tags, *new}) > 50:
            raise ServiceError("TooManyTagsException", "A resource can have at most 50 tags.")
        tags.update(new)
        return {}

    def untag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Remove tags by key."""
        tags = self._tagged(request).tags
        for key in request["tagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a resource's tags."""
        tags = self._tagged(request).tags
        return {"tags": [{"tagKey": key, "tagValue": value} for key, value in tags.items()]}

    def _tagged(self, request: dict[str, Any]) -> Resource:
        resource = self.resources.get(request["resourceArn"])
        if resource is None:
            raise not_found(request["resourceArn"])
        return resource


def _read_token(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error) as error:
        raise ServiceError("InvalidNextTokenException", "The token is not valid.") from error
