"""The manifest: what was prepared, file by file, and where every row of the segment went."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.errors import DataError
    from audiences.preparation.parts import Part
    from audiences.preparation.request import Request

VERSION = 1
NAME = "manifest.json"
PLAN = "plan.json"


@dataclass(frozen=True)
class Counts:
    """Rows of the segment, each in exactly one class: received = sent + rejected + unchanged + suppressed.

    refreshed: of those sent, whom the platform holds and would forget.
    """

    received: int
    sent: int
    rejected: int
    unchanged: int
    suppressed: int
    refreshed: int = 0

    def check(self) -> None:
        """Raise AssertionError when a row was lost or counted twice: a mistake of ours, never of a file."""
        told = self.sent + self.rejected + self.unchanged + self.suppressed
        if told != self.received or self.refreshed > self.sent:
            raise AssertionError(f"{self.received} rows received, {told} accounted for")


@dataclass(frozen=True)
class Manifest:
    """Serialises to `manifest.json` (or `plan.json` of a dry run): the same input gives the same bytes.

    held: why a guard held the audience back; the parts are then removals of who said no, and nothing else.
    """

    request: Request
    segments: list[dict[str, Any]]
    fields: tuple[str, ...]
    columns: tuple[str, ...]
    kind: str
    counts: Counts
    reject_reasons: Mapping[str, int]
    refused_values: Mapping[str, Mapping[str, int]]
    removals: dict[str, Any]
    size: dict[str, Any]
    customers: dict[str, int]
    unknown: dict[str, list[str]]
    unreadable_consent: dict[str, dict[str, int]]
    suppressions: dict[str, Any]
    consent_granted: int
    ledger: str
    warnings: list[str]
    parts: list[Part]
    files: dict[str, dict[str, Any]]
    held: DataError | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form; docs/reference/manifest.md explains each key."""
        request = self.request
        return {
            "version": VERSION,
            "run_id": request.run_id or None,
            "activation": request.activation or None,
            "planned_at": request.planned_at or None,
            "platform": request.platform,
            "audience": request.audience,
            "audience_key": request.key,
            "mode": request.mode,
            "dry_run": request.dry_run,
            "destination": dict(sorted(request.destination.items())),
            "segments": self.segments,
            "shape": self.kind,
            "fields": list(self.fields),
            "columns": list(self.columns),
            "counts": asdict(self.counts),
            "held": self.held.as_failure() if self.held else None,
            "reject_reasons": dict(sorted(self.reject_reasons.items())),
            "refused_values": {
                name: dict(sorted(found.items())) for name, found in sorted(self.refused_values.items())
            },
            "removals": self.removals,
            "audience_size": self.size,
            "customers": self.customers,
            "columns_not_understood": dict(sorted(self.unknown.items())),
            "unreadable_consent": self.unreadable_consent,
            "suppressions": self.suppressions,
            "consent_granted": self.consent_granted,
            "ledger": {"sha256_unpacked": self.ledger},
            "warnings": self.warnings,
            "parts": [asdict(part) for part in self.parts],
            "files": self.files,
        }

    def listed_rows(self) -> dict[str, int]:
        """Return how many rows each suppression list has; of files of one name, their sum."""
        found: dict[str, int] = {}
        for one in self.suppressions["files"]:
            found[one["file"]] = found.get(one["file"], 0) + one["rows"]
        return found

    def text(self) -> str:
        """Return the file's text."""
        return json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n"
