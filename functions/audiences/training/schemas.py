"""Checks the Avro schemas of a training configuration, so that a wrong one costs a second and not an hour.

Rules: https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html and, for domain
dataset groups, .../dg/ECOMMERCE-datasets-and-schemas.html and
.../dg/VIDEO-ON-DEMAND-datasets-and-schemas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from audiences.training.source_map import Path

TYPES = ("string", "int", "long", "float", "double", "boolean", "null")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,149}")
_FIELD_KEYS = {"name", "type", "categorical", "textual", "default", "doc"}

# Columns a dataset must have, with the types Personalize accepts for them.
REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "interactions": {"USER_ID": ("string",), "ITEM_ID": ("string",), "TIMESTAMP": ("long",)},
    "items": {"ITEM_ID": ("string",)},
    "users": {"USER_ID": ("string",)},
}
DOMAIN_REQUIRED: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "ECOMMERCE": {
        "interactions": {"EVENT_TYPE": ("string",)},
        "items": {"PRICE": ("float",), "CATEGORY_L1": ("string",)},
    },
    "VIDEO_ON_DEMAND": {
        "interactions": {"EVENT_TYPE": ("string",)},
        "items": {"GENRES": ("string",), "CREATION_TIMESTAMP": ("long",)},
    },
}
# Most metadata columns beside the required ones (dg/limits.html, 2025).
MOST_METADATA = {"interactions": 5, "items": 100, "users": 25}
_KEYS_AND_TIMES = {"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "IMPRESSION"}
_KEYS_AND_TIMES |= {"RECOMMENDATION_ID", "CREATION_TIMESTAMP", "EVENT_ATTRIBUTION_SOURCE"}


def as_schema(value: Any) -> Any:
    """Return the schema as an object; a configuration may hold it as an object or as JSON text."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def field_types(field: dict[str, Any]) -> tuple[str, ...]:
    """Return the Avro types of a field, e.g. `("null", "string")` for a union."""
    types = field.get("type")
    return tuple(types) if isinstance(types, list) else (types,) if isinstance(types, str) else ()


def check_schema(dataset: str, schema: Any, domain: str | None) -> Iterator[tuple[Path, str]]:
    """Yield `(path, message)` for what is wrong with the schema of `interactions`, `items` or `users`."""
    if not isinstance(schema, dict):
        yield (), "must be an Avro schema: an object with type, name, namespace and fields"
        return
    if schema.get("type") != "record":
        yield ("type",), 'must be "record"'
    if not isinstance(schema.get("name"), str):
        yield ("name",), "is required: the name of the record, e.g. Interactions"
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        yield ("fields",), "must be a list of fields, at least one"
        return
    yield from _check_fields(fields)
    known = {
        field["name"]: field
        for field in fields
        if isinstance(field, dict) and isinstance(field.get("name"), str)
    }
    yield from _check_required(dataset, known, domain)


def _check_fields(fields: list[Any]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for index, field in enumerate(fields):
        path: Path = ("fields", index)
        if not isinstance(field, dict):
            yield path, "must be an object with name and type"
            continue
        name = field.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield (*path, "name"), "must be 1 to 150 letters, digits and _, not beginning with a digit"
        elif name.upper() in seen:
            yield (*path, "name"), f"{name} appears twice"
        else:
            seen.add(name.upper())
        yield from ((((*path, *where)), message) for where, message in _check_field(field))


def _check_field(field: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    types = field_types(field)
    if not types or any(kind not in TYPES for kind in types):
        yield (
            ("type",),
            f"must be one of {', '.join(TYPES)}, or a list of them for values that may be missing",
        )
    elif len(set(types)) != len(types) or set(types) == {"null"}:
        yield ("type",), "must hold one type of value, and null at most once"
    for mark in ("categorical", "textual"):
        if not isinstance(field.get(mark, False), bool):
            yield (mark,), "must be true or false"
        elif field.get(mark) and types and "string" not in types:
            yield (mark,), f"{mark} is for string fields only"
    for key in field.keys() - _FIELD_KEYS:
        yield (key,), f"is not a known key of a field; known are {', '.join(sorted(_FIELD_KEYS))}"


def _check_required(dataset: str, fields: dict[str, Any], domain: str | None) -> Iterator[tuple[Path, str]]:
    wanted = REQUIRED[dataset] | DOMAIN_REQUIRED.get(domain or "", {}).get(dataset, {})
    for name, types in wanted.items():
        if name not in fields:
            yield ("fields",), f"lacks the field {name}, which {domain or 'every'} {dataset} dataset needs"
        elif not set(field_types(fields[name])) <= {*types, "null"} or not set(
            field_types(fields[name])
        ) & set(types):
            yield ("fields",), f"{name} must be of type {' or '.join(types)}"
    metadata = fields.keys() - wanted.keys() - _KEYS_AND_TIMES
    if len(metadata) > MOST_METADATA[dataset]:
        yield ("fields",), f"has {len(metadata)} metadata fields; {dataset} may have {MOST_METADATA[dataset]}"
    if dataset != "interactions" and len(fields) < 2:
        yield ("fields",), f"needs at least one metadata field beside the id of the {dataset}"


def segment_attributes(schema: dict[str, Any]) -> list[str]:
    """Return the item columns segments can be asked by: metadata that is neither key, time nor free text.

    Item-Attribute-Affinity needs at least one: dg/item-attribute-affinity-recipe.html
    """
    return [f["name"] for f in schema["fields"] if f["name"] not in _KEYS_AND_TIMES and not f.get("textual")]
