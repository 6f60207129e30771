"""Tells how far a run has come, also when one of its records is damaged.

A record that cannot be read counts as failed, not as missing: a run must not wait for hours, and must not
stay without a mail, because of one bad object.
"""

from __future__ import annotations

from dataclasses import dataclass

from audiences.errors import DataError
from audiences.runs import StageResult, missing, safe_name


@dataclass(frozen=True)
class Record:
    """One stage result with the time it was written, ISO 8601 in UTC (empty when unknown)."""

    result: StageResult
    at: str = ""


def resolve_unreadable(records: list[Record], unreadable: list[str]) -> list[Record]:
    """Return the records with a failed result in place of each unreadable object.

    unreadable: S3 keys, `runs/<run_id>/stages/<stage>/<safe name>.json`. When another stage promised this
    piece of work, its full name is taken from the promise; otherwise the name in the key is used.
    """
    promised = {(stage, safe_name(name)): name for record in records for stage, name in record.result.expects}
    resolved = list(records)
    for key in unreadable:
        *_, stage, file = key.split("/")
        stem = file.removesuffix(".json")
        error = DataError(
            "The record of this piece of work could not be read, so its outcome is unknown.",
            f"The object {key} is not a stage result of this version.",
            "Look at the workflow's execution in Step Functions.",
        )
        name = promised.get((stage, stem), stem)
        resolved.append(Record(StageResult(stage, name, "failed", failure=error.as_failure())))
    return resolved


def waiting_for(records: list[Record]) -> list[list[str]]:
    """Return the `[stage, name]` pairs that the run still waits for. `records` are resolved already."""
    return missing([record.result for record in records])
