"""Endpoints of one person become one profile; opted-out addresses stay behind; bad rows are named by line."""

from collections import Counter

import pytest
from audiences.imports.inspection import FileReport
from audiences.imports.profiles import column_of, merge, read_pieces
from audiences.imports.records import Row


def convert(*rows):
    report, counts = FileReport("endpoints", "CSV"), Counter()
    profiles = merge(read_pieces([Row(n, values) for n, values in enumerate(rows, 2)], report, counts))
    return {user: p.as_row(user, counts) for user, p in profiles.items()}, report, counts


def endpoint(user, channel, address, **more):
    return {"User.UserId": user, "ChannelType": channel, "Address": address, **more}


def test_several_endpoints_of_one_user_are_one_profile():
    rows, _, counts = convert(
        endpoint("1", "EMAIL", "a@example.com", **{"User.UserAttributes.Age": "21", "Location.City": "Ulm"}),
        endpoint("1", "EMAIL", "b@example.com", **{"User.UserAttributes.Age": "22"}),
        endpoint("1", "EMAIL", "a@example.com"),
        endpoint("1", "SMS", "+12025550101"),
        endpoint("1", "VOICE", "+12025550102"),
        endpoint("1", "GCM", "token"),
        endpoint("1", "EMAIL", "c@example.com"),
    )
    assert rows == {
        "1": {
            "user_id": "1",
            "email": "a@example.com",
            "email_2": "b@example.com",
            "phone": "+12025550101",
            "phone_2": "+12025550102",
            "attribute_Age": "22",
            "city": "Ulm",
        }
    }
    assert (counts["addresses_without_place"], counts["no_address"]) == (1, 1)


def test_opted_out_and_inactive_endpoints_bring_no_address():
    rows, _, counts = convert(
        endpoint("1", "EMAIL", "a@example.com", OptOut="ALL"),
        endpoint("2", "EMAIL", "b@example.com", EndpointStatus="INACTIVE"),
        endpoint("3", "EMAIL", "c@example.com", OptOut="NONE", EndpointStatus="ACTIVE"),
    )
    assert [row.get("email") for row in rows.values()] == [None, None, "c@example.com"]
    assert (counts["opted_out"], counts["no_address"]) == (1, 1)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (endpoint("", "EMAIL", "a@example.com"), "no User.UserId"),
        (endpoint("1", "EMAIL", "a.example.com"), "no e-mail address"),
        (endpoint("1", "SMS", "call me"), "no phone number"),
        (endpoint("1", "EMAIL", ""), "no Address"),
        (endpoint("1" * 256, "EMAIL", "a@example.com"), "longer than 255"),
    ],
)
def test_bad_rows_are_named_by_line_without_their_values(row, problem):
    rows, report, _ = convert(row)
    assert (rows, report.bad_rows) == ({}, 1)
    assert report.problems[0].startswith("line 2: ")
    assert problem in report.problems[0]
    assert "example.com" not in report.problems[0]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("User.UserAttributes.FirstName", "first_name"),
        ("Location.Country", "country"),
        ("Attributes.Favourite genre", "attribute_Favourite_genre"),
        ("Metrics.visits", "attribute_visits"),
        ("Attributes." + "x" * 80, "attribute_" + "x" * 50),
    ],
)
def test_columns_fit_the_upload_jobs_field_names(name, column):
    assert column_of(name) == column
    assert len(column) <= 64
