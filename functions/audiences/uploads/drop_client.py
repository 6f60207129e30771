"""What multi-step platforms add to a client: data goes to a place that is asked for first, and expires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from audiences.delivery.api import ApiClient
from audiences.delivery.client import Client
from audiences.errors import AudienceError, RetryLater

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Audience, Batch, BatchResult

Place = dict[str, str]  # may hold an address that opens by itself, so it is kept in S3 and never in a state
_PLACES = 3  # places asked for in one go before the platform is left alone for a while


class PlaceExpiredError(AudienceError):  # not one of the four: whoever publishes asks for another place
    """The place is gone: ask for another and send the same batch again."""


class DropClient(Client, Protocol):
    """A client whose `send` has two halves, so that a workflow can show and repeat them one by one."""

    def open_place(self, audience: Audience, batch: Batch) -> Place:
        """Return where the batch goes. An empty place: the platform takes batches without asking first."""

    def publish(self, audience: Audience, batch: Batch, place: Mapping[str, str]) -> BatchResult:
        """Send the batch to its place. PlaceExpiredError when that is gone."""


class DropApiClient(ApiClient):
    """Base of the multi-step clients: both halves in one go, for whoever drives them without a workflow."""

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Ask for a place and send the batch there; for another one when it has expired."""
        for _ in range(_PLACES):
            try:
                return self.publish(audience, batch, self.open_place(audience, batch))
            except PlaceExpiredError as expired:
                gone = expired
        raise RetryLater(f"{self.title}'s places expire before they can be used.", gone.why)

    def open_place(self, audience: Audience, batch: Batch) -> Place:
        """Return nothing, where the platform takes batches directly."""
        del audience, batch
        return {}

    def publish(self, audience: Audience, batch: Batch, place: Mapping[str, str]) -> BatchResult:
        """Send the batch."""
        raise NotImplementedError(f"{self.title} has no publish")
