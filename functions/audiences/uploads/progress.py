"""Tells a workflow what comes next, in the few words and numbers that its states carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiences.delivery.model import Audience
    from audiences.uploads.stepwise import StepwiseDelivery


def describe(delivery: StepwiseDelivery, audience: Audience) -> dict[str, Any]:
    """Return `{next: place|wait|finish, left, jobs, wait_seconds}`: batches to send, jobs that go on."""
    todo = delivery.todo(audience)
    wait = int(delivery.uploader.poll_seconds) if todo.next == "wait" else 0
    return {"next": todo.next, "left": todo.left, "jobs": todo.jobs, "wait_seconds": wait}


def nothing_left(then: str) -> dict[str, Any]:
    """Return the same with nothing left to send."""
    return {"next": then, "left": 0, "jobs": 0, "wait_seconds": 0}
