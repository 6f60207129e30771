"""Lets stacks create flows: handlers in the shape of MiniStack's `_RESOURCE_HANDLERS`.

Property names: the resource schema AWS::AppFlow::Flow (Ref is the flow's name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from botocore.model import Shape

    from local.appflow.service import AppFlow

Created = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt
_OTHER_NAMES = {
    "failonfirsterror": "failOnFirstDestinationError"
}  # CloudFormation's word, lower-case -> the API's


def handlers(service: AppFlow) -> dict[str, dict[str, Any]]:
    """Return the handlers of AWS::AppFlow::Flow, working on `service`."""

    def request_of(operation: str, props: dict[str, Any]) -> dict[str, Any]:
        shape = cast("Shape", service.model.operation_model(operation).input_shape)
        kept = {name: value for name, value in props.items() if name not in ("FlowStatus", "Tags")}
        request: dict[str, Any] = to_api(kept, shape)
        if operation == "CreateFlow" and props.get("Tags"):
            request["tags"] = {tag["Key"]: tag["Value"] for tag in props["Tags"]}
        return request

    def create(_logical_id: str, props: dict[str, Any], _stack_name: str) -> Created:
        with service.lock:
            made = service.create_flow(request_of("CreateFlow", props))
        return props["FlowName"], {"FlowArn": made["flowArn"]}

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Created:
        if old["FlowName"] != new["FlowName"]:  # FlowName: replacement
            created = create("", new, stack_name)
            delete(physical_id, old)
            return created
        with service.lock:
            service.update_flow(request_of("UpdateFlow", new))
            return physical_id, {"FlowArn": service.flows[physical_id].answer["flowArn"]}

    def delete(physical_id: str, _props: dict[str, Any]) -> None:
        with service.lock:
            service.flows.pop(physical_id, None)

    return {"AWS::AppFlow::Flow": {"create": create, "update": update, "delete": delete}}


def to_api(value: Any, shape: Shape) -> Any:
    """Return CloudFormation's properties in the names and forms of the API."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        names = {name.lower(): name for name in shape.members}
        found = {}
        for name, item in value.items():
            own = _OTHER_NAMES.get(name.lower()) or names[name.lower()]
            found[own] = to_api(item, shape.members[own])
        return found
    if kind == "list":
        return [to_api(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, list):
        return {item["Key"]: item["Value"] for item in value}
    if kind == "boolean" and isinstance(value, str):
        return value == "true"
    return value
