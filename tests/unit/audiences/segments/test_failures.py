"""What a state machine caught becomes a text for people that leaks nothing."""

import json

from audiences.errors import DataError
from audiences.segments.failures import failure_of


def caught(error, **cause):
    return {"Error": error, "Cause": json.dumps(cause)}


def test_our_own_errors_are_shown_whole():
    error = DataError("It broke.", "Because.", "Do this.")
    found = failure_of(caught("DataError", errorType="DataError", errorMessage=str(error)))
    assert found == {"error": "DataError", "what": "It broke. Because. Do this.", "why": "", "fix": ""}


def test_an_unexpected_exception_is_named_but_not_quoted():
    found = failure_of(caught("KeyError", errorType="KeyError", errorMessage="'one@example.com'"))
    assert found["error"] == "KeyError"
    assert "example.com" not in json.dumps(found)


def test_aws_errors_say_what_aws_said():
    found = failure_of({"Error": "Pinpoint.NotFoundException", "Cause": "Resource not found"})
    assert (found["error"], found["why"]) == ("Pinpoint.NotFoundException", "Resource not found")


def test_a_timeout_without_cause_is_explained():
    assert failure_of({"Error": "States.Timeout"})["why"] == "It took longer than allowed."
