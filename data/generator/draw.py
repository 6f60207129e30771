"""Draws that give the same bytes on every Python and every machine.

Only `random.Random.random()` is used: it is the one method whose sequence Python promises to keep
(https://docs.python.org/3/library/random.html#notes-on-reproducibility), and the arithmetic stays
free of `exp` and `log`, whose last digit may differ between C libraries.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Draw:
    """One named stream of draws: adding a column to one file leaves every other file as it was."""

    def __init__(self, seed: int, name: str) -> None:
        """Start the stream `name` of the run with this `seed`."""
        self._random = random.Random(f"{seed}:{name}")  # noqa: S311  # sample data, not a secret

    def chance(self, probability: float) -> bool:
        """Return True with this probability (0 to 1)."""
        return self._random.random() < probability

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """Return one of `values`, each as likely as the others."""
        return values[int(self._random.random() * len(values))]

    def weighted(self, wheel: Wheel[T]) -> T:
        """Return one value of the wheel."""
        return wheel.at(self._random.random())

    def letters(self, alphabet: str, count: int) -> str:
        """Return `count` characters of `alphabet`."""
        return "".join(self.pick(alphabet) for _ in range(count))


class Wheel(Generic[T]):
    """Values with whole-number weights, laid out once and drawn from often."""

    def __init__(self, weights: dict[T, int]) -> None:
        """Lay out the values, each as wide as its weight."""
        self._values = list(weights)
        self._edges = list(accumulate(weights.values()))

    def at(self, point: float) -> T:
        """Return the value at `point`, from 0 up to, not including, 1."""
        return self._values[bisect_right(self._edges, int(point * self._edges[-1]))]
