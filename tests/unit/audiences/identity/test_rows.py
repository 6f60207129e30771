"""Whole rows: what goes along with what, and which rows have nothing to send."""

import pytest
from audiences.errors import SetupError
from audiences.identity import compile_rows
from audiences.platforms import find

GOOGLE = find("google").identifiers
META = find("meta").identifiers
ADDRESS = ["first_name", "last_name", "country", "zip"]


def test_google_address_is_whole_or_absent():
    columns = {
        "email": ["jane@example.com", "joe@example.com", None],
        "first_name": ["Jane", "Joe", "Ann"],
        "last_name": ["Doe", "Doe", "Roe"],
        "country": ["US", "US", "Atlantis"],
        "zip": ["94035", None, "10001"],
    }
    prepared = compile_rows(GOOGLE, columns)(columns)
    assert [prepared.columns[field][0] is not None for field in ADDRESS] == [True] * 4
    assert [prepared.columns[field][1:] for field in ADDRESS] == [[None, None]] * 4
    assert prepared.refused[1] == dict.fromkeys(["first_name", "last_name", "country"], "incomplete")
    assert prepared.rejected == {2: "country_unknown"}


def test_meta_takes_names_alone():
    prepared = compile_rows(META, ["first_name"])({"first_name": ["Jane", ""]})
    assert prepared.columns["first_name"][0] is not None
    assert prepared.columns["first_initial"][0] is not None  # made from the first name
    assert prepared.rejected == {1: "nothing_to_send"}


def test_one_birthday_column_feeds_three_fields():
    wanted = ["dob_year", "dob_month", "dob_day"]
    run = compile_rows(META, ["date_of_birth"], wanted=wanted)
    assert list(run({"date_of_birth": ["1997-02-16"]}).columns) == wanted


def test_row_country_decides_the_phone_and_the_default_fills_gaps():
    columns = {"phone": ["020 7946 0018", "(650) 555-0100"], "country": ["GB", ""]}
    prepared = compile_rows(META, columns, wanted=["phone", "country"], country="US")(columns)
    assert prepared.rejected == {}
    assert None not in prepared.columns["phone"]
    assert None not in prepared.columns["country"]


def test_counts_add_up():
    columns = {"email": ["a@example.com", None, "x y", ""], "phone": [None, "12", "+1 650 555 0100", ""]}
    prepared = compile_rows(find("snap").identifiers, columns, country="US")(columns)
    sent = sum(any(column[row] for column in prepared.columns.values()) for row in range(4))
    assert sent + len(prepared.rejected) == 4
    assert prepared.rejected == {1: "phone_invalid", 3: "nothing_to_send"}
    assert prepared.refused == {1: {"phone": "phone_invalid"}, 2: {"email": "email_malformed"}}


def test_hashed_column_stays():
    columns = {"email": ["f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79"]}
    assert compile_rows(META, columns, wanted=["email"], hashed=["email"])(columns).columns == columns


@pytest.mark.parametrize(
    ("available", "wanted", "said"),
    [
        (["email"], ["email", "first_name"], "cannot be sent without first_name, last_name, country, zip"),
        (["email"], ["city"], "takes no field 'city'"),
        ([], ["email"], "cannot be sent without email"),
    ],
)
def test_impossible_wishes_are_setup_errors(available, wanted, said):
    with pytest.raises(SetupError, match=said):
        compile_rows(GOOGLE, available, wanted=wanted)


APPLE, GOOGLES = "aece52e7-03ee-455a-b3c4-e57283966239", "bece52e7-03ee-455a-b3c4-e57283966239"


def test_of_two_columns_the_first_filled_one_is_sent_and_another_value_is_told():
    columns = {
        "gaid": [GOOGLES, "", GOOGLES, "", "0"],
        "idfa": ["", APPLE, APPLE, "", APPLE],
    }
    prepared = compile_rows(META, columns)(columns)
    assert prepared.columns["maid"] == [GOOGLES, APPLE, GOOGLES, None, APPLE]
    assert prepared.refused == {2: {"maid": "second_value"}}
    assert list(prepared.rejected) == [3]


def test_a_birthday_fills_what_its_own_columns_leave_open():
    columns = {"dob_year": ["", "1997"], "date_of_birth": ["1997-02-16", "1997-02-16"]}
    years = compile_rows(META, columns, wanted=["dob_year"])(columns)
    assert years.columns["dob_year"][0] == years.columns["dob_year"][1] is not None
    assert years.refused == {}
