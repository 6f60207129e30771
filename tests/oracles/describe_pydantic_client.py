"""Rebuilds an OpenAPI description from a client that OpenAPI Generator made, of the kind with pydantic models.

Package, API classes and base path on the command line, the description on stdout. Every operation is called
with a recorder in place of the network, so the description is what the client would send and would accept:
methods, paths, places of parameters, media types, schemas of bodies and of each status's answer. What the
generator dropped is missing here, too: whether an optional field may be null (here: yes).
"""

import ast
import importlib
import inspect
import json
import re
import sys
import typing

from pydantic import TypeAdapter

REFERENCE = "#/components/schemas/{model}"
SCHEMES = {
    "Klaviyo-API-Key": {"type": "apiKey", "in": "header", "name": "Authorization"},
    "basic": {"type": "http", "scheme": "basic"},
}


class Argument:
    """Marks a parameter on its way through the client."""

    def __init__(self, name):
        self.name, self.value = name, self


class Recorder:
    """Stands where the client's ApiClient stands."""

    data = None

    def __init__(self):
        self.options = {}

    def param_serialize(self, **call):
        self.call = call
        return ()

    def select_header_accept(self, types):
        return types

    def select_header_content_type(self, types):
        return types

    def call_api(self, *_, **__):
        return self

    def read(self):
        """There is nothing to read."""

    def response_deserialize(self, *, response_types_map, **_):
        self.answers = response_types_map
        return self


class Describer:
    """Collects schemas while operations are described."""

    def __init__(self, models):
        self.models, self.schemas = models, {}

    def schema(self, annotation):
        """Return a schema; models in it become references."""
        made = TypeAdapter(list[annotation]).json_schema(ref_template=REFERENCE)
        for name, schema in made.pop("$defs", {}).items():
            if name not in self.schemas:
                self.schemas[name] = schema
                self._restore(getattr(self.models, name), schema)
        return made.get("items", {})

    def model(self, name):
        if name.startswith("Dict"):
            return {"type": "object"}
        inner = re.fullmatch(r"List\[(\w+)\]", name)
        if inner:
            return {"type": "array", "items": self.model(inner[1])}
        return self.schema(getattr(self.models, name))

    def _restore(self, model, schema):
        """Put back enumerations and patterns: the generator writes them as code."""
        decorators = getattr(model, "__pydantic_decorators__", None)
        for one in decorators.field_validators.values() if decorators else ():
            source = inspect.getsource(one.func)
            enumeration = re.search(r"set\((\[.*?\])\)", source, re.DOTALL)
            pattern = re.search(r're\.match\(r"(.*?)", value', source)
            for field in one.info.fields:
                target = within(schema["properties"][model.model_fields[field].alias or field])
                if enumeration:
                    target["enum"] = ast.literal_eval(enumeration[1])
                if pattern:
                    target["pattern"] = pattern[1]


def within(schema):
    """Return the schema of the values: below "may be null", and of a list's members."""
    branch = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    return branch["items"] if branch.get("type") == "array" else branch


def describe(describer, api, name):
    """Return method, path and description of one operation."""
    method = getattr(api, name)
    plain = inspect.unwrap(getattr(method, "raw_function", method))
    hints = typing.get_type_hints(plain, include_extras=True)
    given = {
        one.name: one.default is inspect.Parameter.empty
        for one in inspect.signature(plain).parameters.values()
        if one.name not in ("self", "options") and not one.name.startswith("_")
    }
    recorder = api.api_client
    plain(api, **{one: Argument(one) for one, needed in given.items() if needed})
    answers = recorder.answers  # of the call without optional parameters: those can change it
    plain(api, **{one: Argument(one) for one in given})
    call = recorder.call

    def parameter(place, wire, argument):
        schema = describer.schema(hints[argument.name])
        kinds = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        known = {**schema, **kinds[0]} if len(kinds) == 1 else schema
        if len(kinds) == 1:
            del known["anyOf"]
        needed = place == "path" or given[argument.name]
        return {"name": wire, "in": place, "required": needed, "explode": False, "schema": known}

    found = [parameter("path", *pair) for pair in call["path_params"].items()]
    found += [parameter("query", *pair) for pair in call["query_params"]]
    accepted = call["header_params"].get("Accept") or ["application/json"]
    operation = {"operationId": name, "parameters": found, "responses": {}}
    for status, model in answers.items():
        content = {kind: {"schema": describer.model(model)} for kind in accepted} if model else {}
        operation["responses"][status] = {"description": "", "content": content}
    sent = call["header_params"].get("Content-Type") or []
    if isinstance(call["body"], Argument):
        schema = describer.schema(hints[call["body"].name])
        required = given[call["body"].name]
    else:
        schema = {
            "type": "object",
            "required": [wire for wire, argument in call["post_params"] if given[argument.name]],
            "properties": {wire: describer.schema(hints[one.name]) for wire, one in call["post_params"]},
        }
        required = True
    if sent and (call["body"] or call["post_params"]):
        operation["requestBody"] = {
            "required": required,
            "content": {kind: {"schema": schema} for kind in sent},
        }
    bearer = {"type": "http", "scheme": "bearer"}
    operation["security"] = [{scheme: []} for scheme in call["auth_settings"]]
    schemes = {scheme: SCHEMES.get(scheme, bearer) for scheme in call["auth_settings"]}
    return call["method"].lower(), call["resource_path"], operation, schemes


def main(package, classes, base):
    """Describe every operation of the classes."""
    describer = Describer(importlib.import_module(f"{package}.models"))
    paths, schemes = {}, {}
    for kind in classes.split(","):
        api = getattr(importlib.import_module(f"{package}.api"), kind)(Recorder())
        suffixes = ("_with_http_info", "_without_preload_content")
        for name in vars(type(api)):
            if not name.startswith("_") and not name.endswith(suffixes):
                method, path, operation, used = describe(describer, api, name)
                paths.setdefault(base + path, {})[method] = operation
                schemes |= used
    components = {"schemas": describer.schemas, "securitySchemes": schemes}
    info = {"title": f"Rebuilt from {package}", "version": "1"}
    json.dump({"openapi": "3.1.0", "info": info, "paths": paths, "components": components}, sys.stdout)


main(*sys.argv[1:])
