"""Counts users who come once and users who come back, in bounded memory.

Exact up to 200,000 users; above that, a sample by hash (Gibbons, "Distinct Sampling for Highly-Accurate
Answers to Distinct Values Queries and Event Reports", VLDB 2001): only users whose hash ends in `level` zero
bits are kept.
"""

from __future__ import annotations

from zlib import crc32

CAPACITY = 200_000


class UserTally:
    """Tally of users; add each user once for each of its interactions."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Keep at most `capacity` users."""
        self._capacity = capacity
        self._level = 0
        self._seen: dict[str, bool] = {}

    def add(self, user: str) -> None:
        """Count one interaction of a user."""
        if user in self._seen:
            self._seen[user] = True
        elif not self._level or self._kept(user):
            self._seen[user] = False
            while len(self._seen) > self._capacity:
                self._level += 1
                self._seen = {known: again for known, again in self._seen.items() if self._kept(known)}

    def _kept(self, user: str) -> bool:
        return crc32(user.encode()) & ((1 << self._level) - 1) == 0

    @property
    def exact(self) -> bool:
        """Tell whether the numbers are counts and not estimates."""
        return self._level == 0

    @property
    def total(self) -> int:
        """Return how many different users there are."""
        return len(self._seen) << self._level

    @property
    def returning(self) -> int:
        """Return how many users have two or more interactions."""
        return sum(self._seen.values()) << self._level
