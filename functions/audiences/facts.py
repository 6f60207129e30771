"""What the result of a stage says, with types. What it does not say is None, and never reads as zero.

`StageResult.data` is JSON, written by this or an earlier version, and may lack a member or hold something
else under its name. Whoever reads it asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# received = the sum of the others: docs/reference/manifest.md
CLASSES = ("sent", "rejected", "unchanged", "suppressed")


def count_in(data: Mapping[str, Any], name: str) -> int | None:
    """Return a count; None when there is none, or something else under its name."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text_in(data: Mapping[str, Any], name: str) -> str:
    """Return a text, "" when there is none."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def texts_in(data: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts; what else is in it is left out."""
    value = data.get(name)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def counts_in(data: Mapping[str, Any], name: str) -> dict[str, int | None]:
    """Return counts by name, e.g. of reasons."""
    value = data.get(name)
    return {str(key): count_in(value, key) for key in value} if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Where the people of a segment went. complete: each of the counts is known."""

    received: int | None
    sent: int | None
    rejected: int | None
    unchanged: int | None
    suppressed: int | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Counts:
        """Read the counts of a preparation or a delivery."""
        return cls(**{name: count_in(data, name) for name in ("received", *CLASSES)})

    @property
    def unknown(self) -> list[str]:
        """Return the names of the counts that are not known."""
        return [name for name, value in self.__dict__.items() if value is None]

    @property
    def add_up(self) -> bool:
        """Tell whether nobody was lost and nobody counted twice."""
        parts = [getattr(self, name) for name in CLASSES]
        return not self.unknown and self.received == sum(parts)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A delivery; `status` is the receipt's, of which the platform's part is the last word.

    refreshed: of those sent, whom the platform held and would forget; None also from an earlier version.
    """

    platform: str
    audience: str
    pattern: str
    mode: str
    counts: Counts
    refreshed: int | None
    accepted: int | None
    refused: int | None
    reject_reasons: dict[str, int | None]
    refused_reasons: dict[str, int | None]
    warnings: list[str]
    status: str

    @classmethod
    def of(cls, data: Mapping[str, Any], status: str) -> Delivery:
        """Read the data of a result. status: the result's, where the data have none."""
        says = data.get("platform_says")
        warnings = texts_in(says, "warnings") if isinstance(says, dict) else []
        if newer := text_in(data, "superseded_by"):
            warnings.append(f"Not sent: the newer list of {newer} was delivered before.")
        if data.get("dry_run"):
            warnings.append("Not sent: this was a dry run.")
        return cls(
            **{name: text_in(data, name) for name in ("platform", "audience", "pattern", "mode")},
            counts=Counts.of(data),
            refreshed=count_in(data, "refreshed"),
            accepted=count_in(data, "accepted"),
            refused=count_in(data, "refused"),
            reject_reasons=counts_in(data, "reject_reasons"),
            refused_reasons=counts_in(data, "refused_reasons"),
            warnings=warnings,
            status=text_in(data, "status") or status,
        )


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """An audience that was prepared, or planned in a dry run."""

    platform: str
    audience: str
    mode: str
    engine: str
    manifest: str
    counts: Counts
    refreshed: int | None
    removals: int | None
    dry_run: bool
    reject_reasons: dict[str, int | None]
    warnings: list[str]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Preparation:
        """Read the data of a result."""
        return cls(
            **{name: text_in(data, name) for name in ("platform", "audience", "mode", "engine", "manifest")},
            counts=Counts.of(data),
            refreshed=count_in(data, "refreshed"),
            removals=count_in(data, "removals"),
            dry_run=bool(data.get("dry_run")),
            reject_reasons=counts_in(data, "reject_reasons"),
            warnings=texts_in(data, "warnings"),
        )
