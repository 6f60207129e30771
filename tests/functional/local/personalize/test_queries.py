from __future__ import annotations

import pytest

from local.personalize.errors import QueryError
from local.personalize.queries import Condition, parse_query, read_query_line


@pytest.mark.parametrize(
    ("expression", "conditions"),
    [
        ('ITEMS.genres = "Action"', [("GENRES", "Action")]),
        ('items.Genres="Action" and ITEMS.YEAR = 1999', [("GENRES", "Action"), ("YEAR", "1999")]),
        ("ITEMS.genres = 'Children\\'s'", [("GENRES", "Children's")]),
        (r'ITEMS.title = "say \"AND\" = now"', [("TITLE", 'say "AND" = now')]),
        ('ITEMS.genres = "Sci-Fi | Æon"', [("GENRES", "Sci-Fi | Æon")]),
    ],
)
def test_queries_are_equalities_joined_by_and(expression: str, conditions: list[tuple[str, str]]) -> None:
    assert list(parse_query(expression)) == [Condition(*each) for each in conditions]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "empty"),
        ('ITEMS.genres = "A" OR ITEMS.genres = "B"', "joined by AND only"),
        ('ITEMS.genres = "A" AND', "joined by AND only"),
        ('ITEMS.genres IN ("A")', "only = is supported, not IN"),
        ("ITEMS.YEAR >= 1999", "only = is supported, not >="),
        ("ITEMS.genres = Action", "must be quoted"),
        ("ITEMS.genres = $GENRE", "placeholders belong into filters"),
        ('USERS.plan = "gold"', "start with ITEMS"),
        ('genres = "A"', "write ITEMS.<column>"),
        ('ITEMS.genres = "A', "unexpected input at position 14"),
        ("ITEMS.genres", "write ITEMS.<column>"),
    ],
)
def test_anything_else_is_refused_with_a_reason(expression: str, why: str) -> None:
    with pytest.raises(QueryError, match="(?i)" + why.replace("(", r"\(")):
        parse_query(expression)


def test_an_input_line_carries_a_query_and_filter_values() -> None:
    line = '{"itemAttributes": "ITEMS.genres = \\"A\\"", "filterValues": {"plan": "\\"gold\\""}}'

    assert read_query_line(line, "itemAttributes") == ('ITEMS.genres = "A"', {"PLAN": '"gold"'})


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"itemId": 5}', '{"itemAttributes": "x"}', '{"itemId": "1", "filterValues": []}']
)
def test_a_broken_input_line_is_refused(line: str) -> None:
    with pytest.raises(QueryError, match="Invalid input"):
        read_query_line(line, "itemId")
