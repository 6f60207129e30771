"""Problems are named once, with the reasons that differ."""

from audiences.report import Record
from audiences.report.problems import collect_failures
from audiences.runs import StageResult


def failures_of(status="partial", failure=None, **data):
    record = Record(StageResult("pinpoint-import", "x.csv", status, data, failure=failure))
    return collect_failures([record], [], 8)


def test_equal_reasons_are_said_once():
    (failure,) = failures_of(failed=3, failures=["no address", "no address", "no channel"])
    assert failure["what"] == "3 rows were not imported."
    assert failure["why"] == "no address; no channel"


def test_more_than_three_reasons_are_counted():
    (failure,) = failures_of(failed=5, failures=["a", "b", "c", "d", "e"])
    assert failure["why"] == "a; b; c (and 2 other reasons)"


def test_a_failure_speaks_for_its_rows():
    (failure,) = failures_of("failed", {"what": "The import failed."}, failed=5)
    assert (failure["error"], failure["what"]) == ("Unknown", "The import failed.")


def test_an_empty_failure_still_says_something():
    (failure,) = failures_of("failed", {"error": "SetupError", "what": None})
    assert failure["what"] == "This piece of work failed."


def test_queries_are_listed_one_by_one_and_not_summed_up_again():
    queries = [{"query": "A", "reason": "r1"}, {"query": "B", "reason": "r2"}]
    summary = {
        "error": "RecordRejected",
        "what": "Some queries have no segment.",
        "why": "A: r1; B: r2",
        "fix": "x",
    }
    assert [failure["why"] for failure in failures_of(failure=summary, failed_queries=queries)] == [
        "r1",
        "r2",
    ]
    other = {"error": "SetupError", "what": "The export failed.", "why": "", "fix": "x"}
    assert len(failures_of(failure=other, failed_queries=queries)) == 3


def test_failed_segment_jobs_are_named_once():
    jobs = [{"job": "job-1", "reason": "no access"}, {"job": "job-2", "reason": "no users"}]
    told = {
        "error": "SetupError",
        "what": "2 of 3 segment jobs failed.",
        "why": "job-1: no access\njob-2: no users",
    }
    assert len(failures_of(failure=told, failed_segment_jobs=jobs)) == 1
    other = {"error": "SetupError", "what": "An import failed.", "why": "", "fix": ""}
    whats = [failure["what"] for failure in failures_of(failure=other, failed_segment_jobs=jobs)]
    assert whats == ["An import failed.", "The segment job job-1 failed.", "The segment job job-2 failed."]


def test_success_is_no_problem():
    assert failures_of("succeeded", failed=0, failures=[]) == []
    assert failures_of("skipped") == []
