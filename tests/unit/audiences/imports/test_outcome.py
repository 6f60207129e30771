"""How an import ended, in words and numbers that add up, without personal data."""

import pytest
from audiences.imports.outcome import pinpoint_result, profiles_result

FILE = {
    "file": "s3://b/pinpoint/a.csv",
    "segment_name": "a.csv",
    "kind": "user-ids",
    "run_segment": None,
    "problems": [],
}


def job(**more):
    return {"JobStatus": "COMPLETED", "TotalProcessed": 10, "TotalFailures": 0, "FailedPieces": 0, **more}


def upload(status="SUCCEEDED", updated=0, created=0, failed=0, **more):
    summary = {"UpdatedRecords": updated, "CreatedRecords": created, "FailedRecords": failed}
    return {"Status": status, "ResultsSummary": summary, **more}


@pytest.mark.parametrize(
    ("found", "status", "size"),
    [
        (job(), "succeeded", 10),
        (job(TotalFailures=3), "partial", 7),
        (job(FailedPieces=1, TotalPieces=2), "partial", 10),
        (job(JobStatus="FAILED"), "failed", 10),
        ({"JobStatus": "COMPLETED"}, "succeeded", 0),
    ],
)
def test_total_failures_and_failed_pieces_make_an_import_partial(found, status, size):
    result = pinpoint_result("k", FILE, found, "seg")
    assert (result.status, result.data["size"]) == (status, size)
    assert (result.failure is None) == (status == "succeeded")


def test_reasons_lose_everything_that_may_be_somebodys():
    reasons = ["Value 'Jane Doe' is not allowed", "a.csv line 3: no endpoint has this Id."]
    told = pinpoint_result("k", FILE, job(TotalFailures=2, Failures=reasons), "seg")
    assert told.data["failures"][:2] == ["Value '…' is not allowed", "a.csv line 3: no endpoint has this Id."]
    assert "Jane" not in str(told.as_json())


@pytest.mark.parametrize(
    ("jobs", "rejected", "status"),
    [
        ([upload(updated=3)], 0, "succeeded"),
        ([upload(updated=3)], 1, "partial"),
        ([upload("PARTIALLY_SUCCEEDED", updated=3, failed=1)], 0, "partial"),
        ([upload(updated=3), upload("FAILED", StatusReason="INTERNAL_FAILURE")], 0, "partial"),
        ([upload("FAILED", StatusReason="VALIDATION_FAILURE")], 0, "failed"),
        ([upload("STOPPED")], 0, "failed"),
    ],
)
def test_uploads_that_lost_rows_are_partial(jobs, rejected, status):
    result = profiles_result("k", FILE, jobs, rejected=rejected, segment={})
    assert result.status == status
    assert (result.failure is None) == (status == "succeeded")


def test_counts_add_up():
    jobs = [upload("PARTIALLY_SUCCEEDED", updated=3, created=2, failed=1)]
    data = profiles_result("k", FILE, jobs, rejected=4, segment={"id": "arn", "size": 9}).data
    assert (data["processed"], data["failed"], data["size"], data["segment_id"]) == (10, 5, 9, "arn")
    assert data["status_text"] == "3 profiles updated, 2 created, 1 failed, 4 rows rejected before."


LOST = {"error": "DataError", "what": "The list is gone.", "why": "Run 1 left 9.", "fix": "Restore it."}


def test_a_lost_list_of_members_makes_an_import_partial_and_is_told():
    result = profiles_result("k", FILE, [upload(updated=3)], rejected=0, segment={"lost": LOST})
    assert (result.status, result.failure) == ("partial", LOST)
    also = profiles_result("k", FILE, [upload(updated=3)], rejected=1, segment={"lost": LOST}).failure
    assert also["why"].endswith("1 rows rejected before. The list is gone. Run 1 left 9.")
