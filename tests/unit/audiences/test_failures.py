"""What, why and next step survive each border as what they are."""

import json

import pytest
from audiences import failures
from audiences.errors import AudienceError, DataError, RecordRejected, RetryLater, SetupError, of_failure
from hypothesis import given
from hypothesis import strategies as st

OWN = (SetupError, RetryLater, RecordRejected, DataError)
TEXTS = st.text(alphabet=st.sampled_from(list('ab :\n\r\t"\\…ü')) | st.characters(codec="utf-8"), max_size=60)
LABELLED = TEXTS | st.lists(st.sampled_from(["Why: ", "Next: ", "  ", "\n", "x", "DataError: "])).map("".join)


def parts_of(failure):
    return failure["what"], failure["why"], failure["fix"]


@given(LABELLED, LABELLED, LABELLED)
def test_every_text_is_read_back_exactly(what, why, fix):
    assert parts_of(failures.from_text(failures.to_text(what, why, fix))) == (what, why, fix)


@given(LABELLED, LABELLED, LABELLED)
def test_a_function_s_cause_is_read_back_exactly(what, why, fix):
    error = DataError(what, why, fix)
    cause = json.dumps({"errorMessage": str(error), "errorType": "DataError", "stackTrace": ["x"]})
    expected = error.as_failure() if str(error) else failures.unexpected("DataError")
    assert failures.from_caught({"Error": "DataError", "Cause": cause}) == expected


def test_the_names_are_those_of_the_errors():
    assert {kind.__name__ for kind in OWN} == set(failures.OURS)
    assert all(issubclass(kind, AudienceError) for kind in OWN)
    for kind in OWN:
        error = kind("It broke.", "Because.", "Do this.")
        again = of_failure(error.as_failure())
        assert (type(again), str(again)) == (kind, "It broke.\nWhy: Because.\nNext: Do this.")
        assert type("SpecialError", (kind,), {})("It broke.").as_failure()["error"] == kind.__name__


def test_a_long_reason_does_not_push_out_the_next_step():
    error = DataError("It broke.", "line\n" * 40_000, "Do this.")
    assert len(str(error)) < 10_000
    assert str(error).endswith("…\nNext: Do this.")
    assert len(error.why) == 200_000


@pytest.mark.parametrize("length", range(20, 120, 7))
def test_a_cause_cut_short_tells_what_is_left(length):
    cause = json.dumps(
        {
            "errorMessage": str(DataError('It "broke".', "Because\nof it.", "Do this.")),
            "errorType": "DataError",
        }
    )
    found = failures.from_caught({"Error": "DataError", "Cause": cause[:length]})
    assert found["error"] == "DataError"
    for part, whole in zip(parts_of(found), ('It "broke".', "Because\nof it.", "Do this."), strict=True):
        assert whole.startswith(part.rstrip("\\"))
    assert "errorMessage" not in json.dumps(found)


def test_an_unexpected_exception_is_named_but_not_quoted():
    cause = json.dumps({"errorMessage": "'one@example.com'", "errorType": "KeyError"})
    for text in (cause, cause[:30]):
        found = failures.from_caught({"Error": "KeyError", "Cause": text})
        assert found["error"] == "KeyError"
        assert "example.com" not in json.dumps(found)
        assert all(parts_of(found))


def test_what_aws_calls_a_refusal_is_told():
    cause = json.dumps(
        {"errorMessage": "AWS answered AccessDenied to PutObject.", "errorType": "ClientError"}
    )
    found = failures.from_caught({"Error": "ClientError", "Cause": cause})
    assert found["why"] == "AWS answered AccessDenied to PutObject."


def test_an_error_of_a_workflow_s_workflow_is_the_inner_one():
    error = SetupError("It broke.", "Because.", "Do this.")
    caught = {
        "Error": "SetupError",
        "Cause": json.dumps({"errorMessage": str(error), "errorType": "SetupError"}),
    }
    for _ in range(3):
        caught = {"Error": "States.TaskFailed", "Cause": json.dumps({**caught, "Status": "FAILED"})}
    assert failures.from_caught(caught) == error.as_failure()


def test_a_workflow_s_own_words_are_parts_too():
    caught = {"Error": "RetryLater", "Cause": "It took too long.\nNext: Look there."}
    assert failures.from_caught(caught) == RetryLater("It took too long.", "", "Look there.").as_failure()


@pytest.mark.parametrize(
    "message",
    [
        "DataError: It broke.\nWhy: Because.\nNext: Do this.",
        "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 42; DataError: It broke. Why: Because. Next: Do this.",
        'Traceback:\n  File "x.py", line 1\naudiences.errors.DataError: It broke.\nWhy: Because.\nNext: Do this.',
        "audiences.errors.DataError: It broke.\nWhy: Because.\nNext: Do this.\n\n\tat org.apache.spark.api.python",
    ],
)
def test_a_glue_job_s_message_holds_the_parts(message):
    cause = json.dumps({"JobName": "prepare", "JobRunState": "FAILED", "ErrorMessage": message})
    found = failures.from_caught({"Error": "States.TaskFailed", "Cause": cause})
    assert found == DataError("It broke.", "Because.", "Do this.").as_failure()


def test_what_glue_says_itself_is_shown_and_what_an_exception_says_there_is_not():
    def of(message):
        cause = json.dumps({"JobRunState": "FAILED", "ErrorMessage": message})
        return failures.from_caught({"Error": "States.TaskFailed", "Cause": cause})

    assert of("Exceeded maximum number of retries")["why"] == "Exceeded maximum number of retries"
    leaky = of("Failed Line Number: 7; KeyError: 'one@example.com'")
    assert leaky["error"] == "KeyError"
    assert "example.com" not in json.dumps(leaky)


def test_aws_errors_say_what_aws_said():
    found = failures.from_caught({"Error": "Pinpoint.NotFoundException", "Cause": "Resource not found"})
    assert (found["error"], found["why"]) == ("Pinpoint.NotFoundException", "Resource not found")
    assert failures.from_caught({"Error": "States.Timeout"})["why"] == "It took longer than allowed."
    assert failures.from_caught({})["error"] == "Unknown"


def test_attributes_leave_out_what_sqs_refuses():
    told = failures.to_attributes(SetupError("A\x00\x1b is \ud800 odd.", "", "x" * 5_000).as_failure())
    assert told["What"] == {"DataType": "String", "StringValue": "A is  odd."}
    assert set(told) == {"Error", "What", "Next"}
    assert len(told["Next"]["StringValue"]) == 1_000
