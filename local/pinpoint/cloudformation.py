"""Lets stacks create Pinpoint projects: handlers in the shape of MiniStack's `_RESOURCE_HANDLERS`.

Property and return values: the resource schema AWS::Pinpoint::App (Ref is the application id).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.pinpoint.service import Pinpoint

Created = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt


def handlers(service: Pinpoint) -> dict[str, dict[str, Any]]:
    """Return the handlers of AWS::Pinpoint::App, working on `service`."""

    def create(_logical_id: str, props: dict[str, Any], _stack_name: str) -> Created:
        tags = props.get("Tags", {})
        request = {"Name": props["Name"], "tags": json.loads(tags) if isinstance(tags, str) else tags}
        with service.lock:
            app = service.create_app({"CreateApplicationRequest": request})["ApplicationResponse"]
        return app["Id"], {"Arn": app["Arn"], "Id": app["Id"]}

    def delete(physical_id: str, _props: dict[str, Any]) -> None:
        with service.lock:
            service.apps.pop(physical_id, None)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Created:
        if old.get("Name") != new.get("Name"):  # Name: replacement
            created = create("", new, stack_name)
            delete(physical_id, old)
            return created
        tags = new.get("Tags", {})
        with service.lock:
            answer = service.app({"ApplicationId": physical_id}).answer
            answer["tags"] = json.loads(tags) if isinstance(tags, str) else tags
        return physical_id, {"Arn": answer["Arn"], "Id": physical_id}

    return {"AWS::Pinpoint::App": {"create": create, "update": update, "delete": delete}}
