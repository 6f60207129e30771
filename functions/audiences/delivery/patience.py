"""How long to wait and when to stop: the platform's own word first, never past the deadline."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from audiences.errors import RetryLater

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
FOREVER = float("inf")


@dataclass
class Patience:
    """Seconds throughout. deadline: on `clock`, when work is put down; reserve: needed to do so.

    longest: the longest wait worth sleeping through; a longer one is left to the queue. attempts: per
    request.
    """

    deadline: float = FOREVER
    reserve: float = 45.0
    longest: float = 30.0
    attempts: int = 6
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = field(default=random.random)

    def left(self) -> float:
        """Return the seconds for work that are left."""
        return self.deadline - self.reserve - self.clock()

    def check(self, what: str) -> None:
        """Raise RetryLater(retry_after=0) when there is no time to begin something new."""
        if self.left() <= 0:
            raise RetryLater(
                f"{what} goes on in the next invocation.", "The time of this one is used up.", retry_after=0
            )

    def insist(self, work: Callable[[], T]) -> T:
        """Do the work, again after a wait while it raises RetryLater; raise that when waiting is no use."""
        for attempt in range(self.attempts):
            try:
                return work()
            except RetryLater as error:
                wait = self.wait_of(error, attempt)
                if attempt + 1 == self.attempts or wait > min(self.longest, self.left()):
                    raise
                self.sleep(wait)
        raise AssertionError("attempts must be at least 1")

    def wait_of(self, error: RetryLater, attempt: int) -> float:
        """Return what the platform asked for plus a little, or full jitter below 2, 4, 8… seconds.

        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        if error.retry_after is not None:
            return error.retry_after + self.jitter()
        return self.jitter() * min(60.0, 2.0 ** (attempt + 1))
