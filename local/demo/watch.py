"""Watches runs from outside, as their record in the audience bucket grows, and tells it line by line."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SIGNS = {"succeeded": "done", "partial": "done, with problems", "failed": "FAILED", "skipped": "skipped"}


@dataclass(frozen=True)
class Expected:
    """A run that must come: one whose first stage is `stage`; `what` names it for people."""

    stage: str
    what: str


class Watcher:
    """Follows every run below `runs/` until the expected ones have their report."""

    def __init__(self, s3: Any, bucket: str, say: Callable[[str], None]) -> None:
        """Read from `bucket`; each thing that finished is said once."""
        self._s3, self._bucket, self._say = s3, bucket, say
        self._told: set[str] = set()

    def wait(self, expected: list[Expected], timeout_seconds: float) -> dict[str, dict[str, Any]]:
        """Return the finished reports by expected stage. Raises TimeoutError naming what is missing."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            reports = self._look()
            found = {
                want.stage: report
                for want in expected
                for report in reports
                if any(item["stage"] == want.stage for item in report["stages"])
            }
            if len(found) == len(expected):
                return found
            if time.monotonic() > deadline:
                missing = ", ".join(want.what for want in expected if want.stage not in found)
                raise TimeoutError(f"No report came for: {missing}.")
            time.sleep(0.3)

    def _look(self) -> list[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix="runs/")
        reports = []
        for key in sorted(item["Key"] for page in pages for item in page.get("Contents", [])):
            if "/stages/" in key and key not in self._told:
                self._tell(key, self._read(key))
            elif key.endswith("/report.json"):
                reports.append(self._read(key))
        return reports

    def _tell(self, key: str, result: dict[str, Any]) -> None:
        if result.get("status") in _SIGNS:
            self._told.add(key)
            self._say(f"  {result['stage']:<26} {_name(result):<52} {_SIGNS[result['status']]}")

    def _read(self, key: str) -> dict[str, Any]:
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return dict(json.loads(body))


def _name(result: dict[str, Any]) -> str:
    """Return what people know a piece of work by: platform and audience, or the end of a file's name."""
    data = result.get("data") or {}
    if data.get("platform") and data.get("audience"):
        return f"{data['platform']} / {data['audience']}"
    return str(result["name"])[-52:]
