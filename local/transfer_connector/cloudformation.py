"""Lets stacks create connectors: handlers in the shape of MiniStack's `_RESOURCE_HANDLERS`.

Property and return values: the resource schema AWS::Transfer::Connector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.transfer_connector.service import TransferConnectors

Created = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt


def handlers(service: TransferConnectors) -> dict[str, dict[str, Any]]:
    """Return the handlers of AWS::Transfer::Connector, working on `service`."""

    def created(connector_id: str) -> Created:
        described = service.connectors[connector_id].described
        return connector_id, {
            "Arn": described["Arn"],
            "ConnectorId": connector_id,
            "Status": described["Status"],
        }

    def create(_logical_id: str, props: dict[str, Any], _stack_name: str) -> Created:
        with service.lock:
            return created(service.create_connector(_request(props))["ConnectorId"])

    def update(physical_id: str, _old: dict[str, Any], new: dict[str, Any], _stack_name: str) -> Created:
        with service.lock:
            service.update_connector({"ConnectorId": physical_id, **_request(new)})
            return created(physical_id)

    def delete(physical_id: str, _props: dict[str, Any]) -> None:
        with service.lock:
            service.connectors.pop(physical_id, None)

    return {"AWS::Transfer::Connector": {"create": create, "update": update, "delete": delete}}


def _request(props: dict[str, Any]) -> dict[str, Any]:
    """Return the properties in the API's types: CloudFormation hands numbers over as text."""
    config = dict(props.get("SftpConfig") or {})
    if "MaxConcurrentConnections" in config:
        config["MaxConcurrentConnections"] = int(config["MaxConcurrentConnections"])
    return {**props, "SftpConfig": config} if config else dict(props)
