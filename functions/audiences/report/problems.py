"""Collects what went wrong in a run, each with what to do next, and checks that the counts add up."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from audiences.facts import CLASSES, Delivery, count_in, texts_in
from audiences.report.text import count
from audiences.runs import FINAL

if TYPE_CHECKING:
    from audiences.report.progress import Record
    from audiences.runs import StageResult


def collect_failures(
    records: list[Record], waiting: list[list[str]], deadline_hours: float
) -> list[dict[str, str]]:
    """Return one entry per problem: `{stage, name, error, what, why, fix}`.

    waiting: `[stage, name]` pairs not final when the report is written, that is at the deadline.
    """
    failures: list[dict[str, str]] = []
    for record in records:
        failures += _failures_of(record.result)
    for stage, name in waiting:
        failures.append(_never_finished(stage, name, deadline_hours))
    return failures


def _failures_of(result: StageResult) -> list[dict[str, str]]:
    failures = []
    if result.failure and not _only_sums_up(result):
        failures.append(_entry(result, **_four_parts(result.failure)))
    failures += _failed_queries(result) + _failed_jobs(result) + _failed_rows(result)
    failures += _counts_that_do_not_add_up(result)
    if not failures and result.status in {"failed", "partial"}:
        what = "This piece of work failed." if result.status == "failed" else "A part of this work failed."
        fix = "Open the workflow's execution in Step Functions."
        failures.append(_entry(result, "Unknown", what, "It gave no reason.", fix))
    return failures


def _only_sums_up(result: StageResult) -> bool:
    """Tell whether the failure only repeats the failed queries, which are listed one by one."""
    return bool(result.data.get("failed_queries")) and (result.failure or {}).get("error") == "RecordRejected"


def _four_parts(failure: dict[str, Any]) -> dict[str, str]:
    parts = {part: str(failure.get(part) or "") for part in ("error", "what", "why", "fix")}
    return {
        **parts,
        "error": parts["error"] or "Unknown",
        "what": parts["what"] or "This piece of work failed.",
    }


def _failed_queries(result: StageResult) -> list[dict[str, str]]:
    return [
        _entry(
            result,
            "DataError",
            f"The query {query.get('query', '')} gave no segment.",
            str(query.get("reason", "")),
            "Correct the query in job_config.json and upload the training configuration again.",
        )
        for query in result.data.get("failed_queries") or []
    ]


def _failed_jobs(result: StageResult) -> list[dict[str, str]]:
    """Return the segment jobs that failed, unless the failure of the training names them already."""
    told = (result.failure or {}).get("why", "")
    return [
        _entry(
            result,
            "SetupError",
            f"The segment job {job.get('job', '')} failed.",
            str(job.get("reason", "")),
            "Correct the cause and upload the training configuration again.",
        )
        for job in result.data.get("failed_segment_jobs") or []
        if str(job.get("job", "")) not in told
    ]


def _failed_rows(result: StageResult) -> list[dict[str, str]]:
    failed = count_in(result.data, "failed")
    if not failed or result.failure:
        return []
    reasons = list(dict.fromkeys(texts_in(result.data, "failures")))
    shown = "; ".join(reasons[:3])
    more = f" (and {count(len(reasons) - 3, 'other reason')})" if len(reasons) > 3 else ""
    return [
        _entry(
            result,
            "RecordRejected",
            f"{count(failed, 'row was', 'rows were')} not imported.",
            f"{shown}{more}",
            "Correct these rows and upload the file again; the other rows are in.",
        )
    ]


def _counts_that_do_not_add_up(result: StageResult) -> list[dict[str, str]]:
    """Check a delivery: received = sent + rejected + unchanged + suppressed, and accepted <= sent."""
    if result.stage != "delivery" or result.status not in FINAL:
        return []
    told = Delivery.of(result.data, result.status)
    counts = {**asdict(told.counts), "accepted": told.accepted}
    unknown = [name for name, number in counts.items() if number is None]
    if unknown:
        return [] if result.failure else [_unknown_counts(result, unknown)]
    if told.counts.add_up and counts["accepted"] <= counts["sent"]:
        return []
    parts = " + ".join(f"{counts[name]} {name}" for name in CLASSES if name != "sent")
    return [
        _entry(
            result,
            "DataError",
            f"The counts of this delivery do not add up: {counts['received']} received, {counts['sent']} sent + "
            f"{parts}, {counts['accepted']} accepted.",
            "Records were lost or counted twice between preparation and delivery.",
            "Do not rely on this audience's size. Report it with the run id.",
        )
    ]


def _unknown_counts(result: StageResult, unknown: list[str]) -> dict[str, str]:
    return _entry(
        result,
        "DataError",
        f"The result of this delivery does not say how many were {', '.join(unknown)}.",
        "It is of another version, or damaged.",
        "Look at the receipt in the audience bucket, and do not rely on this audience's size.",
    )


def _never_finished(stage: str, name: str, deadline_hours: float) -> dict[str, str]:
    return {
        "stage": stage,
        "name": name,
        "error": "NotFinished",
        "what": "This piece of work never finished.",
        "why": f"Nothing final was heard from it within {deadline_hours:g} hours.",
        "fix": "Open its workflow in Step Functions: it is stuck, stopped, or slower than RunDeadlineHours.",
    }


def _entry(result: StageResult, error: str, what: str, why: str, fix: str) -> dict[str, str]:
    return {"stage": result.stage, "name": result.name, "error": error, "what": what, "why": why, "fix": fix}
