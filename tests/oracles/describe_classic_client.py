"""Rebuilds an OpenAPI description from a client that OpenAPI Generator made, of the kind before pydantic.

Package, API classes and base path on the command line, the description on stdout. Such a client carries its
operations and models as tables; what they lack is missing here, too: the answers of failures have no schema.
"""

import importlib
import inspect
import json
import re
import sys
from datetime import date, datetime

TYPES = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    dict: {"type": "object"},
    list: {"type": "array"},
    type(None): {"type": "null"},
}
RULES = {
    "max_length": "maxLength",
    "min_length": "minLength",
    "max_items": "maxItems",
    "min_items": "minItems",
    "inclusive_maximum": "maximum",
    "inclusive_minimum": "minimum",
    "exclusive_maximum": "exclusiveMaximum",
    "exclusive_minimum": "exclusiveMinimum",
}
SCHEMES = {"basic": {"type": "http", "scheme": "basic"}}


class Describer:
    """Collects schemas while operations are described."""

    def __init__(self):
        self.schemas = {}

    def kinds(self, found):
        """Return the schema of a tuple of types: any of them; all of them means that nothing is said."""
        if set(TYPES) <= {one for one in found if isinstance(one, type)}:
            return {}
        made = [self.kind(one) for one in found]
        return made[0] if len(made) == 1 else {"anyOf": made}

    def kind(self, found):
        if isinstance(found, list):
            return {"type": "array", "items": self.kinds(as_tuple(found[0]))}
        if isinstance(found, dict):
            return {"type": "object", "additionalProperties": self.kinds(as_tuple(found[str]))}
        return TYPES.get(found) or self.model(found)

    def model(self, kind):
        name = kind.__name__
        if name not in self.schemas:
            self.schemas[name] = {}  # so that a model that holds itself ends
            self.schemas[name] = self._model(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _model(self, kind):
        composed = getattr(kind, "_composed_schemas", None) or {}
        made = {how: [self.kind(one) for one in parts] for how, parts in composed.items() if parts}
        types = kind.openapi_types
        if set(types) == {"value"}:
            return made | restrict(kind, ("value",), self.kinds(types["value"]))
        made["properties"] = {
            kind.attribute_map.get(name, name): restrict(kind, (name,), self.kinds(found))
            for name, found in types.items()
        }
        arguments = inspect.signature(kind._from_openapi_data).parameters  # names of what a model must have
        needed = [kind.attribute_map[name] for name in arguments if name in types]
        return {"type": "object", **made, "required": needed}


def as_tuple(found):
    return found if isinstance(found, tuple) else (found,)


def restrict(holder, path, schema):
    """Add the enumeration, pattern and bounds that the client keeps beside the types."""
    allowed = holder.allowed_values.get(path)
    if allowed:
        schema = {**schema, "enum": list(allowed.values())}
    for rule, value in holder.validations.get(path, {}).items():
        if rule == "regex":
            schema = {**schema, "pattern": value["pattern"]}
        elif rule in RULES:
            schema = {**schema, RULES[rule]: value}
    return schema


def describe(describer, endpoint):
    """Return one operation's description."""
    parameters, form, body = [], {}, None
    for name, place in endpoint.location_map.items():
        schema = restrict(endpoint, (name,), describer.kinds(endpoint.openapi_types[name]))
        wire = endpoint.attribute_map.get(name, name)
        if place == "body":
            body = schema
        elif place == "form":
            form[wire] = schema
        else:
            made = {"name": wire, "in": place, "required": name in endpoint.params_map["required"]}
            parameters.append({**made, "explode": False, "schema": schema})
    needed = [name for name in form if name in endpoint.params_map["required"]]
    sent = {"schema": body or {"type": "object", "properties": form, "required": needed}}
    accepted = endpoint.headers_map["accept"] or ["application/json"]
    answer = describer.kinds(endpoint.settings["response_type"]) if endpoint.settings["response_type"] else {}
    made = {
        "operationId": endpoint.settings["operation_id"],
        "parameters": parameters,
        "security": [{scheme: []} for scheme in endpoint.settings["auth"]],
        "responses": {
            "2XX": {"description": "", "content": {kind: {"schema": answer} for kind in accepted}},
            "default": {"description": ""},
        },
    }
    if body or form:
        kinds = endpoint.headers_map["content_type"]
        made["requestBody"] = {"required": True, "content": dict.fromkeys(kinds, sent)}
    return made


def main(package, classes, base):
    """Describe every operation of the classes."""
    describer, paths, schemes = Describer(), {}, {}
    bearer = {"type": "http", "scheme": "bearer"}
    client = importlib.import_module(f"{package}.api_client")
    for kind in classes.split(","):
        module = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()  # the package of all of them does not import
        api = getattr(importlib.import_module(f"{package}.api.{module}"), kind)(client.ApiClient())
        for endpoint in vars(api).values():
            if isinstance(endpoint, client.Endpoint):
                path, method = endpoint.settings["endpoint_path"], endpoint.settings["http_method"].lower()
                paths.setdefault(base + path, {})[method] = describe(describer, endpoint)
                schemes |= {one: SCHEMES.get(one, bearer) for one in endpoint.settings["auth"]}
    components = {"schemas": describer.schemas, "securitySchemes": schemes}
    info = {"title": f"Rebuilt from {package}", "version": "1"}
    json.dump({"openapi": "3.1.0", "info": info, "paths": paths, "components": components}, sys.stdout)


main(*sys.argv[1:])
