"""A set of digests in eight bytes each: opt-out lists have millions of lines, a function has little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = 16  # hexadecimal: 64 bits. Of 10 million people and 10 million lines, one meets a stranger in 200,000 runs
_BUCKETS = 256  # by the first byte, so that sorting needs little beside


class Keys:
    """Takes hexadecimal digests, of 16 digits or more, and says whether one is among them.

    People are compared by the first 64 bits: should two ever meet, somebody is not sent who could be.
    """

    def __init__(self, digests: Iterable[str] = ()) -> None:
        """Begin with `digests`."""
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self._sorted = True
        self.update(digests)

    def update(self, digests: Iterable[str]) -> None:
        """Take digests."""
        for digest in digests:
            key = int(digest[:_DIGITS], 16)
            self._buckets[key >> 56].append(key)
            self._sorted = False

    def __contains__(self, digest: str) -> bool:
        """Tell whether a digest is among them."""
        if not self._sorted:
            self._sort()
        key = int(digest[:_DIGITS], 16)
        bucket = self._buckets[key >> 56]
        at = bisect_left(bucket, key)
        return at < len(bucket) and bucket[at] == key

    def __len__(self) -> int:
        """Return how many different ones there are."""
        if not self._sorted:
            self._sort()
        return sum(map(len, self._buckets))

    def _sort(self) -> None:
        self._buckets = [array("Q", sorted(set(bucket))) for bucket in self._buckets]
        self._sorted = True


def key_of(text: str) -> str:
    """Return the digest of a text, for `Keys`."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
