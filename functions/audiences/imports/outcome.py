"""Puts the end of an import into words: what arrived, what did not, and why, with no personal data. Pure."""

from __future__ import annotations

from typing import Any

from audiences.errors import DataError
from audiences.redact import their_words
from audiences.runs import StageResult

PINPOINT_STAGE = "pinpoint-import"
PROFILES_STAGE = "customer-profiles-import"
FINISHED = ("COMPLETED", "FAILED")


def pinpoint_result(name: str, file: dict[str, Any], job: dict[str, Any], segment_id: str) -> StageResult:
    """Return the result of a Pinpoint import job.

    `file` is what the inspection found (file, kind, segment_name, run_segment, problems, expects), `job` an
    ImportJobResponse. COMPLETED with failed endpoints or pieces is partial, not a success:
    https://docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-jobs-import.html
    """
    processed, failed = int(job.get("TotalProcessed") or 0), int(job.get("TotalFailures") or 0)
    pieces = int(job.get("FailedPieces") or 0)
    size = max(processed - failed, 0)
    reasons = sorted({their_words(reason)[:200] for reason in job.get("Failures") or []})
    complete = job.get("JobStatus") == "COMPLETED"
    status = "failed" if not complete else "partial" if failed or pieces else "succeeded"
    text = f"{size} of {processed} rows are in the segment."
    if pieces:
        text += f" {pieces} of {job.get('TotalPieces', pieces)} pieces of the file could not be processed."
    data = _data(file, size=size, processed=processed, failed=failed, failures=reasons, text=text)
    data["segment_id"] = segment_id
    failure = None
    if status == "failed":
        failure = DataError(
            "Pinpoint could not import the file.", "; ".join(reasons[:3]), _fix(file)
        ).as_failure()
    elif status == "partial":
        failure = DataError(
            f"Pinpoint left out {failed} of {processed} rows.", "; ".join(reasons[:3]), _fix(file)
        ).as_failure()
    return StageResult(
        stage=PINPOINT_STAGE,
        name=name,
        status=status,
        data=data,
        failure=failure,
        expects=file.get("expects", []),
    )


def profiles_result(
    name: str, file: dict[str, Any], jobs: list[dict[str, Any]], *, rejected: int, segment: dict[str, Any]
) -> StageResult:
    """Return the result of a Customer Profiles import.

    `jobs` are GetUploadJob answers, one per part; `rejected` rows never left us; `segment` is {id, size} or
    empty for an import of profiles; its `lost` is told beside what else went wrong. Partial when any record
    failed or was rejected, when one of several parts did, or when the list of members was lost.
    """
    summaries = [job.get("ResultsSummary") or {} for job in jobs]
    updated, created, failed = (
        sum(int(summary.get(field) or 0) for summary in summaries)
        for field in ("UpdatedRecords", "CreatedRecords", "FailedRecords")
    )
    ended_well = [job for job in jobs if job.get("Status") in ("SUCCEEDED", "PARTIALLY_SUCCEEDED")]
    reasons = sorted({their_words(str(job["StatusReason"])) for job in jobs if job.get("StatusReason")})
    partial = failed or rejected or any(job.get("Status") != "SUCCEEDED" for job in jobs)
    status = "failed" if not ended_well else "partial" if partial else "succeeded"
    text = f"{updated} profiles updated, {created} created, {failed} failed, {rejected} rows rejected before."
    size = segment.get("size", updated + created)
    if segment.get("note"):
        text += f" {segment['note']}"
    data = _data(
        file,
        size=size,
        processed=updated + created + failed + rejected,
        failed=failed + rejected,
        failures=reasons,
        text=text,
    )
    data["segment_id"] = segment.get("id", "")
    failure, lost = None, segment.get("lost") or {}
    if status != "succeeded":
        what = (
            "Customer Profiles could not import the file."
            if status == "failed"
            else "Some rows were not imported."
        )
        also = [lost["what"], lost["why"]] if lost else []
        failure = DataError(what, " ".join([text, *reasons, *also]), _fix(file)).as_failure()
    elif lost:
        status, failure = "partial", lost
    return StageResult(
        stage=PROFILES_STAGE,
        name=name,
        status=status,
        data=data,
        failure=failure,
        expects=file.get("expects", []),
    )


def skipped_result(stage: str, name: str, file: dict[str, Any], note: str) -> StageResult:
    """Return the result of a file that is not for this service, with the reason."""
    data = _data(file, size=0, processed=0, failed=0, failures=[], text=note)
    return StageResult(
        stage=stage,
        name=name,
        status="skipped",
        data={**data, "segment_id": ""},
        expects=file.get("expects", []),
    )


def _data(
    file: dict[str, Any], *, size: int, processed: int, failed: int, failures: list[str], text: str
) -> dict[str, Any]:
    bad = list(file.get("problems", []))
    return {
        "file": file["file"],
        "segment_name": file["segment_name"],
        "size": size,
        "processed": processed,
        "failed": failed,
        "failures": [*failures, *bad],
        "kind": "endpoints" if file["kind"] == "endpoints" else "segment",
        "run_segment": file.get("run_segment"),
        "status_text": text,
    }


def _fix(file: dict[str, Any]) -> str:
    rows = f" Start with {file['problems'][0]}." if file.get("problems") else ""
    return f"Correct the rows and upload the file again.{rows}"
