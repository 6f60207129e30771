"""Domains and object types: what a stack sets up before any profile arrives."""

from __future__ import annotations

from typing import Any

from local.customer_profiles.mapping import check_targets
from local.customer_profiles.state import (
    Domain,
    ProfilesState,
    bad_request,
    given,
    not_found,
    not_implemented,
    now,
    page,
)
from local.key_use import KeyDenied


class Domains(ProfilesState):
    """Create, get, list, update and delete domains and object types."""

    def create_domain(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a domain."""
        if request["DomainName"] in self.domains:
            raise bad_request(f"Domain {request['DomainName']} already exists.")
        _refuse_identity_resolution(request)
        key = request.get("DefaultEncryptionKey")
        if key and self.cloud.keys:
            try:
                arn = self.cloud.arn("profile", f"domains/{request['DomainName']}")
                self.cloud.keys.require("profile", key, source=arn)
            except KeyDenied as denied:
                raise bad_request(str(denied)) from denied
        moment = now()
        self.domains[request["DomainName"]] = Domain(
            {**request, "CreatedAt": moment, "LastUpdatedAt": moment}
        )
        return self.domains[request["DomainName"]].answer

    def get_domain(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a domain with its counts. `TotalSize` is the characters of the objects put into it."""
        domain = self.domain(request)
        objects = [o for table in domain.objects.values() for o in table.values()]
        stats = {
            "ProfileCount": len(domain.profiles.by_id),
            "MeteringProfileCount": len(domain.profiles.by_id),
            "ObjectCount": len(objects),
            "TotalSize": sum(len(o.text) for o in objects),
        }
        return {**domain.answer, "Stats": stats}

    def list_domains(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the domains, oldest first."""
        return page([domain.answer for domain in self.domains.values()], request)

    def update_domain(self, request: dict[str, Any]) -> dict[str, Any]:
        """Change what the request names."""
        domain = self.domain(request)
        _refuse_identity_resolution(request)
        domain.answer = {**domain.answer, **request, "LastUpdatedAt": now()}
        return domain.answer

    def delete_domain(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a domain with everything in it."""
        self.domain(request)
        del self.domains[request["DomainName"]]
        return {"Message": f"Domain {request['DomainName']} was deleted."}

    def put_profile_object_type(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create or replace an object type."""
        domain, name = self.domain(request), request["ObjectTypeName"]
        if "TemplateId" in request:
            raise not_implemented("PutProfileObjectType with TemplateId")
        problem = check_targets(request.get("Fields", {})) or _problem_with_keys(request)
        if problem:
            raise bad_request(problem)
        moment = now()
        created = domain.object_types[name]["CreatedAt"] if name in domain.object_types else moment
        domain.object_types[name] = {
            "AllowProfileCreation": False,
            "ExpirationDays": domain.answer["DefaultExpirationDays"],
            **given(request, "DomainName"),
            "CreatedAt": created,
            "LastUpdatedAt": moment,
        }
        return domain.object_types[name]

    def get_profile_object_type(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one object type."""
        return self.object_type(self.domain(request), request["ObjectTypeName"])

    def list_profile_object_types(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the domain's object types, oldest first."""
        return page(list(self.domain(request).object_types.values()), request)

    def delete_profile_object_type(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete an object type and its objects. What they had written on profiles stays, unlike on AWS."""
        domain = self.domain(request)
        self.object_type(domain, request["ObjectTypeName"])
        del domain.object_types[request["ObjectTypeName"]]
        domain.objects.pop(request["ObjectTypeName"], None)
        return {"Message": f"Object type {request['ObjectTypeName']} was deleted."}

    def object_type(self, domain: Domain, name: str) -> dict[str, Any]:
        """Return an object type. Raises ResourceNotFoundException."""
        if name not in domain.object_types:
            raise not_found("Object type", name)
        return domain.object_types[name]


def _refuse_identity_resolution(request: dict[str, Any]) -> None:
    for name in ("Matching", "RuleBasedMatching"):
        if request.get(name, {}).get("Enabled"):
            raise not_implemented(f"identity resolution ({name})")


def _problem_with_keys(request: dict[str, Any]) -> str:
    fields, keys = request.get("Fields", {}), request.get("Keys", {})
    unique = 0
    for name, parts in keys.items():
        for part in parts:
            missing = [f for f in part.get("FieldNames", []) if f not in fields]
            if missing:
                return f"Key {name} names fields that are not there: {', '.join(missing)}."
            unique += "UNIQUE" in part.get("StandardIdentifiers", [])
    return "An object type has exactly one UNIQUE key." if keys and unique != 1 else ""
