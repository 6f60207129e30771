"""Errors as they may leave a function or a job: with masked words, or with none."""

from __future__ import annotations

from botocore.exceptions import ClientError

from audiences.errors import AudienceError, RetryLater, of_failure
from audiences.failures import unexpected
from audiences.redact import redact


def safe(error: Exception) -> Exception:
    """Return the error with words that may leave."""
    if isinstance(error, AudienceError):
        told = of_failure({part: redact(text) for part, text in error.as_failure().items()})
        if isinstance(error, RetryLater) and isinstance(told, RetryLater):
            told.retry_after = error.retry_after
        return told
    words = "What it says is left out, because it may quote data."
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        words = f"AWS answered {redact(str(code))} to {error.operation_name}."
    name = type(error).__name__
    kind: type[Exception] = type(name, (Exception,), {"__module__": type(error).__module__})
    return kind(words)


def failure_of(error: Exception) -> dict[str, str]:
    """Return `{error, what, why, fix}` of an error that is `safe`."""
    return error.as_failure() if isinstance(error, AudienceError) else unexpected(type(error).__name__)
