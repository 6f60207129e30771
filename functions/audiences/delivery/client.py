"""What the engine asks of a platform, and what a platform's client may ask of the outside."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Audience, Batch, BatchResult


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. headers: names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def json(self) -> Any:
        """Return the body as JSON, None when it is none."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):  # also nested deeper than can be read
            return None

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the body when it is a JSON object, else nothing."""
        return self.json if isinstance(self.json, dict) else {}


class Http(Protocol):
    """Sends one request and follows no redirect. RetryLater when the connection fails."""

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Return the answer, whatever its status. url: a path below the base address, or an https address."""


class Secret(Protocol):
    """The platform's credentials. Values are never shown: neither `repr` nor an error has them."""

    def get(self, name: str) -> str | None:
        """Return a value, None when there is none."""

    def reload(self) -> None:
        """Read the secret again: somebody else may have renewed it."""

    def save(self, values: Mapping[str, str]) -> None:
        """Keep renewed values."""

    def scrub(self, text: str) -> str:
        """Return the text with every secret value masked."""


class Client(Protocol):
    """One platform, for one advertiser account.

    Raises the four errors of `audiences.errors`, nothing else.

    lists_audiences  False: an audience that `find_audience` does not find may be there
    """

    lists_audiences: bool

    def find_audience(self, name: str) -> Audience | None:
        """Return the account's audience of exactly this name, looking through every page."""

    def create_audience(self, name: str) -> Audience:
        """Make an audience.

        An empty id: the first batch makes it, and tells it in `BatchResult.audience_id`.
        """

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Send one batch. Sending the same batch again must leave the audience as sending it once does."""

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Return how a job of `rows` rows ended, None while it goes on."""

    def overdue(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Return what a job counts as that goes on after `Uploader.poll_hours`; None: a person must ask."""

    def describe(self, audience: Audience) -> Mapping[str, Any]:
        """Return what a person wants to know afterwards: size, match rate, state. Counts and words only."""

    def validate(self, audience: Audience, batch: Batch) -> BatchResult:
        """Let the platform check a batch without taking it; only where `Uploader.validates`."""
