"""What Pinpoint's operations share: its projects, their look-up, pages and clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.modelled import ModelledService, ServiceError

if TYPE_CHECKING:
    from local.pinpoint.endpoint_store import Endpoint, EndpointStore


@dataclass
class Segment:
    """One version of an imported segment: the API's SegmentResponse, and who is in it."""

    answer: dict[str, Any]
    endpoint_ids: list[str]
    user_ids: list[str]


@dataclass
class App:
    """One project (the API calls it application)."""

    answer: dict[str, Any]  # ApplicationResponse
    endpoints: EndpointStore
    segments: dict[str, list[Segment]] = field(default_factory=dict)  # versions, oldest first
    imports: dict[str, dict[str, Any]] = field(default_factory=dict)  # ImportJobResponse
    exports: dict[str, dict[str, Any]] = field(default_factory=dict)  # ExportJobResponse


class PinpointState(ModelledService):
    """The state of the stand-in. One account and Region, as the embedded AWS has."""

    service = "pinpoint"
    passed_to = "pinpoint.amazonaws.com"
    validation_error = "BadRequestException"

    def reset(self) -> None:
        """Forget every project."""
        self.apps: dict[str, App] = {}

    def app(self, request: dict[str, Any]) -> App:
        """Return the project a request names. Raises NotFoundException."""
        app = self.apps.get(request["ApplicationId"])
        if app is None:
            raise not_found("Application")
        return app

    def versions(self, app: App, segment_id: str) -> list[Segment]:
        """Return a segment's versions, oldest first. Raises NotFoundException."""
        if segment_id not in app.segments:
            raise not_found("Segment")
        return app.segments[segment_id]

    def members(self, app: App, segment: Segment) -> list[Endpoint]:
        """Return the endpoints a segment reaches now: those listed, and those of each listed user."""
        found = {e: app.endpoints.by_id[e] for e in segment.endpoint_ids if e in app.endpoints.by_id}
        for user_id in segment.user_ids:
            found |= {endpoint["Id"]: endpoint for endpoint in app.endpoints.of_user(user_id)}
        return list(found.values())

    def segment_members(self, segment_id: str) -> list[Endpoint]:
        """Return the endpoints in a segment's newest version. For tests and the demo; not an API.

        Raises KeyError when no project has the segment.
        """
        with self.lock:
            for app in self.apps.values():
                if segment_id in app.segments:
                    return self.members(app, app.segments[segment_id][-1])
        raise KeyError(segment_id)


def not_found(what: str) -> ServiceError:
    """Return Pinpoint's 404."""
    return ServiceError("NotFoundException", f"{what} not found.", 404)


def bad_request(text: str) -> ServiceError:
    """Return Pinpoint's 400."""
    return ServiceError("BadRequestException", text)


def page(items: list[Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return `{Item, NextToken?}` for one page. `PageSize` and `Token` are strings in this API."""
    try:
        size, start = int(request.get("PageSize", "1000")), int(request.get("Token", "0"))
    except ValueError as error:
        raise bad_request("page-size and token must be numbers.") from error
    if size < 1 or start < 0:
        raise bad_request("page-size must be at least 1.")
    answer: dict[str, Any] = {"Item": items[start : start + size]}
    if start + size < len(items):
        answer["NextToken"] = str(start + size)
    return answer


def now() -> str:
    """Return the time as Pinpoint writes it: ISO 8601, UTC, milliseconds, `Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
