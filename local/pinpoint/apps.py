"""Pinpoint's projects: the first thing a stack creates and everything else hangs from."""

from __future__ import annotations

import uuid
from typing import Any

from local.pinpoint.endpoint_store import EndpointStore
from local.pinpoint.state import App, PinpointState, now, page


class Apps(PinpointState):
    """CreateApp, GetApp, GetApps, DeleteApp."""

    def create_app(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a project; names need not be unique."""
        wanted = request["CreateApplicationRequest"]
        app_id = uuid.uuid4().hex
        answer = {
            "Arn": self.cloud.arn("mobiletargeting", f"apps/{app_id}"),
            "Id": app_id,
            "Name": wanted["Name"],
            "tags": wanted.get("tags", {}),
            "CreationDate": now(),
        }
        self.apps[app_id] = App(answer, EndpointStore(app_id))
        return {"ApplicationResponse": answer}

    def get_app(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one project."""
        return {"ApplicationResponse": self.app(request).answer}

    def get_apps(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the account's projects, oldest first."""
        return {"ApplicationsResponse": page([app.answer for app in self.apps.values()], request)}

    def delete_app(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a project with its endpoints, segments and jobs."""
        app = self.app(request)
        del self.apps[app.answer["Id"]]
        return {"ApplicationResponse": app.answer}
