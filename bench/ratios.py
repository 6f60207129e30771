"""Paired timing: both sides in the same process and round, so that a slow machine slows both."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def paired(ours: Callable[[], object], other: Callable[[], object], rounds: int) -> list[float]:
    """Return, per round, CPU seconds of `other` divided by CPU seconds of `ours`; the order alternates."""
    found = []
    for number in range(rounds):
        spent = {}
        for side in (ours, other) if number % 2 else (other, ours):
            start = time.process_time()
            side()
            spent[side] = time.process_time() - start
        found.append(spent[other] / spent[ours])
    return found


def line(name: str, ratios: list[float]) -> str:
    """Return one printable result: the median with its least and greatest round."""
    return f"{name}: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} rounds)"
