"""Objects put into a domain one by one: each finds or creates its profile by the keys of its type."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

from local.customer_profiles.domains import Domains
from local.customer_profiles.mapping import BadValueError, change_from
from local.customer_profiles.state import Domain, ProfileObject, bad_request, not_found, page


class Objects(Domains):
    """PutProfileObject, ListProfileObjects, DeleteProfileObject."""

    def put_profile_object(self, request: dict[str, Any]) -> dict[str, Any]:
        """Store an object and bring its mapped fields to the profile its keys lead to."""
        domain = self.domain(request)
        kind = self.object_type(domain, request["ObjectTypeName"])
        try:
            source = json.loads(request["Object"])
        except ValueError as error:
            raise bad_request("Object is not JSON.") from error
        if not isinstance(source, dict):
            raise bad_request("Object is not a JSON object.")
        fields = kind.get("Fields", {})
        values = {
            name: _read(source, field.get("Source", f"_source.{name}")) for name, field in fields.items()
        }
        values = {name: value for name, value in values.items() if value}
        try:
            change = change_from(values, fields)
        except BadValueError as error:
            raise bad_request(f"{error}.") from error
        keys = _keys_of(kind, values)
        profile_id = _find(domain, kind, keys)
        if not profile_id and kind["AllowProfileCreation"]:
            profile_id = domain.profiles.create({}, kind["ExpirationDays"])
        if profile_id:
            domain.profiles.update(profile_id, change, kind["ExpirationDays"])
            for name, value in keys.items():
                if "LOOKUP_ONLY" not in _roles(kind, name):
                    domain.profiles.add_key(profile_id, name, value)
        unique = next(
            (value for name, value in keys.items() if "UNIQUE" in _roles(kind, name)), uuid.uuid4().hex
        )
        digest = hashlib.sha256(f"{request['ObjectTypeName']}\n{unique}".encode()).digest()
        unique_key = base64.urlsafe_b64encode(digest).decode()
        table = domain.objects.setdefault(request["ObjectTypeName"], {})
        table[unique_key] = ProfileObject(request["Object"], profile_id, keys)
        return {"ProfileObjectUniqueKey": unique_key}

    def list_profile_objects(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the objects of one type that belong to a profile, optionally with one of its keys."""
        domain = self.domain(request)
        self.object_type(domain, request["ObjectTypeName"])
        if request["ProfileId"] not in domain.profiles.by_id:
            raise not_found("Profile", request["ProfileId"])
        wanted = request.get("ObjectFilter")
        items = [
            {"ObjectTypeName": request["ObjectTypeName"], "ProfileObjectUniqueKey": key, "Object": o.text}
            for key, o in domain.objects.get(request["ObjectTypeName"], {}).items()
            if o.profile_id == request["ProfileId"]
            and (wanted is None or o.keys.get(wanted["KeyName"]) in wanted["Values"])
        ]
        return page(items, request)

    def delete_profile_object(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete one object; its profile stays as it is."""
        table = self.domain(request).objects.get(request["ObjectTypeName"], {})
        found = table.get(request["ProfileObjectUniqueKey"])
        if found is None or found.profile_id != request["ProfileId"]:
            raise not_found("Profile object", request["ProfileObjectUniqueKey"])
        del table[request["ProfileObjectUniqueKey"]]
        return {"Message": "The object was deleted."}


def _read(source: dict[str, Any], path: str) -> str:
    place: Any = source
    for part in path.removeprefix("_source.").split("."):
        place = place.get(part) if isinstance(place, dict) else None
    if isinstance(place, bool) or place is None or isinstance(place, dict | list):
        return "" if place is None else json.dumps(place)
    return str(place)


def _keys_of(kind: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """Return the object's keys with their values; a key of several fields joins them with `|`."""
    keys = {}
    for name, parts in kind.get("Keys", {}).items():
        names = [field for part in parts for field in part.get("FieldNames", [])]
        if names and all(field in values for field in names):
            keys[name] = "|".join(values[field] for field in names)
    return keys


def _roles(kind: dict[str, Any], key: str) -> set[str]:
    return {role for part in kind["Keys"][key] for role in part.get("StandardIdentifiers", [])}


def _find(domain: Domain, kind: dict[str, Any], keys: dict[str, str]) -> str:
    """Return the profile an object belongs to: by its PROFILE keys, the SECONDARY ones last."""
    usable = [
        name for name in keys if "PROFILE" in _roles(kind, name) and "NEW_ONLY" not in _roles(kind, name)
    ]
    for name in sorted(usable, key=lambda n: "SECONDARY" in _roles(kind, n)):
        found = domain.profiles.find(name, keys[name])
        if found:
            return found[0]
    return ""
