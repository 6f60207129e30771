"""Lets stacks create servers, users and workflows: handlers in the shape of MiniStack's `_RESOURCE_HANDLERS`.

Property and return values: the resource schemas AWS::Transfer::Server, ::User and ::Workflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.transfer_server.service import TransferFamily

Created = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt


def handlers(service: TransferFamily) -> dict[str, dict[str, Any]]:
    """Return the handlers of the three types, working on `service`."""
    return {
        "AWS::Transfer::Server": _servers(service),
        "AWS::Transfer::User": _users(service),
        "AWS::Transfer::Workflow": _workflows(service),
    }


def _servers(service: TransferFamily) -> dict[str, Any]:
    def made(server_id: str) -> Created:
        described = service.servers[server_id].described
        facts = {name: described[name] for name in ("Arn", "ServerId", "State")}
        return described["Arn"], facts

    def create(_logical_id: str, props: dict[str, Any], _stack_name: str) -> Created:
        with service.lock:
            return made(service.create_server(props)["ServerId"])

    def update(physical_id: str, _old: dict[str, Any], new: dict[str, Any], _stack_name: str) -> Created:
        server_id = physical_id.rpartition("/")[2]
        with service.lock:
            service.update_server({**new, "ServerId": server_id})
            return made(server_id)

    def delete(physical_id: str, _props: dict[str, Any]) -> None:
        with service.lock:
            server = service.servers.pop(physical_id.rpartition("/")[2], None)
        if server:
            server.listener.close()

    return {"create": create, "update": update, "delete": delete}


def _users(service: TransferFamily) -> dict[str, Any]:
    def create(_logical_id: str, props: dict[str, Any], _stack_name: str) -> Created:
        keys = props.get("SshPublicKeys") or []
        request = {name: value for name, value in props.items() if name != "SshPublicKeys"}
        with service.lock:
            service.create_user(request)
            for key in keys:
                service.import_ssh_public_key({**request, "SshPublicKeyBody": key})
            arn = service.describe_user(request)["User"]["Arn"]
        return arn, {"Arn": arn, "ServerId": props["ServerId"], "UserName": props["UserName"]}

    def delete(_physical_id: str, props: dict[str, Any]) -> None:
        with service.lock:
            if props["ServerId"] in service.servers:
                service.servers[props["ServerId"]].users.pop(props["UserName"], None)

    return {"create": create, "delete": delete}


def _workflows(service: TransferFamily) -> dict[str, Any]:
    def create(_logical_id: str, props: dict[str, Any], _stack_name: str) -> Created:
        with service.lock:
            workflow_id = service.create_workflow(_request(props))["WorkflowId"]
            return workflow_id, {
                "Arn": service.workflows[workflow_id].described["Arn"],
                "WorkflowId": workflow_id,
            }

    def delete(physical_id: str, _props: dict[str, Any]) -> None:
        with service.lock:
            service.workflows.pop(physical_id, None)

    return {"create": create, "delete": delete}


def _request(value: Any) -> Any:
    """Return the properties in the API's types: CloudFormation hands numbers over as text."""
    if isinstance(value, list):
        return [_request(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: int(v) if k == "TimeoutSeconds" else _request(v) for k, v in value.items()}
