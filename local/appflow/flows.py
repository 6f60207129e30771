"""Flows: from CSV files below a prefix of a bucket to an object of Salesforce, started on demand."""

from __future__ import annotations

import copy
from typing import Any

from local.appflow.profiles import Profiles, profile_of
from local.appflow.state import Flow, not_found, now, page
from local.modelled import ServiceError

_KEPT = (
    "description",
    "flowName",
    "kmsArn",
    "sourceFlowConfig",
    "destinationFlowConfigList",
    "tasks",
    "triggerConfig",
    "tags",
    "metadataCatalogConfig",
)


class Flows(Profiles):
    """CreateFlow, UpdateFlow, DescribeFlow, ListFlows, DeleteFlow and tags."""

    def create_flow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make a flow; one started on demand is Active at once."""
        name = request["flowName"]
        if name in self.flows:
            raise ServiceError("ConflictException", f"Flow {name} already exists.", 409)
        self._check(request)
        arn = self.cloud.arn("appflow", f"flow/{name}")
        answer = {"flowArn": arn, "flowStatus": "Active", "createdAt": now(), "createdBy": self.cloud.account}
        self.flows[name] = Flow(copy.deepcopy({k: request[k] for k in _KEPT if k in request}), answer)
        return {"flowArn": arn, "flowStatus": "Active"}

    def update_flow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Replace what a flow does."""
        flow = self.flow(request)
        self._check(request)
        flow.request = copy.deepcopy({k: request[k] for k in _KEPT if k in request})
        flow.answer["lastUpdatedAt"] = now()
        return {"flowStatus": "Active"}

    def describe_flow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell everything about a flow."""
        flow = self.flow(request)
        last = {"lastRunExecutionDetails": _last_run(flow)} if flow.runs else {}
        return {**flow.request, **flow.answer, **last}

    def list_flows(self, request: dict[str, Any]) -> dict[str, Any]:
        """List flows in the order they were made."""
        shown = [
            {
                **flow.answer,
                "flowName": name,
                "sourceConnectorType": "S3",
                "destinationConnectorType": "Salesforce",
                "triggerType": flow.request["triggerConfig"]["triggerType"],
            }
            for name, flow in self.flows.items()
        ]
        return page(shown, request, "flows")

    def delete_flow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a flow that is not running, or any with forceDelete."""
        flow = self.flow(request)
        if not request.get("forceDelete") and any(
            run["executionStatus"] == "InProgress" for run in flow.runs
        ):
            raise ServiceError("ConflictException", f"Flow {request['flowName']} is running.", 409)
        del self.flows[request["flowName"]]
        return {}

    def tag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Add tags to a flow."""
        self._tagged(request["resourceArn"]).setdefault("tags", {}).update(request["tags"])
        return {}

    def list_tags_for_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tell a flow's tags."""
        return {"tags": self._tagged(request["resourceArn"]).get("tags", {})}

    def _tagged(self, arn: str) -> dict[str, Any]:
        for flow in self.flows.values():
            if flow.answer["flowArn"] == arn:
                return flow.request
        raise not_found(arn)

    def _check(self, request: dict[str, Any]) -> None:
        source, destination = request["sourceFlowConfig"], request["destinationFlowConfigList"][0]
        if source["connectorType"] != "S3" or destination["connectorType"] != "Salesforce":
            raise ServiceError(
                "ValidationException", "not implemented here: flows other than S3 to Salesforce"
            )
        if request["triggerConfig"]["triggerType"] != "OnDemand":
            raise ServiceError("ValidationException", "not implemented here: flows that start by themselves")
        if len(request["destinationFlowConfigList"]) != 1:
            raise ServiceError("ValidationException", "A flow has one destination.")
        if not source["sourceConnectorProperties"].get("S3", {}).get("bucketPrefix"):
            raise ServiceError("ValidationException", "S3 source needs a bucketPrefix.")
        if profile_of(request) not in self.profiles:
            raise not_found(f"Connector profile {profile_of(request)}")
        target = destination["destinationConnectorProperties"].get("Salesforce")
        if not target:
            raise ServiceError("ValidationException", "destinationConnectorProperties has no Salesforce.")
        if target.get("writeOperationType", "INSERT") != "UPSERT":
            raise ServiceError("ValidationException", "not implemented here: writes other than UPSERT")
        if len(target.get("idFieldNames", [])) != 1:
            raise ServiceError("ValidationException", "UPSERT needs one field in idFieldNames.")


def _last_run(flow: Flow) -> dict[str, Any]:
    run = flow.runs[-1]
    return {"mostRecentExecutionTime": run["startedAt"], "mostRecentExecutionStatus": run["executionStatus"]}
