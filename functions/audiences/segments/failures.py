"""Turns what a state machine caught into the failure a person reads.

Without leaking data from a stack trace.
"""

from __future__ import annotations

import json
from typing import Any

OURS = ("SetupError", "RetryLater", "RecordRejected", "DataError")
_LOGS = "Open the execution in Step Functions and follow its log link, then start a new one with its input."
_MEANING = {
    "States.Timeout": "It took longer than allowed.",
    "States.Permissions": "The workflow's role may not make this call.",
}


def failure_of(caught: dict[str, Any]) -> dict[str, str]:
    """Return `{error, what, why, fix}` for a `$states.errorOutput`, i.e. `{Error, Cause}`.

    The text of our own errors is shown whole: it never holds personal data. Of any other exception raised in
    our code only the class is named, because its message may quote a row. AWS's own messages are shown,
    shortened.
    """
    error, cause = str(caught.get("Error", "Unknown")), str(caught.get("Cause", ""))
    try:
        parsed = json.loads(cause)
    except ValueError:
        parsed = None
    name = parsed.get("errorType", error) if isinstance(parsed, dict) else error
    if name in OURS:
        what = str(parsed.get("errorMessage", "")) if isinstance(parsed, dict) else cause
        return {"error": name, "what": what or f"The step failed with {name}.", "why": "", "fix": ""}
    if isinstance(parsed, dict):
        return {"error": name, "what": f"A step failed unexpectedly with {name}.", "why": "", "fix": _LOGS}
    why = _MEANING.get(error, cause[:500])
    return {"error": error, "what": f"AWS answered {error}.", "why": why, "fix": _LOGS}
