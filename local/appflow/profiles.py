"""Connections (the API calls them connector profiles). Their credentials are taken and never shown."""

from __future__ import annotations

from typing import Any

from local.appflow.state import AppFlowState, not_found, now, page
from local.modelled import ServiceError


class Profiles(AppFlowState):
    """CreateConnectorProfile, DescribeConnectorProfiles, DeleteConnectorProfile."""

    def create_connector_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Keep a connection. Only Salesforce has something behind it here."""
        name = request["connectorProfileName"]
        if name in self.profiles:
            raise ServiceError("ConflictException", f"Connector profile {name} exists.", 409)
        if request["connectorType"] != "Salesforce":
            raise ServiceError("ValidationException", f"not implemented here: {request['connectorType']}")
        arn = self.cloud.arn("appflow", f"connectorprofile/{name}")
        self.profiles[name] = {
            "connectorProfileArn": arn,
            "connectorProfileName": name,
            "connectorType": "Salesforce",
            "connectionMode": request["connectionMode"],
            "connectorProfileProperties": request["connectorProfileConfig"]["connectorProfileProperties"],
            "createdAt": now(),
            "lastUpdatedAt": now(),
        }
        return {"connectorProfileArn": arn}

    def describe_connector_profiles(self, request: dict[str, Any]) -> dict[str, Any]:
        """List connections, by name if names are given."""
        wanted = request.get("connectorProfileNames")
        found = [profile for name, profile in self.profiles.items() if not wanted or name in wanted]
        return page(found, request, "connectorProfileDetails")

    def delete_connector_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a connection that no flow uses, or any with forceDelete."""
        name = request["connectorProfileName"]
        if name not in self.profiles:
            raise not_found(f"Connector profile {name}")
        if not request.get("forceDelete") and any(
            profile_of(flow.request) == name for flow in self.flows.values()
        ):
            raise ServiceError("ConflictException", f"Connector profile {name} is used by a flow.", 409)
        del self.profiles[name]
        return {}


def profile_of(flow: dict[str, Any]) -> str:
    """Return the name of the connection a flow writes through."""
    return str(flow["destinationFlowConfigList"][0].get("connectorProfileName", ""))
