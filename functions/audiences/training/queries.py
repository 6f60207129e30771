"""Segment queries: read from the configuration or job_config.json, checked, and split to the limit.

One bad query must not cost the others: a line that cannot be read is left out and named, a query that
Personalize will probably refuse stays in (Personalize answers each line on its own) and is named beforehand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from audiences.errors import DataError

ITEM_AFFINITY = "aws-item-affinity"
ITEM_ATTRIBUTE_AFFINITY = "aws-item-attribute-affinity"
# Queries in one input file, by recipe: dg/item-attribute-affinity-recipe.html, dg/item-affinity-recipe.html
EXAMPLE = r'{"itemAttributes": "ITEMS.genres = \"Action\""}'
MOST_QUERIES = {ITEM_ATTRIBUTE_AFFINITY: 10, ITEM_AFFINITY: 500}
KEY_OF_RECIPE = {ITEM_ATTRIBUTE_AFFINITY: "itemAttributes", ITEM_AFFINITY: "itemId"}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ATTRIBUTE = re.compile(r"\bITEMS\s*\.\s*([A-Za-z_]\w*)", re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"\b(OR|NOT|IN)\b", re.IGNORECASE)

Query = dict[str, Any]


@dataclass(frozen=True)
class QueryFile:
    """What a job_config.json holds: its good queries, and a warning for each line that cannot be used."""

    queries: list[Query]
    warnings: list[str]

    @property
    def is_clean(self) -> bool:
        """Tell whether the file can be given to Personalize as it is."""
        return not self.warnings


def recipe_name(recipe_arn: str) -> str:
    """Return the last part of a recipe's ARN, e.g. `aws-item-affinity`."""
    return recipe_arn.rpartition("/")[2]


def as_query(value: Any, recipe: str) -> Query:
    """Return a query in the service's form, or raise ValueError with the reason.

    Plain text means an attribute expression or an item id, whichever the recipe takes.
    """
    key = KEY_OF_RECIPE[recipe]
    if isinstance(value, str):
        value = {key: value}
    if not isinstance(value, dict):
        raise ValueError(f"is not a query; write text or an object with {key}")  # noqa: TRY004 - the value is wrong, not our call
    if not isinstance(value.get(key), str) or not value[key].strip():
        raise ValueError(f"has no {key}, which {recipe} needs")
    if unknown := sorted(value.keys() - {key, "filterValues"}):
        raise ValueError(f"has keys that {recipe} does not take: {', '.join(unknown)}")
    if not isinstance(value.get("filterValues", {}), dict):
        raise ValueError("has filterValues that are not an object")  # noqa: TRY004 - the value is wrong, not our call
    return value


def read_query_file(text: str, file: str, recipe: str) -> QueryFile:
    """Read a job_config.json: one JSON object a line. Raises DataError when no line can be used."""
    queries: list[Query] = []
    warnings: list[str] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            queries.append(as_query(json.loads(line), recipe))
        except json.JSONDecodeError as error:
            warnings.append(f"{file}:{number}:{error.colno}: left out, it is not JSON: {error.msg}")
        except ValueError as error:
            warnings.append(f"{file}:{number}: left out, it {error}")
    if not queries:
        raise DataError(
            f"{file} holds no query that can be used.",
            "\n".join(warnings) or "The file is empty.",
            f"Write one query a line, e.g. {EXAMPLE}, and upload again.",
        )
    return QueryFile(queries, warnings)


def split(queries: list[Query], recipe: str) -> list[list[Query]]:
    """Return the queries in groups that one batch segment job takes."""
    most = MOST_QUERIES[recipe]
    return [queries[start : start + most] for start in range(0, len(queries), most)]


def to_lines(queries: list[Query]) -> str:
    """Return queries in the service's input format, one JSON object a line."""
    return "".join(json.dumps(query, ensure_ascii=False) + "\n" for query in queries)


def doubts(query: Query, attributes: list[str]) -> str | None:
    """Return why Personalize will probably refuse a query, or None. `attributes`: columns it may ask by."""
    expression = query.get("itemAttributes")
    if expression is None:
        return None
    bare = _QUOTED.sub('""', expression)
    named = _ATTRIBUTE.findall(bare)
    known = {attribute.upper() for attribute in attributes}
    unknown = sorted({name for name in named if name.upper() not in known})
    reason = None
    if not named:
        reason = 'it names no attribute; write ITEMS.<column> = "<value>"'
    elif unknown:
        has = ", ".join(attributes) or "none"
        reason = f"the items schema has no attribute {', '.join(unknown)}; it has {has}"
    elif '"' in bare.replace('""', ""):
        reason = "a quotation mark is not closed"
    elif _NOT_ALLOWED.search(bare):
        reason = "conditions can be joined by AND only"
    return f"query {expression!r} will probably fail: {reason}." if reason else None
