"""Pinpoint's endpoint operations, for clients that write or look up addresses one by one."""

from __future__ import annotations

import uuid
from typing import Any

from local.pinpoint.endpoint_store import TooManyEndpointsError
from local.pinpoint.state import App, PinpointState, bad_request, not_found, now

# https://docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-endpoints.html
MAX_BATCH = 100


class Endpoints(PinpointState):
    """Get, update and delete endpoints, by their id and by user."""

    def get_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one endpoint."""
        endpoint = self.app(request).endpoints.get(request["EndpointId"])
        if endpoint is None:
            raise not_found("Endpoint")
        return {"EndpointResponse": endpoint}

    def update_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create or update one endpoint."""
        self._put(self.app(request), request["EndpointId"], request["EndpointRequest"])
        return _accepted()

    def update_endpoints_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create or update up to 100 endpoints; refused as a whole when an item has no id."""
        app, items = self.app(request), request["EndpointBatchRequest"]["Item"]
        if len(items) > MAX_BATCH:
            raise bad_request(f"A batch has at most {MAX_BATCH} endpoints.")
        if not all(item.get("Id") for item in items):
            raise bad_request("Every endpoint of a batch needs an Id.")
        for item in items:
            self._put(app, item["Id"], {k: v for k, v in item.items() if k != "Id"})
        return _accepted()

    def delete_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete one endpoint and return it."""
        endpoint = self.app(request).endpoints.delete(request["EndpointId"])
        if endpoint is None:
            raise not_found("Endpoint")
        return {"EndpointResponse": endpoint}

    def get_user_endpoints(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return every endpoint of a user; a user without one does not exist (404)."""
        found = self.app(request).endpoints.of_user(request["UserId"])
        if not found:
            raise not_found("User")
        return {"EndpointsResponse": {"Item": found}}

    def delete_user_endpoints(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete every endpoint of a user and return them."""
        answer = self.get_user_endpoints(request)
        store = self.app(request).endpoints
        for endpoint in answer["EndpointsResponse"]["Item"]:
            store.delete(endpoint["Id"])
        return answer

    def _put(self, app: App, endpoint_id: str, change: dict[str, Any]) -> None:
        if change.get("OptOut", "NONE") not in ("ALL", "NONE"):
            raise bad_request("OptOut must be ALL or NONE.")
        try:
            app.endpoints.put(endpoint_id, change, now())
        except TooManyEndpointsError as error:
            raise bad_request(str(error)) from error


def _accepted() -> dict[str, Any]:
    return {"MessageBody": {"Message": "Accepted", "RequestID": str(uuid.uuid4())}}
