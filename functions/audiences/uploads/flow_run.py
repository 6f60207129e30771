"""Reads how a run of an AppFlow flow ended. Counts and AppFlow's own words; records stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.model import BatchResult
from audiences.errors import SetupError
from audiences.redact import their_words

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_run(execution: Mapping[str, Any], rows: int) -> BatchResult:
    """Return the result for `rows` records. SetupError when the run failed as a whole."""
    result = execution.get("ExecutionResult") or {}
    info = result.get("ErrorInfo") or {}
    status = execution.get("ExecutionStatus")
    if not status:
        raise SetupError(
            "The flow's run was not seen to end in six hours.",
            "Amazon AppFlow does not list it, or says nothing of it.",
            "Look at the flow's run history in the Amazon AppFlow console, then announce the manifest again.",
        )
    if status != "Successful":
        raise SetupError(
            f"The flow run ended with {status}.",
            their_words(str(info.get("ExecutionMessage") or ""))[:300],
            "Correct the flow or its connection in the Amazon AppFlow console, then announce the manifest again.",
        )
    written = min(int(result.get("RecordsProcessed") or 0), rows)
    refused = min(max(int(info.get("PutFailuresCount") or 0), rows - written), rows)
    reasons = {"refused by Salesforce": refused} if refused else {}
    return BatchResult(accepted=rows - refused, rejected=refused, reasons=reasons)
