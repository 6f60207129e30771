"""Keeps run records in the audience bucket: `runs/<run_id>/stages/<stage>/<name>.json`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from audiences.edges.aws import client
from audiences.redact import redact_all
from audiences.runs import StageResult


def save_result(bucket: str, run_id: str, result: StageResult) -> str:
    """Write one stage result and return its S3 URI. Writing it again replaces it (idempotent)."""
    key = result.key(run_id)
    result = replace(result, data=redact_all(result.data), failure=redact_all(result.failure))
    client("s3").put_object(
        Bucket=bucket, Key=key, Body=json.dumps(result.as_json()).encode(), ContentType="application/json"
    )
    return f"s3://{bucket}/{key}"


def load_results(bucket: str, run_id: str) -> list[StageResult]:
    """Read every stage result of a run, in key order."""
    return [StageResult.from_json(value) for value in _load(bucket, f"runs/{run_id}/stages/")]


def _load(bucket: str, prefix: str) -> list[dict[str, Any]]:
    s3 = client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
