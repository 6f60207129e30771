"""Puts events on a bus, and raises when the bus refused one (PutEvents answers 200 with FailedEntryCount)."""

from __future__ import annotations

from typing import Any

from audiences.edges.aws import client
from audiences.errors import RetryLater


def put_events(entries: list[dict[str, Any]]) -> None:
    """Put entries in batches of ten, the limit of PutEvents. Raises RetryLater when any entry was refused.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
    """
    for start in range(0, len(entries), 10):
        answer = client("events").put_events(Entries=entries[start : start + 10])
        if answer["FailedEntryCount"]:
            codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
            raise RetryLater("The event bus refused an event.", f"EventBridge says {', '.join(codes)}.")
