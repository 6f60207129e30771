"""Notices a segment that was written in several files: a mirror of one of them would take the others' people out.

A query engine writes as many files as it has workers, and nothing says when the last one is there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audiences.activations.work import latest_of
from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audiences.activations.model import Activation
    from audiences.activations.work import SegmentFile

# Spark and Hadoop number `part-00000-<job>`; Athena begins each file with its query:
# https://docs.aws.amazon.com/athena/latest/ug/unload.html
_PART = re.compile(r"(?<![A-Za-z])part[-_.]?\d{1,5}(?!\d)", re.IGNORECASE)
_ATHENA = re.compile(r"(\d{8}_\d{6}_\d{5}_[0-9a-z]{5})_[^/]*$")


def refuse_parts(activation: Activation, segments: Sequence[SegmentFile]) -> DataError | None:
    """Return what is wrong when a mirror's latest list of a segment is in several files, else None."""
    if activation.mode != "mirror":
        return None
    for file in latest_of(activation, segments):
        parts = sum(_list_of(other.key) == _list_of(file.key) for other in segments)
        if parts > 1:
            return DataError(
                f"The latest list of the segment {file.segment} is in {parts} files, and {activation.name} mirrors it.",
                "A mirror is of one file a segment; the people of the other files would be taken out.",
                "Write it as one file (Spark: coalesce(1); Athena: one bucket), or set the mode to add.",
            )
    return None


def _list_of(key: str) -> str:
    """Return what the files of one list have in common; the key itself for a file that is no part."""
    folder, _, name = key.rpartition("/")
    return f"{folder}/{_ATHENA.sub(lambda found: found[1], _PART.sub('part', name))}"
