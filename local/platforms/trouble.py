"""What can be made to go wrong: one list of scenario names for all platforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.platforms.wire import Request

SCENARIOS = {
    "rate_limited": "too many requests, and how long to wait (retry_after, seconds) in the platform's way",
    "rate_limited_bare": "too many requests, without a word on how long to wait",
    "server_error": "the platform's own failure; nothing was done",
    "cut": "the request is carried out, then the connection is closed without an answer",
    "cut_before": "the connection is closed, nothing was done",
    "token_expired": "the access token ends now, in the middle of a session",
    "refresh_fails": "the token endpoint refuses the refresh token (times=0: for good)",
    "forbidden": "the token lacks the permission",
    "sunset": "the API version named by the request has been switched off",
    "terms_not_accepted": "the advertiser has not accepted the terms of customer lists",
    "flagged": "the audience is flagged for its name or description and takes no uploads",
    "not_ready": "the audience is not there or not settled yet",
    "row_rejects": "the first rows (rows=1) of the request are refused, the rest is taken",
    "async_slow": "the job needs more reads (polls=3) before it is finished",
    "async_partial": "the job finishes, some rows (rows=1) are refused",
    "async_failed": "the job fails as a whole",
    "async_stuck": "the job never finishes",
    "drop_url_expired": "the upload address is no longer valid when it is used",
}
COMMON = frozenset(
    {
        "rate_limited",
        "rate_limited_bare",
        "server_error",
        "cut",
        "cut_before",
        "token_expired",
        "forbidden",
        "sunset",
    }
)
ASYNC = frozenset({"async_slow", "async_partial", "async_failed", "async_stuck"})


@dataclass
class Trouble:
    """One thing to go wrong.

    scenario     a key of SCENARIOS
    times        how often; 0 = for good
    skip         matching requests let through first
    on           part of "METHOD /path" that the request must contain
    retry_after  seconds to wait, as told by rate_limited
    rows         rows refused, by row_rejects and async_partial
    polls        reads a slow job needs
    """

    scenario: str
    times: int = 1
    skip: int = 0
    on: str = ""
    retry_after: int = 1
    rows: int = 1
    polls: int = 3


class Troubles:
    """The troubles still to come, in the order they were asked for."""

    def __init__(self, known: Iterable[str], slug: str) -> None:
        """Accept only scenarios the platform can have."""
        self._known, self._slug = frozenset(known), slug
        self._waiting: list[Trouble] = []

    def add(self, trouble: Trouble) -> None:
        """Queue one; ValueError names the scenarios the platform has."""
        if trouble.scenario not in self._known:
            has = ", ".join(sorted(self._known))
            raise ValueError(f"{self._slug} has no scenario {trouble.scenario!r}. It has: {has}.")
        if min(trouble.times, trouble.skip, trouble.rows, trouble.polls, trouble.retry_after) < 0:
            raise ValueError("times, skip, rows, polls and retry_after cannot be negative.")
        self._waiting.append(trouble)

    def take(self, scenario: str, request: Request) -> Trouble | None:
        """Return the first waiting trouble of that name that this request meets, and count it."""
        for trouble in self._waiting:
            if trouble.scenario != scenario or trouble.on not in f"{request.method} {request.path}":
                continue
            if trouble.skip:
                trouble.skip -= 1
                return None
            if trouble.times:
                trouble.times -= 1
                if not trouble.times:
                    self._waiting.remove(trouble)
            return trouble
        return None

    def clear(self) -> None:
        """Forget them all."""
        self._waiting.clear()
