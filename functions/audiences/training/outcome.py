"""What a run of training came to: the stage result behind the mail, on success and on failure alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audiences.failures import from_caught
from audiences.runs import PENDING, StageResult
from audiences.training.ensure import ACTIVE, Record
from audiences.training.names import POSTPROCESSING, STAGE, Run
from audiences.training.plan import Plan

_FIX = "Correct the cause and upload the configuration again."


@dataclass(frozen=True)
class Failure:
    """What a state of the workflow failed with. resource: id in the plan, or "" for the run as a whole."""

    resource: str
    error: str
    what: str
    why: str = ""
    fix: str = _FIX

    def as_json(self) -> dict[str, str]:
        """Return the form of `AudienceError.as_failure()`."""
        return {"error": self.error, "what": self.what, "why": self.why, "fix": self.fix}


def read_failure(value: dict[str, Any]) -> Failure:
    """Return the failure in a state's error output: `{resource?, waiting_for?, Error, Cause}`.

    A wait that came to its end is a failure too.
    """
    told = from_caught(value)
    error, what, why, fix = (told[part] for part in ("error", "what", "why", "fix"))
    resource = str(value.get("resource", ""))
    if error == "RetryLater" and value.get("waiting_for") == "files":
        return Failure(
            "", "DataError", "The workflow stopped waiting for files.", _line(what, why), fix or _FIX
        )
    if error in ("RetryLater", "States.Timeout"):
        why = why if error == "States.Timeout" else _line(what, why)
        return Failure(resource, error, "The workflow waited as long as it may.", why, fix or _FIX)
    return Failure(resource, error, what, why, fix or _FIX)


def _line(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def pending_result(run: Run, plan: Plan | None = None) -> StageResult:
    """Return the result of a run under way; with a plan it promises what post-processing will deliver."""
    if plan is None:
        return StageResult(STAGE, run.name, PENDING, _data(run, None, []))
    expects = [[POSTPROCESSING, name] for name in plan.job_names]
    return StageResult(STAGE, run.name, PENDING, _data(run, plan, []), expects)


def final_result(
    run: Run, plan: Plan | None, records: dict[str, Record], failures: list[Failure]
) -> StageResult:
    """Return the final result: succeeded, partial (some segment jobs or solutions failed) or failed.

    Only segment jobs that became active are still expected from post-processing.
    """
    events = sorted((e for record in records.values() for e in record.events), key=lambda event: event["at"])
    data = _data(run, plan, events)
    if plan is None:
        first = (
            failures[0]
            if failures
            else Failure("", "SetupError", "The workflow failed before it had a plan.")
        )
        return StageResult(STAGE, run.name, "failed", data, [], first.as_json())
    active = [job for job in plan.segment_jobs if records[job].status == ACTIVE]
    lost = [job for job in plan.segment_jobs if job not in active]
    data["segment_jobs"] = [plan.resources[job]["name"] for job in active]
    reasons = {job: _reason(job, records, failures) for job in lost}
    data["failed_segment_jobs"] = [
        {"job": plan.resources[job]["name"], "reason": reason or "It was not begun."}
        for job, reason in reasons.items()
        if reason or not failures  # what never began because the run failed is no problem of its own
    ]
    expects = [[POSTPROCESSING, name] for name in data["segment_jobs"]]
    status = _status(plan, records, failures, active)
    failure = None if status == "succeeded" else _summary(plan, events, failures, data["failed_segment_jobs"])
    return StageResult(STAGE, run.name, status, data, expects, failure)


def _status(plan: Plan, records: dict[str, Record], failures: list[Failure], active: list[str]) -> str:
    """Return the status: a run with any failure is failed, unless segments are on their way all the same."""
    if not failures and len(active) == len(plan.segment_jobs):
        return "succeeded"
    trained = any(records[ids["version"]].status == ACTIVE for ids in plan.solutions)
    useful = active or (trained and not plan.segment_jobs)
    return "partial" if useful else "failed"


def _reason(job: str, records: dict[str, Record], failures: list[Failure]) -> str | None:
    told = [_line(failure.what, failure.why) for failure in failures if failure.resource == job]
    told += [event["failure_reason"] for event in records[job].events if event.get("failure_reason")]
    return told[0] if told else None


def _summary(
    plan: Plan, events: list[dict[str, Any]], failures: list[Failure], lost: list[dict[str, str]]
) -> dict[str, str]:
    """Return the failure of the run in one; the service's reason goes before a bare error of the workflow."""
    whole = [failure for failure in failures if not failure.resource]
    reasons = [
        f"{e['resource']} {e['arn']}: {e['failure_reason']}" for e in events if e.get("failure_reason")
    ]
    if whole and not (whole[0].error.startswith("States.") and reasons):
        return whole[0].as_json()
    if whole:
        return {"error": "SetupError", "what": "Personalize could not do it.", "why": reasons[0], "fix": _FIX}
    first = next((failure for failure in failures if failure.resource not in plan.segment_jobs), None)
    if first:
        return first.as_json()
    what = f"{len(lost)} of {len(plan.segment_jobs)} segment jobs failed."
    why = "\n".join(f"{job['job']}: {job['reason']}" for job in lost)
    fixes = dict.fromkeys(failure.fix for failure in failures if failure.resource in plan.segment_jobs)
    return {"error": "SetupError", "what": what, "why": why, "fix": "\n".join(fixes) or _FIX}


def _data(run: Run, plan: Plan | None, events: list[dict[str, Any]]) -> dict[str, Any]:
    group = plan.group if plan else run.name
    data: dict[str, Any] = {"dataset_group": group, "title": title(run), "events": events}
    data["config"] = f"s3://{run.bucket}/{run.key}"
    data["segment_jobs"] = plan.job_names if plan else []
    data["warnings"] = plan.notes if plan else []
    return data | (plan.counts if plan else {})


def title(run: Run) -> str:
    """Return what a person calls this run."""
    return f"Personalize training of {run.name}"
