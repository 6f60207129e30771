"""Filters of batch segment jobs: `INCLUDE UserID WHERE Users.MEMBERSHIP IN ($MEMBERSHIP)`.

Grammar: https://docs.aws.amazon.com/personalize/latest/dg/filter-expressions.html and
user-segment-filter-examples.html; placeholder values come with each input line as `filterValues`.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from local.personalize.errors import QueryError
from local.personalize.queries import Token, tokens

if TYPE_CHECKING:
    from local.personalize.tables import Array, Column, Table

_COMPARE = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_USER_ID = "USER_ID"


@dataclass(frozen=True)
class Comparison:
    """A dataset's column against values or placeholders; `sign` is IN, NOT IN or a comparison."""

    dataset: str
    column: str
    sign: str
    values: tuple[Token, ...]


@dataclass(frozen=True)
class Clause:
    """Users to keep (`include`) or to drop: any of the alternatives, each of which is all of its tests."""

    include: bool
    alternatives: tuple[tuple[Comparison, ...], ...]


def parse_filter(expression: str) -> tuple[Clause, ...]:
    """Return a filter's clauses, which all apply. Raises QueryError."""
    clauses: list[Clause] = []
    part: list[Token] = []
    for token in [*tokens(expression), Token("sign", "|")]:
        if token.text == "|" and token.kind == "sign":
            clauses.append(_clause(part, expression))
            part = []
        else:
            part.append(token)
    return tuple(clauses)


def _clause(words: list[Token], expression: str) -> Clause:
    start = [word.word for word in words[:3]]
    if len(words) < 4 or start[0] not in ("INCLUDE", "EXCLUDE") or start[2] != "WHERE":
        raise QueryError(f"Invalid Expression: write INCLUDE or EXCLUDE UserID WHERE …: {expression}")
    if start[1] != "USERID":
        raise QueryError(f"Invalid Expression: user segments are filtered by UserID, not {words[1].text}")
    alternatives: list[tuple[Comparison, ...]] = []
    tests: list[Comparison] = []
    rest = words[3:]
    while True:
        test, rest = _test(rest, expression)
        tests.append(test)
        joint = rest[0].word if rest else "OR"
        if joint not in ("AND", "OR"):
            raise QueryError(f"Invalid Expression: unexpected {rest[0].text}: {expression}")
        if joint == "OR":
            alternatives.append(tuple(tests))
            tests = []
        if not rest:
            return Clause(start[0] == "INCLUDE", tuple(alternatives))
        rest = rest[1:]


def _test(words: list[Token], expression: str) -> tuple[Comparison, list[Token]]:
    wrong = QueryError(f"Invalid Expression: write <Dataset>.<column> IN (…) or a comparison: {expression}")
    if len(words) < 3 or words[0].kind != "name" or "." not in words[0].text:
        raise wrong
    dataset, column = words[0].word.split(".")
    if dataset not in ("USERS", "INTERACTIONS"):
        raise QueryError(f"Invalid Expression: only Users and Interactions can filter users: {expression}")
    if words[1].text in _COMPARE and words[2].kind in ("text", "number", "parameter"):
        if words[2].kind == "parameter" and words[1].text != "=":
            raise QueryError("Invalid input symbol: Placeholders can only be used with IN or EQ operator")
        return Comparison(dataset, column, words[1].text, (words[2],)), words[3:]
    sign = " ".join(word.word for word in words[1:3]) if words[1].word == "NOT" else words[1].word
    values = words[1 + len(sign.split()) :]
    closing = next((at for at, word in enumerate(values) if word.text == ")"), 0)
    listed = values[1:closing]
    if sign not in ("IN", "NOT IN") or values[:1] != [Token("sign", "(")] or len(listed) % 2 == 0:
        raise wrong
    return Comparison(dataset, column, sign, tuple(listed[::2])), values[closing + 1 :]


def parameters(clauses: tuple[Clause, ...]) -> set[str]:
    """Return the placeholder names of a filter, in capitals."""
    tests = [test for clause in clauses for alternative in clause.alternatives for test in alternative]
    return {value.word[1:] for test in tests for value in test.values if value.kind == "parameter"}


def allowed_users(
    clauses: tuple[Clause, ...], values: dict[str, str], tables: dict[str, Table | None], user_ids: list[str]
) -> Array:
    """Return for each user id whether it passes. `values` are a line's filterValues. Raises QueryError."""
    missing = parameters(clauses) - values.keys()
    if missing:
        raise QueryError(f"filterValues are missing for the placeholders: {', '.join(sorted(missing))}.")
    given = {
        name: [token.text for token in tokens(text) if token.text != ","] for name, text in values.items()
    }
    place = {user_id: code for code, user_id in enumerate(user_ids)}
    allowed = np.ones(len(user_ids), dtype=bool)
    for clause in clauses:
        chosen = np.zeros(len(user_ids), dtype=bool)
        for alternative in clause.alternatives:
            chosen |= np.logical_and.reduce(
                [_users_passing(test, given, tables, place) for test in alternative]
            )
        allowed &= chosen if clause.include else ~chosen
    return allowed


def _users_passing(
    test: Comparison, given: dict[str, list[str]], tables: dict[str, Table | None], place: dict[str, int]
) -> Array:
    table = tables.get(test.dataset)
    column = None
    if table is not None:
        column = next((one for name, one in table.columns.items() if name.upper() == test.column), None)
    if table is None or column is None:
        raise QueryError(f"The dataset {test.dataset} has no column {test.column}.")
    wanted: list[str] = []
    for value in test.values:
        wanted += given[value.word[1:]] if value.kind == "parameter" else [value.text]
    rows = _rows_passing(column, test.sign, wanted)
    ids = table.columns[_USER_ID]
    passing = np.zeros(len(place), dtype=bool)
    found = [place.get((ids.words or [])[code]) for code in np.unique(ids.values[rows]).tolist()]
    passing[[code for code in found if code is not None]] = True
    return passing


def _rows_passing(column: Column, sign: str, wanted: list[str]) -> Array:
    if column.words is not None:
        if sign not in ("=", "IN", "NOT IN"):
            raise QueryError(f"Invalid Expression: {sign} compares numbers, the column is text.")
        among = set(wanted)
        if sign == "NOT IN":
            return column.matching(lambda word: among.isdisjoint(word.split("|")))
        return column.matching(lambda word: "*" in among or not among.isdisjoint(word.split("|")))
    try:
        numbers = [float(text) for text in wanted]
    except ValueError as error:
        raise QueryError("Invalid Expression: the column is a number, the value is not.") from error
    if sign in ("IN", "NOT IN"):
        inside = np.isin(column.values, numbers)
        return ~inside if sign == "NOT IN" else inside
    return np.asarray(_COMPARE[sign](column.values, numbers[0]))
