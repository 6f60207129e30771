from audiences.errors import DataError
from audiences.intake.check import Counts
from audiences.intake.drop import Drop
from audiences.intake.outcome import after_exception, received, refused
from audiences.runs import StageResult, missing

DROP = Drop("b", "drop/crm-team/boots.csv", "v1", "crm-team", "e1", 12, "2026-11-22T10:15:00+00:00")
KEY = DROP.target_key


def test_a_segment_that_is_taken_waits_for_its_preparation():
    result = received(DROP, KEY, Counts(3, 1))

    assert result.data["file"] == f"s3://b/{KEY}"
    assert (result.data["users"], result.data["bad_rows"]) == (3, 1)
    assert missing([result]) == [["audience-preparation", KEY]]


def test_a_refusal_says_why_and_where_the_file_is():
    result = refused(DROP, DataError("The file is empty."))

    assert (result.status, result.failure["what"]) == ("failed", "The file is empty.")
    assert result.data["file"] == "s3://b/refused/crm-team/boots.csv"
    assert missing([result]) == []


def test_a_refusal_is_told_once():
    assert after_exception(DROP, refused(DROP, DataError("x"))) is None


def test_a_check_that_never_ended_is_told():
    pending = StageResult("sftp-intake", DROP.name, "pending")

    for saved in (None, pending):
        assert after_exception(DROP, saved).status == "failed"


def test_a_segment_that_was_taken_stays_taken_when_clearing_fails():
    taken = received(DROP, KEY, Counts(3, 0))
    told = after_exception(DROP, taken)

    assert (told.status, told.data, told.expects) == ("partial", taken.data, taken.expects)
    assert "Do not upload the file again." in told.failure["fix"]
