"""Item attribute queries: `ITEMS.genres = "Action" AND ITEMS.genres = "Comedy"`, and nothing else.

Only AND and only `=` are allowed
(https://docs.aws.amazon.com/personalize/latest/dg/prepare-input-data-user-segment.html).
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from local.personalize.errors import QueryError

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>[+-]?\d+(?:\.\d+)?(?![\w.]))
  | (?P<parameter>\$\w+)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)
  | (?P<sign><=|>=|!=|<>|[=<>(),|])
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """One word of an expression: kind is text, number, parameter, name or sign."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """The token in capitals, to compare keywords with."""
        return self.text.upper()


class Condition(NamedTuple):
    """An attribute of items and the value it must have."""

    column: str
    value: str


def tokens(expression: str) -> list[Token]:
    """Cut an expression into tokens; texts lose their quotes. Raises QueryError on anything unknown."""
    found, at = [], 0
    expression = expression.rstrip()
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None or match.lastgroup is None:
            raise QueryError(
                f"Invalid expression: unexpected input at position {at}: {expression[at : at + 20]}"
            )
        text = match[match.lastgroup]
        if match.lastgroup == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        found.append(Token(match.lastgroup, text))
        at = match.end()
    return found


def parse_query(expression: str) -> tuple[Condition, ...]:
    """Return the conditions of an item attribute query, columns in capitals. Raises QueryError."""
    words = tokens(expression)
    if not words:
        raise QueryError("Invalid expression: it is empty.")
    conditions = []
    while True:
        conditions.append(_condition(words[:3], expression))
        joint, words = words[3:4], words[4:]
        if not joint:
            return tuple(conditions)
        if joint[0].word != "AND" or not words:
            raise QueryError(f"Invalid expression: conditions are joined by AND only: {expression}")


def _condition(words: list[Token], expression: str) -> Condition:
    shape = [word.kind for word in words]
    if len(words) < 3 or shape[0] != "name" or "." not in words[0].text:
        raise QueryError(f'Invalid expression: write ITEMS.<column> = "<value>": {expression}')
    if words[1].text != "=":
        raise QueryError(f"Invalid expression: only = is supported, not {words[1].text}: {expression}")
    if shape[2] == "parameter":
        raise QueryError(f"Invalid expression: placeholders belong into filters: {expression}")
    if shape[2] not in ("text", "number"):
        raise QueryError(f"Invalid expression: the value must be quoted: {expression}")
    dataset, column = words[0].word.split(".")
    if dataset != "ITEMS":
        raise QueryError(f"Invalid expression: item attributes start with ITEMS: {expression}")
    return Condition(column, words[2].text)


def read_query_line(line: str, member: str) -> tuple[str, dict[str, str]]:
    """Return an input line's query (its `itemAttributes` or `itemId`) and filterValues. Raises QueryError."""
    request = read_json(line)
    if not isinstance(request, dict) or not isinstance(request.get(member), str):
        raise QueryError(f"Invalid input: a JSON object with {member} is required.")
    values = request.get("filterValues", {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise QueryError("Invalid input: filterValues must be an object of texts.")
    return request[member], {str(name).upper(): value for name, value in values.items()}


def read_json(line: str) -> Any:
    """Return a line's JSON value. Raises QueryError."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise QueryError(f"Invalid input: not JSON: {error}.") from error
