"""Writes down what a stage begins and ends: the run record in S3 first, then the event on the bus."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.bus import put_events
from audiences.edges.run_store import save_result
from audiences.edges.s3_files import read_json
from audiences.errors import DataError
from audiences.events import stage_event
from audiences.runs import StageResult


def begin_stage(
    run_id: str, stage: str, name: str, title: str, *, own_run: bool, expects: list[list[str]] | None = None
) -> None:
    """Save a pending result, and announce the run with its human title when it is this stage's own.

    Safe to repeat: the record is replaced, and one report is made per run id however often it is announced.
    """
    pending = StageResult(stage=stage, name=name, status="pending", expects=expects or [])
    save_result(os.environ["AUDIENCE_BUCKET"], run_id, pending)
    if own_run:
        put_stage_events(run_id, stage, "Run Started", [{"title": title}])


def end_stage(run_id: str, result: StageResult, detail_type: str, data: list[dict[str, Any]]) -> None:
    """Save a final result and put one event for each item of `data` (URIs and counts only)."""
    save_result(os.environ["AUDIENCE_BUCKET"], run_id, result)
    put_stage_events(run_id, result.stage, detail_type, data)


def promised(run_id: str, stage: str, name: str) -> list[list[str]]:
    """Return what the saved result of a stage promised, or nothing when there is none yet."""
    key = StageResult(stage=stage, name=name, status="pending").key(run_id)
    try:
        saved = read_json(f"s3://{os.environ['AUDIENCE_BUCKET']}/{key}")
    except DataError:
        return []
    return StageResult.from_json(saved).expects


def put_stage_events(run_id: str, stage: str, detail_type: str, data: list[dict[str, Any]]) -> None:
    """Put one event of ours for each item of `data` on the bus EVENT_BUS_NAME."""
    bus = os.environ["EVENT_BUS_NAME"]
    put_events([stage_event(bus, stage, detail_type, run_id, item) for item in data])
