"""Checks a value against `schema.json`, with the part of JSON Schema that it uses: no rule is told twice.

https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audiences.training.source_map import Path

    Found = Iterator[tuple[Path, str]]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_ARTICLES = {
    "object": "an object",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
}


@cache
def load_schema() -> dict[str, Any]:
    """Return the schema of activations."""
    text = File(__file__).with_name("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check(schema: dict[str, Any], value: Any, path: Path = ()) -> Found:
    """Yield `(path, message)` for everything the schema does not allow."""
    kind: str = schema["type"]
    if not _is(value, kind):
        yield path, f"must be {_ARTICLES.get(kind, f'a {kind}')}"
        return
    yield from _check_limits(schema, value, path)
    if kind == "object":
        yield from _check_object(schema, value, path)
    elif kind == "array":
        for number, item in enumerate(value):
            yield from check(schema["items"], item, (*path, number))


def _is(value: Any, kind: str) -> bool:
    """Tell whether a value has a JSON type; true and false are no numbers."""
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _check_limits(schema: dict[str, Any], value: Any, path: Path) -> Found:
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"must be one of {', '.join(schema['enum'])}"
    # Its patterns are all of a whole value; Python's "$" would also match before a last line end.
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), value):
        yield path, f"must match {schema['pattern']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield path, f"must be at least {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield path, f"must be at most {schema['maximum']}"
    if schema.get("minLength") and len(value) < schema["minLength"]:
        yield path, "must not be empty"
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        yield path, f"must have at most {schema['maxLength']} characters"
    if schema.get("minItems") and len(value) < schema["minItems"]:
        yield path, "must not be empty"
    if schema.get("uniqueItems") and len({json.dumps(item) for item in value}) < len(value):
        yield path, "names something twice"


def _check_object(schema: dict[str, Any], value: dict[str, Any], path: Path) -> Found:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield (*path, name), "is required and missing"
    for name, member in value.items():
        if name in known:
            yield from check(known[name], member, (*path, name))
        elif isinstance(others, dict):
            yield from check(others, member, (*path, name))
        elif not others:
            yield (*path, name), f"is not a known key; known are {', '.join(known)}"
