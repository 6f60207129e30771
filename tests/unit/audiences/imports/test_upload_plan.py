"""One lasting segment on an attribute: members and leavers, names the service accepts."""

import re

import pytest
from audiences.imports.upload_plan import (
    attribute_of,
    fields_of,
    membership_rows,
    ordered,
    segment_groups,
    segment_name,
)
from hypothesis import given
from hypothesis import strategies as st

USERS = st.lists(st.sampled_from("abcdefgh"))


@given(USERS, USERS)
def test_after_an_upload_exactly_the_new_members_are_members(before, now):
    held = dict.fromkeys(before, "member")
    rows = list(membership_rows(before, now))
    held.update(rows)
    assert {user for user, state in held.items() if state == "member"} == set(now)
    assert len(rows) == len({user for user, _ in rows}), "a unique key may stand in a file once"


@pytest.mark.parametrize(
    ("file_name", "stable", "name"),
    [
        ("ITEMSgenresAction_20261121-101500.csv", "ITEMSgenresAction", "ITEMSgenresAction"),
        ("ITEMSgenresAction_20261121-101500.csv", None, "ITEMSgenresAction"),
        ("loyal.json", None, "loyal"),
    ],
)
def test_a_segments_name_outlives_its_files(file_name, stable, name):
    assert segment_name(file_name, stable) == name


@given(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90))
def test_names_are_what_the_service_accepts_and_stay_apart(one, other):
    names = [segment_name("x.csv", text) for text in (one, other)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,55}", name) for name in names)
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,64}", attribute_of(name)) for name in names)
    assert one == other or names[0] != names[1]


def test_fields_say_where_each_column_goes():
    assert fields_of(["user_id", "email", "attribute_Age", "aff_x"]) == {
        "user_id": {"Source": "_source.user_id", "Target": "_profile.AccountNumber", "ContentType": "STRING"},
        "email": {
            "Source": "_source.email",
            "Target": "_profile.EmailAddress",
            "ContentType": "EMAIL_ADDRESS",
        },
        "attribute_Age": {
            "Source": "_source.attribute_Age",
            "Target": "_profile.Attributes.Age",
            "ContentType": "STRING",
        },
        "aff_x": {"Source": "_source.aff_x", "Target": "_profile.Attributes.aff_x", "ContentType": "STRING"},
    }


def test_columns_have_a_fixed_order():
    assert ordered({"attribute_b", "email", "attribute_a", "user_id"}) == [
        "user_id", "email", "attribute_a", "attribute_b",
    ]  # fmt: skip


def test_the_condition_never_changes_between_runs():
    (group,) = segment_groups("a-b")["Groups"]
    condition = group["Dimensions"][0]["ProfileAttributes"]["Attributes"]
    assert condition == {"aff_a_b": {"DimensionType": "INCLUSIVE", "Values": ["member"]}}
