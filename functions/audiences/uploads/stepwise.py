"""A delivery taken one step at a time, because a workflow shows each step and waits without paying for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audiences.delivery.engine import Delivery
from audiences.delivery.jobs import look
from audiences.delivery.model import Audience, BatchResult
from audiences.uploads.drop_client import PlaceExpiredError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.client import Client
    from audiences.delivery.model import Batch
    from audiences.uploads.drop_client import DropClient, Place

Next = Literal["place", "publish", "wait", "finish", "done"]


@dataclass(frozen=True)
class Todo:
    """What comes next, for which batch. left: batches not sent yet; jobs: batches the platform works on."""

    next: Next
    batch: Batch | None = None
    left: int = 0
    jobs: int = 0


class StepwiseDelivery(Delivery):
    """The engine's delivery with its loop taken out. Every method is safe to repeat."""

    def todo(self, audience: Audience) -> Todo:
        """Return what comes next. A step begins when the platform has finished the one before it."""
        jobs = sum(bool(entry["result"]["job"]) for entry in self.batches().values())
        steps = self.steps(audience)
        left = len(self.unsent(audience))
        for step in steps:
            unsent = [batch for batch in step.batches if batch.entry not in self.entries]
            if unsent:
                return Todo("place", unsent[0], left, jobs)
            if any(self.entries[batch.entry]["result"]["job"] for batch in step.batches):
                return Todo("wait", None, left, jobs)
        return Todo("finish")

    def open_place(self, audience: Audience, batch: Batch) -> Place:
        """Ask the platform where the batch goes."""
        client: DropClient = self.client  # type: ignore[assignment]  # only multi-step platforms come here
        return self.ask(audience, lambda: client.open_place(audience, batch))

    def publish(self, audience: Audience, batch: Batch, place: Mapping[str, str]) -> Audience:
        """Send the batch to its place and note it. PlaceExpiredError when it is gone: nothing is noted."""
        client = self.client
        # Only `send` is asked of it, and only multi-step platforms come here.
        self.client = _ToPlace(client, place)  # type: ignore[assignment,arg-type]  # as said above
        try:
            if not audience.id:
                return self._send_first(audience, batch)
            self._send_one(audience, batch)
        finally:
            self.client = client
        return audience

    def record(self, batch: Batch, result: BatchResult) -> None:
        """Note what something else than a client sent, e.g. a file transfer."""
        if batch.entry not in self.entries:
            at = self.now()
            entry = {
                "file": batch.file,
                "rows": batch.rows,
                "key": batch.key,
                "at": at,
                "result": result.as_json(),
            }
            self.note(batch.entry, entry)

    def check_jobs(self, audience: Audience) -> None:
        """Look once at every job that goes on. SetupError when one does not end (`Uploader.poll_hours`)."""
        for name in self.jobs():
            look(self, audience, name)


class _ToPlace:
    """The client with its place already known."""

    def __init__(self, client: DropClient, place: Mapping[str, str]) -> None:
        self._client, self._place = client, place
        self.find_audience = client.find_audience
        self.lists_audiences = client.lists_audiences

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        return self._client.publish(audience, batch, self._place)


class ManagedClient:
    """Stands for platforms that AWS services deliver to: audiences are names there, and files carry them."""

    lists_audiences = True

    def __init__(self, *_: object) -> None:
        """Need neither HTTP nor the secret: the service has the credentials."""

    def find_audience(self, name: str) -> Audience:
        """Return the audience: its name is its id."""
        return Audience(name, name)

    create_audience = find_audience

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Refuse: the workflow sends."""
        raise NotImplementedError("a workflow delivers this platform: docs/how-to/deliver-files-by-sftp.md")

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Refuse, as `send` does."""
        raise NotImplementedError("a workflow delivers this platform: docs/how-to/deliver-files-by-sftp.md")

    overdue = poll

    def describe(self, audience: Audience) -> Mapping[str, object]:
        """Return nothing: the service's own results are in the journal."""
        del audience
        return {}

    def validate(self, audience: Audience, batch: Batch) -> BatchResult:
        """Refuse, as `send` does."""
        raise NotImplementedError("there is no dry run")


__all__ = ["Client", "ManagedClient", "PlaceExpiredError", "StepwiseDelivery", "Todo"]
