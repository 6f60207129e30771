"""What AppFlow's operations share: flows, connections, runs, and the org at the other end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.appflow.salesforce import Org
from local.modelled import ModelledService, ServiceError


@dataclass
class Flow:
    """One flow: what CreateFlow was asked for, its runs (oldest first), and the run of each client token."""

    request: dict[str, Any]
    answer: dict[str, Any]
    runs: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)


class AppFlowState(ModelledService):
    """The state of the stand-in. One account and Region, as the embedded AWS has."""

    service = "appflow"
    passed_to = "appflow.amazonaws.com"

    def reset(self) -> None:
        """Forget every flow and connection, and empty the org."""
        self.flows: dict[str, Flow] = {}
        self.profiles: dict[str, dict[str, Any]] = {}
        self.org = Org()

    def flow(self, request: dict[str, Any]) -> Flow:
        """Return the flow a request names. Raises ResourceNotFoundException."""
        found = self.flows.get(request["flowName"])
        if found is None:
            raise not_found(f"Flow {request['flowName']}")
        return found


def not_found(what: str) -> ServiceError:
    """Return AppFlow's 404."""
    return ServiceError("ResourceNotFoundException", f"{what} does not exist.", 404)


def now() -> datetime:
    """Return the time to the second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def page(items: list[Any], request: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one page under `name`, with nextToken when there is more."""
    size, start = int(request.get("maxResults", 20)), int(request.get("nextToken", "0"))
    answer: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = str(start + size)
    return answer
