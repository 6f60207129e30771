"""Reads what a Pinpoint campaign hands to its custom channel. Pure: user ids out, nothing else is kept."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from audiences.preparation.keys import audience_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(?: [A-Za-z0-9_-]+)*")


def members_of(event: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return the user ids of an invocation, sorted and unique, and how many endpoints were left out."""
    users: set[str] = set()
    left_out = 0
    for endpoint in (event.get("Endpoints") or {}).values():
        user = str((endpoint.get("User") or {}).get("UserId") or "")
        if not user or endpoint.get("OptOut") == "ALL":
            left_out += 1
        else:
            users.add(user)
    return sorted(users), left_out


def segment_file(event: Mapping[str, Any], users: Sequence[str]) -> str:
    """Return the key: the segment is what the channel's data says, else the campaign's id.

    Blanks become dashes. A name with other characters has a digest, so that no two campaigns meet in a segment.
    """
    wanted = str(event.get("Data") or event.get("CampaignId") or "custom-channel").strip()
    plain = len(wanted) <= 100 and _PLAIN.fullmatch(wanted)
    segment = wanted.replace(" ", "-") if plain else audience_key(wanted)
    activity = re.sub(r"[^A-Za-z0-9_-]+", "-", str(event.get("ActivityId") or "activity"))
    digest = hashlib.sha256("\n".join(users).encode()).hexdigest()[:16]
    return f"segments/pinpoint/{segment}/{activity}-{digest}.csv"
