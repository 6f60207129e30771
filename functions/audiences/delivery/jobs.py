"""Jobs: work that a platform goes on with after it took a batch, looked at until it has ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from audiences.errors import RetryLater, SetupError

if TYPE_CHECKING:
    from audiences.delivery.engine import Delivery
    from audiences.delivery.model import Audience

_KEPT_HOURS = 24  # in which every platform knows a job of its own; later a job may be forgotten


class JobGoneError(SetupError):  # only a poll raises it, and `look` alone meets it
    """The platform knows no such job."""


def look(delivery: Delivery, audience: Audience, name: str) -> None:
    """Ask once how the job of a batch goes on, and note how it ended.

    SetupError when it does not end (`Uploader.poll_hours`), and when the platform does not know a young one.
    An old one that it does not know any more counts for nothing: its batch is sent again.
    """
    delivery.patience.check(delivery.prepared.name)
    entry = delivery.entries[name]
    job, rows = entry["result"]["job"], entry["rows"]
    hours = (delivery.patience.clock() - datetime.fromisoformat(entry["at"]).timestamp()) / 3600
    try:
        ended = delivery.ask(audience, lambda: delivery.client.poll(audience, job, rows))
    except JobGoneError as gone:
        if hours <= _KEPT_HOURS:
            raise SetupError(gone.what, gone.why, gone.fix) from None
        delivery.forget({name: entry})
        return
    if ended is None and hours > delivery.uploader.poll_hours:
        ended = delivery.ask(audience, lambda: delivery.client.overdue(audience, job, rows))
        if ended is None:
            prepared = delivery.prepared
            raise SetupError(
                f"{prepared.platform} has been working on {prepared.name} for {hours:.0f} hours.",
                f"Its job {job} does not end.",
                "Ask the platform's support about the job, then redrive: what was sent is not sent again.",
            )
    if ended is not None:
        delivery.note(name, {**entry, "job": job, "result": ended.as_json()}, again=True)


def wait_for(delivery: Delivery, jobs: int) -> None:
    """Sleep until the next look, or raise RetryLater where that is too long."""
    wait = delivery.uploader.poll_seconds
    if wait > min(delivery.patience.longest, delivery.patience.left()):
        raise RetryLater(
            f"{delivery.prepared.platform} is still working on {jobs} batches of {delivery.prepared.name}.",
            "It takes batches first and reads them later.",
            retry_after=wait,
        )
    delivery.patience.sleep(wait)
