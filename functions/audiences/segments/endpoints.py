"""Reads Pinpoint endpoint definitions and decides which of them may be written to.

All endpoints of a user count, not the first one: a person may have e-mail, two phones and an app. Those who
opted out or whose endpoint is inactive stay out.
https://docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-endpoints-endpoint-id.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audiences.preparation.sources import read_lines
from audiences.preparation.tables import json_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audiences.preparation.sources import Source


@dataclass
class EndpointFilter:
    """Which endpoints stay: `channels` (empty means all), not opted out of everything, and active.

    Counts as it goes: `kept`, and `left_out` by reason.
    """

    channels: frozenset[str] = frozenset()
    kept: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, channels: str) -> EndpointFilter:
        """Build it from a comma list such as `EMAIL,SMS`."""
        return cls(frozenset(name.strip().upper() for name in channels.split(",") if name.strip()))

    def reason_against(self, endpoint: dict[str, Any]) -> str:
        """Return why an endpoint stays out, or an empty string. Absent values are Pinpoint's defaults."""
        user = endpoint.get("User") or {}
        if not endpoint.get("Id") or not isinstance(user, dict) or not user.get("UserId"):
            return "no user"
        if self.channels and str(endpoint.get("ChannelType", "")).upper() not in self.channels:
            return "other channel"
        if str(endpoint.get("OptOut") or "NONE").upper() == "ALL":
            return "opted out"
        if str(endpoint.get("EndpointStatus") or "ACTIVE").upper() != "ACTIVE":
            return "inactive"
        return ""

    def read(self, export: Source) -> Iterator[tuple[str, str]]:
        """Yield (user id, endpoint id) of the endpoints that stay, from newline-delimited JSON, also as gzip.

        DataError for a line that is no JSON object: whoever it is about would be left out unseen.
        """
        for number, line in enumerate(read_lines(export), 1):
            if line.isspace():
                continue
            endpoint = json_object(export, line, number)
            reason = self.reason_against(endpoint)
            if reason:
                self.left_out[reason] = self.left_out.get(reason, 0) + 1
            else:
                self.kept += 1
                yield str(endpoint["User"]["UserId"]), str(endpoint["Id"])
