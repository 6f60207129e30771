"""Reads a run's stage results, damaged ones included, and keeps its report beside them in S3."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from audiences.edges.aws import client
from audiences.report.progress import Record, resolve_unreadable
from audiences.runs import StageResult

_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8"}


def load_records(bucket: str, run_id: str) -> list[Record]:
    """Return every stage result of a run with the time it was written, in key order.

    An object that is no stage result becomes a failed one; a bucket that cannot be read raises.
    """
    s3 = client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"runs/{run_id}/stages/")
    records, unreadable = [], []
    for item in (item for page in pages for item in page.get("Contents", [])):
        body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        result = _parse(body)
        if result is None:
            unreadable.append(item["Key"])
        else:
            at = item["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
            records.append(Record(result, at))
    return resolve_unreadable(records, unreadable)


def _parse(body: bytes) -> StageResult | None:
    """Return the stage result, or None when the object is not one: the caller reports it as a failure."""
    try:
        result = StageResult.from_json(json.loads(body))
        promises = [(stage, name) for stage, name in result.expects]
    except (ValueError, TypeError):  # no JSON, no object, unknown status, missing or unknown fields
        return None
    texts = all(isinstance(text, str) for pair in [(result.stage, result.name), *promises] for text in pair)
    return result if texts and isinstance(result.data, dict) else None


def save_report(bucket: str, run_id: str, files: dict[str, str]) -> dict[str, str]:
    """Write e.g. `report.json` to `runs/<run_id>/` and return each file's S3 URI. Writing again replaces."""
    uris = {}
    for name, text in files.items():
        key = f"runs/{run_id}/{name}"
        kind: dict[str, Any] = {"ContentType": _TYPES[name.rpartition(".")[2]]}
        client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode(), **kind)
        uris[name] = f"s3://{bucket}/{key}"
    return uris
