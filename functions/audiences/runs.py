"""What is known of a run, stage by stage: the pure record. `edges/run_store.py` keeps it in S3.

A run is complete when every stage result is final and every result that was promised (`expects`) is there.
Kept as one small JSON object per stage and name under `runs/<run_id>/stages/<stage>/<name>.json`, so that
parallel stages never write the same object.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field
from typing import Any

PENDING = "pending"
FINAL = ("succeeded", "partial", "failed", "skipped")


@dataclass(frozen=True)
class StageResult:
    """One stage's word on one piece of work (a training, a batch segment job, a file to import…).

    stage: folder name of the stage, e.g. `personalize-training`, `pinpoint-import`.
    name: what it worked on, unique in the stage, e.g. the batch segment job's name or the object key.
    status: pending | succeeded | partial | failed | skipped.
    expects: `[stage, name]` pairs that this result promises will follow.
    data: counts and URIs only. failure: `AudienceError.as_failure()` of what went wrong.
    """

    stage: str
    name: str
    status: str
    data: dict[str, Any] = field(default_factory=dict)
    expects: list[list[str]] = field(default_factory=list)
    failure: dict[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse a status nobody would recognise."""
        if self.status != PENDING and self.status not in FINAL:
            raise ValueError(f"unknown status {self.status!r}: use {PENDING} or one of {FINAL}")

    def key(self, run_id: str) -> str:
        """Return the S3 key of this result."""
        return f"runs/{run_id}/stages/{self.stage}/{safe_name(self.name)}.json"

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form kept in S3."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> StageResult:
        """Read the JSON form back."""
        return cls(**value)


def safe_name(name: str) -> str:
    """Return a short, unique, readable name for keys and execution names: `[A-Za-z0-9_-]`, at most 64 characters."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[-51:]
    return f"{readable}-{digest}" if readable else digest


def missing(results: list[StageResult]) -> list[list[str]]:
    """Return the `[stage, name]` pairs that are promised or begun and not final yet."""
    final = {(r.stage, r.name) for r in results if r.status in FINAL}
    wanted = {(r.stage, r.name) for r in results}
    wanted |= {(stage, name) for r in results for stage, name in r.expects}
    return [list(pair) for pair in sorted(wanted - final)]


def is_complete(results: list[StageResult]) -> bool:
    """Tell whether the run has something to show and nothing left to wait for."""
    return bool(results) and not missing(results)
