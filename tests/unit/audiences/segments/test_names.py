"""Names follow the query, keep digits, never collide, and stay the same from run to run."""

import re
from datetime import UTC, datetime

import pytest
from audiences.errors import DataError
from audiences.segments.names import candidate_names, choose_file_name, choose_name, query_text
from hypothesis import given
from hypothesis import strategies as st

TIME = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


class Claims(dict):
    def __call__(self, name, owner):
        return self.setdefault(name, owner)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"input": {"itemAttributes": 'ITEMS.genres = "Action"'}, "error": None}, 'ITEMS.genres = "Action"'),
        ({"itemAttributes": ' ITEMS.genres = "Action" '}, 'ITEMS.genres = "Action"'),
        ({"input": {"itemId": "105"}}, 'itemId = "105"'),
        ({"input": {"itemId": 105}}, 'itemId = "105"'),
        (
            {"input": {"itemId": "1", "filterValues": {"COUNTRY": '"Japan"'}}},
            'itemId = "1" with {"COUNTRY": "\\"Japan\\""}',
        ),
        ({"input": {}}, ""),
        ({"input": None, "error": "x"}, ""),
        ({"input": {"itemAttributes": 7}}, ""),
    ],
)
def test_the_query_is_found_in_both_shapes(members, text):
    assert query_text(members) == text


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ('ITEMS.genres = "Action"', "ITEMSgenresAction"),
        ('ITEMS.year = "2010"', "ITEMSyear2010"),
        ('ITEMS.genres = "Comédie"', "ITEMSgenresComedie"),
        ('itemId = "105"', "item_105"),
    ],
)
def test_names_are_the_query_without_punctuation(query, name):
    assert candidate_names(query)[0] == name


@pytest.mark.parametrize("query", ['ITEMS.genres = "コメディ"', "ITEMS.x = " + "a" * 80, '"…"'])
def test_what_the_name_cannot_say_is_told_apart_by_a_hash(query):
    plain, hashed = candidate_names(query)
    assert plain == hashed
    assert re.fullmatch(r"[A-Za-z0-9_-]+-[0-9a-f]{8}", plain)


@given(st.text(max_size=200), st.text(max_size=30))
def test_s6_two_queries_never_share_a_name_and_each_keeps_its_own(query, other):
    claims = Claims()
    name = choose_name(query, claims)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,55}", name)
    if other != query:
        assert choose_name(other, claims) != name
    assert choose_name(query, claims) == name


def test_s6_digits_are_kept_and_equal_reductions_get_a_hash():
    claims = Claims()
    names = [choose_name(q, claims) for q in ('I.y = "2010"', 'I.y = "2011"', 'I.y = "20.10"', 'Iy="2010"')]
    assert names[:2] == ["Iy2010", "Iy2011"]
    assert len(set(names)) == 4


def test_a_name_that_is_wholly_taken_is_an_error():
    taken = Claims(dict.fromkeys(candidate_names("I.y"), "somebody else"))
    with pytest.raises(DataError, match="no free name"):
        choose_name("I.y", taken)


def test_s6_two_jobs_in_one_second_get_two_file_names_and_a_retry_its_own():
    claims = Claims()
    assert choose_file_name("a", TIME, "job 1", claims) == "a_20261121-101500"
    assert choose_file_name("a", TIME, "job 2", claims) == "a_20261121-101501"
    assert choose_file_name("a", TIME, "job 1", claims) == "a_20261121-101500"
    assert choose_file_name("a", TIME, "job 2", claims) == "a_20261121-101501"
