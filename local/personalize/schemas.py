"""Avro schemas as Personalize wants them: which fields a dataset must have, and of which types.

Rules: https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html and limits.html.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

TYPES = ("string", "int", "long", "float", "double", "boolean")
_REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "INTERACTIONS": {"USER_ID": ("string",), "ITEM_ID": ("string",), "TIMESTAMP": ("long",)},
    "ITEMS": {"ITEM_ID": ("string",)},
    "USERS": {"USER_ID": ("string",)},
    "ACTIONS": {"ACTION_ID": ("string",)},
    "ACTION_INTERACTIONS": {
        "USER_ID": ("string",),
        "ACTION_ID": ("string",),
        "TIMESTAMP": ("long",),
        "EVENT_TYPE": ("string",),
    },
}
# Domain dataset groups ask for more: VIDEO-ON-DEMAND-… and ECOMMERCE-datasets-and-schemas.html.
_REQUIRED_BY_DOMAIN: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "VIDEO_ON_DEMAND": {
        "INTERACTIONS": {"EVENT_TYPE": ("string",)},
        "ITEMS": {"GENRES": ("string",), "CREATION_TIMESTAMP": ("long",)},
    },
    "ECOMMERCE": {
        "INTERACTIONS": {"EVENT_TYPE": ("string",)},
        "ITEMS": {"PRICE": ("float", "double"), "CATEGORY_L1": ("string",)},
    },
}
_RESERVED: dict[str, dict[str, tuple[str, ...]]] = {
    "INTERACTIONS": {
        "EVENT_TYPE": ("string",),
        "EVENT_VALUE": ("float", "double"),
        "IMPRESSION": ("string",),
        "RECOMMENDATION_ID": ("string",),
    },
    "ITEMS": {"CREATION_TIMESTAMP": ("long",)},
}
_MOST_METADATA = {"INTERACTIONS": 5, "USERS": 25, "ITEMS": 100}


@dataclass(frozen=True)
class Field:
    """One column: its Avro type, whether null is allowed, and what the model may do with it."""

    name: str
    type: str
    nullable: bool = False
    categorical: bool = False
    textual: bool = False


@dataclass(frozen=True)
class Schema:
    """A parsed schema: `name` is the Avro record's, usually the dataset type."""

    name: str
    fields: tuple[Field, ...]
    domain: str | None = None

    def metadata(self, dataset_type: str) -> list[Field]:
        """Return the fields that are neither required keys nor reserved keywords of a dataset type."""
        special = {*_REQUIRED[dataset_type], *_RESERVED.get(dataset_type, {})}
        return [field for field in self.fields if field.name not in special]


def parse_schema(text: str, domain: str | None = None) -> Schema:
    """Read a schema. Raises ValueError saying what is wrong with it."""
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"Invalid schema: it is not JSON: {error}.") from error
    if not isinstance(record, dict) or record.get("type") != "record":
        raise ValueError("Invalid schema: an Avro schema of type 'record' is required.")
    if not isinstance(record.get("name"), str) or not isinstance(record.get("fields"), list):
        raise ValueError("Invalid schema: 'name' and 'fields' are required.")  # noqa: TRY004  # one error to callers
    fields = tuple(_parse_field(field) for field in record["fields"])
    names = [field.name.upper() for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Invalid schema: field names must be unique; repeated: {', '.join(twice)}.")
    schema = Schema(record["name"], fields, domain)
    if record["name"].upper() in _REQUIRED:
        check_schema(schema, record["name"].upper())
    return schema


def _parse_field(field: Any) -> Field:
    if not isinstance(field, dict) or not re.fullmatch(r"[A-Za-z_][A-Za-z\d_]*", str(field.get("name", ""))):
        raise ValueError(f"Invalid schema: not a field with a name of letters, digits and '_': {field!r}.")
    declared = field.get("type")
    types = declared if isinstance(declared, list) else [declared]
    concrete = [name for name in types if name != "null"]
    if len(concrete) != 1 or concrete[0] not in TYPES:
        raise ValueError(
            f"Invalid schema: field {field['name']} must have one type of {', '.join(TYPES)}, "
            f"alone or in a union with null; it has {json.dumps(declared)}."
        )
    return Field(
        field["name"],
        concrete[0],
        nullable="null" in types,
        categorical=bool(field.get("categorical")),
        textual=bool(field.get("textual")),
    )


def check_schema(schema: Schema, dataset_type: str) -> None:
    """Raise ValueError when a schema does not serve for a dataset type in its domain."""
    if dataset_type not in _REQUIRED:
        raise ValueError(f"Invalid dataset type {dataset_type}; one of {', '.join(_REQUIRED)} is required.")
    fields = {field.name: field for field in schema.fields}
    domain = _REQUIRED_BY_DOMAIN.get(schema.domain or "", {}).get(dataset_type, {})
    required = {**_REQUIRED[dataset_type], **domain}
    missing = [name for name in required if name not in fields]
    if missing:
        raise ValueError(f"Invalid schema: a {dataset_type} schema requires {', '.join(missing)}.")
    for name, types in {**_RESERVED.get(dataset_type, {}), **required}.items():
        if name in fields and fields[name].type not in types:
            raise ValueError(f"Invalid schema: {name} must be of type {' or '.join(types)}.")
    nullable = [name for name in _REQUIRED[dataset_type] if fields[name].nullable]
    if nullable:
        raise ValueError(f"Invalid schema: {', '.join(nullable)} must not be null.")
    metadata = schema.metadata(dataset_type)
    if dataset_type in ("ITEMS", "USERS") and not metadata:
        raise ValueError(f"Invalid schema: a {dataset_type} schema requires at least one metadata field.")
    if len(metadata) > _MOST_METADATA.get(dataset_type, 100):
        raise ValueError(
            f"Invalid schema: {dataset_type} has at most {_MOST_METADATA[dataset_type]} metadata fields."
        )
