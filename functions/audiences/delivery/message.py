"""What a message on the delivery queue says: an arrived manifest, or a delivery that goes on later."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError

if TYPE_CHECKING:
    from audiences.errors import RetryLater

LONGEST_DELAY = 900  # seconds SQS can hold a message back
_CHECK = "Look at the body; send it again as the S3 event of a manifest.json, or delete it."


@dataclass(frozen=True)
class Message:
    """One delivery to do.

    since   seconds since the epoch when it was first put off, 0 for never
    attempt how often in a row it made no headway
    waiting seconds still to wait after the queue's own delay, which ends at a quarter of an hour
    """

    bucket: str
    key: str
    since: float = 0
    attempt: int = 0
    waiting: float = 0

    @classmethod
    def read(cls, body: str) -> Message:
        """Read an S3 event of EventBridge, or our own form; keys are not decoded. DataError otherwise.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        """
        try:
            value: Any = json.loads(body)
        except ValueError:
            raise DataError("A message is not JSON.", "Nobody here sends such messages.", _CHECK) from None
        own = value.get("deliver") if isinstance(value, dict) else None
        try:
            if own is not None:
                return cls(
                    str(own["bucket"]),
                    str(own["key"]),
                    float(own["since"]),
                    int(own["attempt"]),
                    float(own["waiting"]),
                )
            return cls(str(value["detail"]["bucket"]["name"]), str(value["detail"]["object"]["key"]))
        except (TypeError, KeyError, ValueError):
            raise DataError("A message names no manifest.", "Its form is unknown.", _CHECK) from None

    def body(self) -> str:
        """Return our own form."""
        return json.dumps({"deliver": self.__dict__})

    def later(self, error: RetryLater, now: float, jitter: float) -> tuple[Message, int]:
        """Return the message to send, and the seconds to hold it back. retry_after=0 means it made headway.

        Without the platform's word: half a minute, a minute, two… up to a quarter of an hour, less a random
        part.
        """
        headway = error.retry_after == 0
        wait = error.retry_after
        if wait is None:
            wait = min(LONGEST_DELAY, 30 * 2**self.attempt) * (0.5 + jitter / 2)
        attempt = 0 if headway else min(self.attempt + 1, 30)
        since = 0 if headway else self.since or now
        delay = min(LONGEST_DELAY, int(wait + 0.999))
        return replace(self, since=since, attempt=attempt, waiting=max(0, wait - delay)), delay
