from __future__ import annotations

import json
from typing import Any

import pytest

from local.personalize.schemas import check_schema, parse_schema


def schema(name: str, *fields: tuple[str, Any]) -> str:
    return json.dumps({"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields]})


KEYS = (("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"))


def test_types_unions_and_attributes_are_read() -> None:
    genre = {"name": "G", "type": ["null", "string"], "categorical": True}
    item_id = {"name": "ITEM_ID", "type": "string"}
    text = json.dumps({"type": "record", "name": "Items", "fields": [item_id, genre]})

    _, read = parse_schema(text).fields

    assert (read.name, read.type, read.nullable, read.categorical) == ("G", "string", True, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "type 'record'"),
        ('{"type":"record","name":"Users"}', "'fields'"),
        (schema("Interactions", *KEYS[:2]), "requires TIMESTAMP"),
        (schema("Interactions", *KEYS[:2], ("TIMESTAMP", "string")), "TIMESTAMP must be of type long"),
        (schema("interactions", *KEYS, ("EVENT_TYPE", "int")), "EVENT_TYPE must be of type string"),
        (schema("Interactions", *KEYS[1:], ("USER_ID", ["null", "string"])), "USER_ID must not be null"),
        (schema("Users", ("USER_ID", "string")), "at least one metadata field"),
        (schema("Items", ("ITEM_ID", "string"), ("X", "string"), ("x", "int")), "repeated: X"),
        (schema("Items", ("ITEM_ID", "string"), ("X", ["int", "string"])), "one type of"),
        (schema("Items", ("ITEM_ID", "string"), ("X", "bytes")), "one type of"),
        (schema("Items", ("ITEM_ID", "string"), ("a-b", "int")), "letters, digits"),
        (schema("Interactions", *KEYS, *((f"M{at}", "int") for at in range(6))), "at most 5"),
    ],
)
def test_a_schema_personalize_cannot_use_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_schema(text)


@pytest.mark.parametrize(
    ("domain", "missing"),
    [("VIDEO_ON_DEMAND", "GENRES, CREATION_TIMESTAMP"), ("ECOMMERCE", "PRICE, CATEGORY_L1")],
)
def test_domains_require_more(domain: str, missing: str) -> None:
    text = schema("Items", ("ITEM_ID", "string"), ("YEAR", "int"))

    assert parse_schema(text).domain is None
    with pytest.raises(ValueError, match=missing):
        parse_schema(text, domain)


def test_a_schema_must_fit_the_dataset_type() -> None:
    users = parse_schema(schema("Users", ("USER_ID", "string"), ("AGE", "int")))

    with pytest.raises(ValueError, match="requires ITEM_ID"):
        check_schema(users, "ITEMS")
    with pytest.raises(ValueError, match="Invalid dataset type FILMS"):
        check_schema(users, "FILMS")
