"""The data check: minimums, types and broken files, each with file, line and column, and never a value."""

import csv
import io

import pytest
from audiences.training.data_check import DatasetCheck, check_file, checker, finish
from audiences.training.tally import UserTally
from hypothesis import given
from hypothesis import strategies as st

from .conftest import dataset, interactions


def examine(text, kind="interactions", size=1000):
    content = text if isinstance(text, bytes) else text.encode()
    check = DatasetCheck(kind)
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    check_file(check, dataset(kind)["schema"]["serviceConfig"]["schema"], "f.csv", iter(chunks))
    finish(check, "f.csv", full_import=True)
    return check


def found(text, kind="items"):
    return [str(problem) for problem in examine(text, kind).problems]


ITEMS = "ITEM_ID,GENRES,CREATION_TIMESTAMP\n"


def test_good_data_has_no_problems_with_windows_line_ends():
    check = examine(interactions().replace("\n", "\r\n"))
    assert check.problems == []
    assert (check.rows, check.users.total, check.users.returning) == (1200, 30, 30)


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_chunks_may_end_anywhere(size):
    text = ITEMS + 'i1,"Action, or\nquoted ""line""",1\ni2,Ünïcode,x\n'
    assert [str(p) for p in examine(text, "items", size).problems] == [
        "f.csv:4:3: CREATION_TIMESTAMP: is not a whole number (64 bit)"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        ("\ufeff" + ITEMS + "i1,a,1\n", "f.csv:1:1: begins with a byte order mark"),
        (ITEMS, "has a header and no rows"),
        ("ITEM_ID,GENRES\ni,a\n", "lacks the column CREATION_TIMESTAMP"),
        ("item_id,GENRES,CREATION_TIMESTAMP\ni,a,1\n", "exactly as in the schema"),
        ("ITEM_ID,ITEM_ID,GENRES,CREATION_TIMESTAMP\ni,i,a,1\n", "appears twice in the header"),
        (ITEMS + "i1,a\n", "f.csv:2: has 2 fields, and the header has 3"),
        (ITEMS + ",a,1\n", "f.csv:2:1: ITEM_ID: is empty"),
        (ITEMS + "x" * 257 + ",a,1\n", "longer than 256"),
        (ITEMS + "i,,1\n", "f.csv:2:2: GENRES: is empty"),
        (ITEMS + "i,a,99999999999999999999\n", "whole number (64 bit)"),
        (ITEMS + 'i,"a,1\n' + "j,b,2\n" * 30_000, "quotation mark"),
        (b"PK\x03\x04\x00\x00rest", "NUL bytes"),
        (b"ITEM_ID,GENRES,CREATION_TIMESTAMP\ni,a,1\nj,\xff,1\n", "f.csv:3: is not UTF-8"),
        (b"x" * 2_000_000, "longer than a mebibyte"),
    ],
)
def test_broken_files_are_described(text, expected):
    assert any(expected in problem for problem in found(text))


def test_a_file_without_a_header_shows_nobody():
    told = " ".join(found("anna@example.com,7,anna@example.com\nben@example.com,7,ben@example.com\n"))
    assert "f.csv:1:3: appears twice" in told
    assert "anna" not in told


def test_fewer_than_the_minimums_is_found_before_training():
    """M11: the predecessor found out after an hour."""
    few = [str(problem) for problem in examine(interactions(users=20, each=2)).problems]
    assert "f.csv: has 40 interactions; Personalize needs at least 1000" in few
    assert "f.csv: has 20 users with two or more interactions; Personalize needs 25" in few
    rare = interactions() + "".join(f"once{n},i,1,Watch\n" for n in range(3000))
    assert "less than 1 %" in str(examine(rare).problems[0])


def test_problems_are_capped_and_counted_and_hold_no_values():
    check = examine(ITEMS + "secret@example.com,a,secret@example.com\n" * 500, "items")
    assert check.total == 500
    assert len(check.problems) == 50
    assert not any("secret" in str(problem) for problem in check.problems)


def test_personal_columns_in_users_are_pointed_out():
    """S8: e-mail addresses in a model store."""
    check = examine("USER_ID,AGE,E_MAIL,FIRST_NAME\nu,1,a@example.com,A\n", "users")
    assert check.problems == []
    assert any("E_MAIL, FIRST_NAME" in warning for warning in check.warnings)
    assert examine("USER_ID,AGE\nu,1\n", "users").warnings == []


@pytest.mark.parametrize(
    ("types", "good", "bad"),
    [
        ("int", ["0", "-5", "2147483647"], ["", "1.0", "2147483648", "x", "²"]),
        (["null", "long"], ["", "9223372036854775807"], ["9223372036854775808", "1e3"]),
        ("float", ["1", "-1.5", "1e3"], ["", "nan", "inf", "1_0", " 1", "1,5"]),
        ("boolean", ["true", "False"], ["1", "yes", ""]),
        (["int", "boolean"], ["1", "true"], ["x"]),
        ("string", ["x"], [""]),
    ],
)
def test_types(types, good, bad):
    check = checker({"name": "X", "type": types})
    assert [check(text) for text in good] == [None] * len(good)
    assert all(check(text) for text in bad)


@given(
    st.lists(st.tuples(st.text(min_size=1).filter(str.strip), st.text(min_size=1)), min_size=1, max_size=5)
)
def test_whatever_the_csv_module_writes_is_read_with_the_right_number_of_rows(rows):
    rows = [(key[:256].replace("\x00", "0"), text.replace("\x00", "0")) for key, text in rows]
    out = io.StringIO()
    csv.writer(out).writerows([["ITEM_ID", "GENRES", "CREATION_TIMESTAMP"], *[[*row, "1"] for row in rows]])
    try:
        content = out.getvalue().encode()
    except UnicodeEncodeError:
        return  # lone surrogates cannot be in a file
    check = examine(content, "items", 16)
    assert check.rows == len(rows)
    assert check.problems == []


def test_the_tally_stays_in_bounds_and_near_the_truth():
    tally = UserTally(capacity=1000)
    for user in range(20_000):
        tally.add(f"user-{user}")
    for user in range(0, 20_000, 10):
        tally.add(f"user-{user}")
    assert not tally.exact
    assert len(tally._seen) <= 1000
    assert tally.total == pytest.approx(20_000, rel=0.2)
    assert tally.returning == pytest.approx(2_000, rel=0.5)
