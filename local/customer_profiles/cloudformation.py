"""Lets stacks create domains, object types and segments: handlers in the shape of MiniStack's own.

Properties, create-only ones and identifiers: the resource schemas of AWS::CustomerProfiles::*. `Ref` is
the primary identifier; of two parts they are joined by `|`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from local.customer_profiles.state import given
from local.modelled import ServiceError, check

if TYPE_CHECKING:
    from botocore.model import Shape

    from local.customer_profiles.service import CustomerProfiles

Props = dict[str, Any]
Created = tuple[str, dict[str, Any]]  # physical id, attributes for Fn::GetAtt
_FIXED_SEGMENT = ("DomainName", "SegmentDefinitionName", "DisplayName", "SegmentGroups", "SegmentSqlQuery")


def handlers(service: CustomerProfiles) -> dict[str, dict[str, Any]]:
    """Return the handlers of the three resource types, working on `service`."""
    return {
        "AWS::CustomerProfiles::Domain": _Domains(service).handlers(),
        "AWS::CustomerProfiles::ObjectType": _ObjectTypes(service).handlers(),
        "AWS::CustomerProfiles::SegmentDefinition": _Segments(service).handlers(),
    }


class _Types(ABC):
    """What the three types share."""

    def __init__(self, service: CustomerProfiles) -> None:
        self.service = service

    def handlers(self) -> dict[str, Any]:
        return {"create": self.create, "update": self.update, "delete": self.delete}

    @abstractmethod
    def create(self, _logical_id: str, props: Props, _stack_name: str) -> Created:
        """Answer CloudFormation."""

    @abstractmethod
    def update(self, physical_id: str, old: Props, new: Props, stack_name: str) -> Created:
        """Answer CloudFormation."""

    @abstractmethod
    def delete(self, physical_id: str, props: Props) -> None:
        """Answer CloudFormation."""

    def call(self, operation: str, props: Props) -> dict[str, Any]:
        """Perform an operation of the API with a template's properties."""
        shape = self.service.model.operation_model(operation).input_shape
        request = _typed(props, shape)
        problems = check(request, shape)
        if problems:
            raise ServiceError("BadRequestException", "; ".join(problems))
        with self.service.lock:
            answer: dict[str, Any] = getattr(self.service, xform_name(operation))(request)
        return answer

    def delete_by(self, operation: str, identifier: Props) -> None:
        """Delete, and be content when it is gone already."""
        try:
            self.call(operation, identifier)
        except ServiceError as error:
            if error.status != 404:
                raise


class _Domains(_Types):
    def create(self, _logical_id: str, props: Props, _stack_name: str) -> Created:
        return props["DomainName"], _times(self.call("CreateDomain", _with_tag_map(props)))

    def update(self, physical_id: str, old: Props, new: Props, stack_name: str) -> Created:
        if new["DomainName"] != physical_id:
            created = self.create("", new, stack_name)
            self.delete(physical_id, old)
            return created
        return physical_id, _times(self.call("UpdateDomain", _with_tag_map(new)))

    def delete(self, physical_id: str, _props: Props) -> None:
        self.delete_by("DeleteDomain", {"DomainName": physical_id})


class _ObjectTypes(_Types):
    def create(self, _logical_id: str, props: Props, _stack_name: str) -> Created:
        request = _with_tag_map(props)
        for name, part in (("Fields", "ObjectTypeField"), ("Keys", "ObjectTypeKeyList")):
            if name in request:
                request[name] = {item["Name"]: item[part] for item in request[name]}
        answer = self.call("PutProfileObjectType", request)
        return f"{props['DomainName']}|{props['ObjectTypeName']}", _times(answer)

    def update(self, physical_id: str, old: Props, new: Props, stack_name: str) -> Created:
        created = self.create("", new, stack_name)
        if created[0] != physical_id:
            self.delete(physical_id, old)
        return created

    def delete(self, physical_id: str, _props: Props) -> None:
        domain, _, name = physical_id.partition("|")
        self.delete_by("DeleteProfileObjectType", {"DomainName": domain, "ObjectTypeName": name})


class _Segments(_Types):
    def create(self, _logical_id: str, props: Props, _stack_name: str) -> Created:
        answer = self.call("CreateSegmentDefinition", _with_tag_map(props))
        physical_id = f"{props['DomainName']}|{props['SegmentDefinitionName']}"
        return physical_id, self._attributes(answer)

    def update(self, physical_id: str, old: Props, new: Props, stack_name: str) -> Created:
        if f"{new['DomainName']}|{new['SegmentDefinitionName']}" != physical_id:
            created = self.create("", new, stack_name)
            self.delete(physical_id, old)
            return created
        changed = [name for name in _FIXED_SEGMENT if old.get(name) != new.get(name)]
        if changed:
            raise ValueError(
                f"CloudFormation cannot replace the custom-named segment {physical_id} "
                f"({', '.join(changed)} changed). Rename it."
            )
        with self.service.lock:
            domain = self.service.domain({"DomainName": new["DomainName"]})
            segment = self.service.segment(domain, new["SegmentDefinitionName"])
            kept = given(segment, "Description", "Tags", "SegmentSort")
            wishes = {"Description": new.get("Description"), "SegmentSort": new.get("SegmentSort")}
            wishes["Tags"] = _with_tag_map(new).get("Tags")
            segment = {**kept, **{k: v for k, v in wishes.items() if v is not None}}
            domain.segments[new["SegmentDefinitionName"]] = segment
        return physical_id, self._attributes(segment)

    def delete(self, physical_id: str, _props: Props) -> None:
        domain, _, name = physical_id.partition("|")
        self.delete_by("DeleteSegmentDefinition", {"DomainName": domain, "SegmentDefinitionName": name})

    def _attributes(self, segment: dict[str, Any]) -> dict[str, Any]:
        return {
            "CreatedAt": segment["CreatedAt"].isoformat(),
            "SegmentDefinitionArn": segment["SegmentDefinitionArn"],
            "SegmentType": segment["SegmentType"],
        }


def _times(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name].isoformat() for name in ("CreatedAt", "LastUpdatedAt")}


def _with_tag_map(props: Props) -> Props:
    """Return properties with the list of tags as the API's map (none when empty)."""
    tags = {tag["Key"]: tag["Value"] for tag in props.get("Tags", [])}
    rest = given(props, "Tags")
    return {**rest, "Tags": tags} if tags else rest


def _typed(value: Any, shape: Shape) -> Any:
    """Return a template's value with numbers and booleans, which a template may write as text."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members: dict[str, Any] = shape.members
        return {k: _typed(v, members[k]) if k in members else v for k, v in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_typed(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {k: _typed(v, shape.value) for k, v in value.items()}
    if shape.type_name in ("integer", "long") and isinstance(value, str) and value.isdigit():
        return int(value)
    if shape.type_name == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
