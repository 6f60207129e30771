"""Says how a delivery failed when all that is left is what the state machine caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.outcome import failed_result, unreadable_result
from audiences.failures import from_caught

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Prepared
    from audiences.runs import StageResult


def accepted_before(entries: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the rows of a journal that the platform took for good, adds only."""
    results = [entry["result"] for name, entry in entries.items() if name.startswith(("add-", "replace-"))]
    return sum(int(result["accepted"]) for result in results if not result["job"])


def failed_delivery(prepared: Prepared, pattern: str, caught: dict[str, Any], accepted: int) -> StageResult:
    """Return the final result of a delivery that was given up. accepted: people taken before."""
    manifest = f"prepared/{prepared.name}/manifest.json"
    accepted = min(accepted, prepared.counts["sent"])
    return failed_result(prepared, pattern, from_caught(caught), manifest, accepted)


def unreadable_delivery(key: str, caught: dict[str, Any]) -> tuple[str, StageResult]:
    """Return run id and final result for a manifest that cannot be read, from its key alone."""
    return unreadable_result(key, from_caught(caught))
