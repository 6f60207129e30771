"""Finds the run a piece of work belongs to, or names a new one, the same on every retry."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time such as `2026-11-21T10:15:00Z`, in UTC. Raises ValueError for anything else."""
    return datetime.fromisoformat(text).astimezone(UTC)


def own_run_id(execution_key: str, started: str, prefix: str = "") -> str:
    """Return `<prefix><yyyymmdd>-<hhmmss>-<6 hex>` for work nobody announced.

    `execution_key` names the event that began it and `started` is the execution's start time, so that each
    retry and the failure path get the same run.
    """
    digest = hashlib.sha256(execution_key.encode()).hexdigest()[:6]
    return f"{prefix}{parse_time(started).strftime('%Y%m%d-%H%M%S')}-{digest}"
