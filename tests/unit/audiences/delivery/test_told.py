"""What an answer does not say in so many words was not said."""

import pytest
from audiences.delivery.client import Answer
from audiences.delivery.told import Told
from audiences.errors import RetryLater


@pytest.mark.parametrize("value", [None, -1, True, 1.5, "x", "-1", "", [], {}, 10**30, "9" * 30, "٣"])
def test_only_whole_numbers_are_counts(value):
    with pytest.raises(RetryLater, match="Meta's answer was not understood"):
        Told({"n": value}, "Meta").count("n")


@pytest.mark.parametrize(("value", "number"), [(0, 0), (7, 7), ("7", 7)])
def test_counts_may_come_as_digits(value, number):
    assert Told({"n": value}, "Meta").count("n", most=7) == number


def test_more_than_was_sent_is_no_count():
    with pytest.raises(RetryLater, match="more than was sent"):
        Told({"n": 8}, "Meta").count("n", most=7)


@pytest.mark.parametrize("value", [None, "", "a/b", "..", "a?b", "<html>", "a b", -1, True, {}, "\ud800"])
def test_an_id_changes_no_address(value):
    with pytest.raises(RetryLater, match="is no id"):
        Told({"id": value}, "Meta").id("id")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_object_says_nothing(body):
    with pytest.raises(RetryLater, match="no JSON object"):
        Told(Answer(200, {}, body).json, "Meta")


def test_no_value_of_the_answer_is_told():
    with pytest.raises(RetryLater) as caught:
        Told({"n": "anna@example.com"}, "Meta").count("n")
    assert "anna" not in str(caught.value)
