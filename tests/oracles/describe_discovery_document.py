"""Turns one of Google's discovery documents, which google-api-python-client ships, into an OpenAPI description.

Package, name of the document and base path on the command line, the description on stdout. Google's servers
refuse a JSON property that they do not know, so objects are closed here.
"""

import importlib
import json
import re
import sys
from pathlib import Path

KEPT = ("type", "enum", "readOnly", "description")
FORMATS = {"google-datetime": "date-time", "date-time": "date-time"}
REFERENCE = "#/components/schemas/"


def translate(schema):
    """Return a discovery schema as JSON Schema."""
    if "$ref" in schema:
        return {"$ref": REFERENCE + schema["$ref"]}
    made = {name: schema[name] for name in KEPT if name in schema}
    if made.get("type") == "any":
        return {}
    if schema.get("format") in FORMATS:
        made["format"] = FORMATS[schema["format"]]
    if schema.get("format") in ("int64", "uint64") and made["type"] == "string":
        made["pattern"] = r"^-?\d+$"  # JSON of 64 bits is text
    if "items" in schema:
        made["items"] = translate(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: translate(one) for name, one in schema["properties"].items()}
    if made.get("type") == "object":
        more = schema.get("additionalProperties")
        made["additionalProperties"] = translate(more) if more else False
    return made


def methods(resource):
    """Yield the methods of a resource and of those below it."""
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from methods(below)


def describe(method, common):
    """Return a method as an OpenAPI operation."""
    path = method.get("flatPath", method["path"])
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [
        {"name": name, "in": "query", "required": bool(one.get("required")), "schema": translate(one)}
        for name, one in {**common, **method["parameters"]}.items()
        if one["location"] == "query"
    ]
    answer = {"schema": translate(method["response"])}
    made = {
        "operationId": method["id"],
        "parameters": parameters,
        "security": [{"oauth2": []}],
        "responses": {
            "2XX": {"description": "", "content": {"application/json": answer}},
            "default": {"description": ""},
        },
    }
    if "request" in method:
        sent = {"application/json": {"schema": translate(method["request"])}}
        made["requestBody"] = {"required": True, "content": sent}
    return path, made


def main(package, name, base):
    """Describe every method of the document."""
    folder = Path(importlib.import_module(package).__file__).parent
    document = json.loads((folder / "documents" / name).read_text(encoding="utf-8"))
    paths = {}
    for method in methods(document):
        path, operation = describe(method, document["parameters"])
        paths.setdefault(f"{base}/{path}", {})[method["httpMethod"].lower()] = operation
    schemas = {name: translate(one) for name, one in document["schemas"].items()}
    components = {
        "schemas": schemas,
        "securitySchemes": {"oauth2": {"type": "http", "scheme": "bearer"}},
    }
    info = {"title": document["title"], "version": document["revision"]}
    json.dump({"openapi": "3.1.0", "info": info, "paths": paths, "components": components}, sys.stdout)


main(*sys.argv[1:])
