"""Says how a delivery ended: in the receipt, in the run record, on the bus. Counts and reasons only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import STAGE, BatchResult, Outcome
from audiences.redact import masked_facts
from audiences.runs import StageResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Audience, Prepared

VERSION = 1


def build_receipt(
    prepared: Prepared,
    audience: Audience,
    entries: Mapping[str, Mapping[str, Any]],
    *,
    pattern: str,
    one_identifier: bool,
    at: str,
    told: Mapping[str, Any],
    ledger: str,
    rejects: str,
    manifest: str,
) -> dict[str, Any]:
    """Return the receipt (docs/reference/delivery.md). `entries`: the journal's batches by name."""
    results = [
        (name.split("-")[0], BatchResult.from_json(entry["result"])) for name, entry in entries.items()
    ]
    reasons: Counter[str] = Counter()
    for _, result in results:
        reasons.update(result.reasons)
    adds = [result for operation, result in results if operation in ("add", "replace")]
    removes = [result for operation, result in results if operation == "remove"]
    told_of = removes if prepared.mode == "remove" else adds
    refused = sum(result.rejected for result in told_of)
    sent = prepared.counts["sent"]
    accepted = (
        max(0, sent - refused) if one_identifier else min(sent, sum(result.accepted for result in told_of))
    )
    status = _status(sent, accepted, sum(result.rejected for _, result in results))
    return {
        "version": VERSION,
        "status": status,
        "run_id": prepared.run_id,
        "platform": prepared.platform,
        "audience": prepared.audience,
        "audience_id": audience.id,
        "pattern": pattern,
        "mode": prepared.mode,
        **prepared.counts,
        "accepted": accepted,
        "refused": sent - accepted,
        "reject_reasons": dict(sorted(prepared.reject_reasons.items())),
        "refused_reasons": dict(sorted(reasons.items())),
        "rows": {
            "sent": _rows(adds),
            "accepted": sum(r.accepted for r in adds),
            "rejected": sum(r.rejected for r in adds),
        },
        "removals": {"sent": _rows(removes), "accepted": sum(r.accepted for r in removes)},
        "batches": len(results),
        "audience_size": prepared.after,
        "platform_says": {**_last_told(results), **masked_facts(told)},
        "ledger": ledger,
        "rejects": rejects,
        "manifest": manifest,
        "delivered_at": at,
    }


def _status(sent: int, accepted: int, rejected: int) -> str:
    if sent and not accepted:
        return "failed"
    return "partial" if rejected else "succeeded"


def _rows(results: list[BatchResult]) -> int:
    return sum(result.accepted + result.rejected for result in results)


def _last_told(results: list[tuple[str, BatchResult]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for _, result in results:
        told |= {name: value for name, value in result.told.items() if name != "warning"}
    return told


def superseded(prepared: Prepared, pattern: str, by: str, manifest: str, at: str) -> dict[str, Any]:
    """Return the receipt of a mirror that came after a newer one: it would bring the old list back."""
    counts = {
        **dict(prepared.counts),
        "sent": 0,
        "refreshed": 0,
        "unchanged": prepared.counts["unchanged"] + prepared.counts["sent"],
    }
    return {
        "version": VERSION, "status": "skipped", "run_id": prepared.run_id, "platform": prepared.platform,
        "audience": prepared.audience, "pattern": pattern, "mode": prepared.mode, **counts, "accepted": 0, "refused": 0,
        "reject_reasons": dict(sorted(prepared.reject_reasons.items())), "superseded_by": by,
        "manifest": manifest, "delivered_at": at,
    }  # fmt: skip


def stage_result(prepared: Prepared, outcome: Outcome, receipt_uri: str) -> StageResult:
    """Return the final result of a delivery that ended."""
    receipt = outcome.receipt
    failure = _refusal(prepared, receipt) if outcome.status in ("failed", "partial") else None
    return StageResult(
        STAGE, prepared.name, outcome.status, {**_data(receipt), "receipt": receipt_uri}, failure=failure
    )


def _refusal(prepared: Prepared, receipt: Mapping[str, Any]) -> dict[str, str]:
    """Return the failure of a delivery of which the platform refused a part, or everything."""
    refused, sent = receipt["refused"], receipt["sent"]
    what = f"refused {refused:,} of {sent:,} people" if refused else "refused to take some people out"
    if receipt["status"] == "failed":
        what = f"took none of {sent:,} people"
    return {
        "error": "RecordRejected",
        "what": f"{prepared.platform} {what} for {prepared.audience}.",
        "why": ", ".join(f"{name}: {count:,}" for name, count in receipt["refused_reasons"].items()),
        "fix": f"See {receipt['rejects']}; the next run sends them again."
        if receipt["rejects"]
        else "It does not say whom: look at the audience on the platform.",
    }


def _data(receipt: Mapping[str, Any]) -> dict[str, Any]:
    left_out = ("version", "ledger", "run_id")
    return {name: value for name, value in receipt.items() if name not in left_out}


def failed_result(
    prepared: Prepared, pattern: str, failure: dict[str, str], manifest: str, accepted: int = 0
) -> StageResult:
    """Return the final result of a delivery that was given up. failure: `{error, what, why, fix}`."""
    data = {
        "platform": prepared.platform,
        "audience": prepared.audience,
        "pattern": pattern,
        "mode": prepared.mode,
        **prepared.counts,
        "accepted": accepted,
        "reject_reasons": dict(prepared.reject_reasons),
        "status": "failed",
        "manifest": manifest,
    }
    return StageResult(STAGE, prepared.name, "failed", data, failure=failure)


def unreadable_result(key: str, failure: dict[str, str]) -> tuple[str, StageResult]:
    """Return run id and final result for a manifest that cannot be read, from its key alone."""
    platform, audience, run = key.split("/")[1:4]
    name = f"{platform}/{audience}/{run}"
    data = {"platform": platform, "audience": audience, "status": "failed", "manifest": key}
    run_id = run.rpartition("-")[0] or run  # after the dash: which activation and file of the run it is of
    return run_id, StageResult(STAGE, name, "failed", data, failure=failure)


def rehearsed_result(prepared: Prepared, outcome: Outcome, pattern: str, uri: str) -> StageResult:
    """Return the final result of a dry run: nobody was sent, so everybody prepared counts as unchanged."""
    counts = {
        **prepared.counts,
        "sent": 0,
        "refreshed": 0,
        "unchanged": prepared.counts["unchanged"] + prepared.counts["sent"],
    }
    data = {
        "platform": prepared.platform,
        "audience": prepared.audience,
        "pattern": pattern,
        "mode": prepared.mode,
        **counts,
        "accepted": 0,
        "refused": 0,
        "reject_reasons": dict(prepared.reject_reasons),
        **outcome.receipt,
        "receipt": uri,
    }
    return StageResult(STAGE, prepared.name, "skipped", data)
