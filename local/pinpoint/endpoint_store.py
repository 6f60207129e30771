"""Keeps the endpoints of one project, because merging, user and address rules belong in one place."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

# https://docs.aws.amazon.com/pinpoint/latest/developerguide/quotas.html#quotas-endpoint
MAX_ENDPOINTS_PER_USER = 15
# Channels that make room for a 16th endpoint by letting go of the oldest one; the others are refused.
# https://docs.aws.amazon.com/pinpoint/latest/developerguide/audience-define-auto-inactive.html
PUSH_CHANNELS = frozenset({"ADM", "GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU"})

Endpoint = dict[str, Any]


class TooManyEndpointsError(Exception):
    """The user has 15 endpoints already and the new channel does not make room by itself."""


class EndpointStore:
    """The endpoints of one project, found by id, by user and by address."""

    def __init__(self, application_id: str) -> None:
        """Start empty."""
        self.application_id = application_id
        self.by_id: dict[str, Endpoint] = {}
        self._by_user: dict[str, dict[str, None]] = {}
        self._by_address: dict[tuple[str, str], dict[str, None]] = {}

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint in the API's EndpointResponse shape, or None."""
        return self.by_id.get(endpoint_id)

    def of_user(self, user_id: str) -> list[Endpoint]:
        """Return the endpoints of a user, oldest first."""
        return [self.by_id[key] for key in self._by_user.get(user_id, {})]

    def put(self, endpoint_id: str, change: Endpoint, now: str) -> Endpoint:
        """Create or update an endpoint as UpdateEndpoint does and return it.

        `change` has EndpointRequest's members, `now` is ISO 8601. Maps of attributes are merged by name.
        Raises TooManyEndpointsError.
        """
        current = self.by_id.get(endpoint_id)
        merged: Endpoint = _merge(current or self._new(endpoint_id, now), change)
        merged["EffectiveDate"] = change.get("EffectiveDate", now)
        merged["EndpointStatus"] = change.get("EndpointStatus", "ACTIVE")
        user_id = user_of(merged)
        if user_id and (current is None or user_of(current) != user_id):
            self._make_room(user_id, merged.get("ChannelType", ""))
        if current is not None:
            self._unindex(current)
        self.by_id[endpoint_id] = merged
        self._index(merged)
        if "Address" in change:
            self._retire_others_at(merged)
        return merged

    def delete(self, endpoint_id: str) -> Endpoint | None:
        """Remove an endpoint and return it, or None when there was none."""
        endpoint = self.by_id.pop(endpoint_id, None)
        if endpoint is not None:
            self._unindex(endpoint)
        return endpoint

    def _new(self, endpoint_id: str, now: str) -> Endpoint:
        cohort = int(hashlib.sha256(endpoint_id.encode()).hexdigest(), 16) % 100
        return {
            "ApplicationId": self.application_id,
            "Id": endpoint_id,
            "CohortId": str(cohort),
            "CreationDate": now,
            "OptOut": "NONE",
        }

    def _make_room(self, user_id: str, channel: str) -> None:
        endpoints = self.of_user(user_id)
        if len(endpoints) < MAX_ENDPOINTS_PER_USER:
            return
        candidates = [e for e in endpoints if e.get("ChannelType") in PUSH_CHANNELS]
        if channel not in PUSH_CHANNELS or not candidates:
            raise TooManyEndpointsError(f"The user already has {MAX_ENDPOINTS_PER_USER} endpoints.")
        oldest = min(candidates, key=lambda endpoint: str(endpoint["EffectiveDate"]))
        self._unindex(oldest)
        oldest["EndpointStatus"] = "INACTIVE"
        oldest["User"] = {k: v for k, v in oldest["User"].items() if k != "UserId"}
        self._index(oldest)

    def _retire_others_at(self, endpoint: Endpoint) -> None:
        """Set others at the same address INACTIVE (EndpointStatus in the API reference's EndpointRequest)."""
        for other in self._by_address.get(_address_of(endpoint), {}):
            if other != endpoint["Id"]:
                self.by_id[other]["EndpointStatus"] = "INACTIVE"

    def _index(self, endpoint: Endpoint) -> None:
        if user_of(endpoint):
            self._by_user.setdefault(user_of(endpoint), {})[endpoint["Id"]] = None
        if endpoint.get("Address"):
            self._by_address.setdefault(_address_of(endpoint), {})[endpoint["Id"]] = None

    def _unindex(self, endpoint: Endpoint) -> None:
        self._by_user.get(user_of(endpoint), {}).pop(endpoint["Id"], None)
        self._by_address.get(_address_of(endpoint), {}).pop(endpoint["Id"], None)


def user_of(endpoint: Endpoint) -> str:
    """Return the endpoint's user id, or an empty string."""
    return str(endpoint.get("User", {}).get("UserId") or "")


def _address_of(endpoint: Endpoint) -> tuple[str, str]:
    return str(endpoint.get("ChannelType", "")), str(endpoint.get("Address", ""))


def _merge(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return copy.deepcopy(new)
    merged = dict(old)
    for key, value in new.items():
        merged[key] = _merge(merged[key], value) if key in merged else copy.deepcopy(value)
    return merged
