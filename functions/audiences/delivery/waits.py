"""Reads how long a platform wants us to wait, in every form that platforms use."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_EPOCH = 1_000_000_000  # a reset above this is a time, below it a number of seconds
_META_USAGE = ("x-business-use-case-usage", "x-ad-account-usage")


def read_wait(headers: Mapping[str, str], body: Any, now: float) -> float | None:
    """Return the seconds to wait, or None when the answer does not say.

    headers: names in lower case. body: the parsed JSON answer, or None. now: seconds since the epoch. Forms:
    Retry-After in seconds or as a date (RFC 9110, 10.2.3); RateLimit-Reset and its X- relatives in seconds
    or as an epoch; Meta's X-Business-Use-Case-Usage in minutes
    (https://developers.facebook.com/docs/graph-api/overview/rate-limiting); google.rpc.RetryInfo
    (https://cloud.google.com/apis/design/errors); `retryAfter` in the body, as Salesforce writes it.
    """
    for found in (_retry_after(headers, now), _meta(headers), _body(body), _reset(headers, now)):
        if found is not None:
            return max(0.0, found)
    return None


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    for name in _RESETS:
        text = headers.get(name, "").split(",")[0].split(";")[0].strip()
        if not text:
            continue
        value = _number(text)
        if value is None:
            try:
                return datetime.fromisoformat(text).timestamp() - now
            except ValueError:
                continue
        if value > _EPOCH * 1000:
            return value / 1000 - now
        return value - now if value > _EPOCH else value
    return None


def _meta(headers: Mapping[str, str]) -> float | None:
    minutes: list[float] = []
    for name in _META_USAGE:
        try:
            usage = json.loads(headers.get(name) or "{}")
        except ValueError:
            continue
        for rows in usage.values() if isinstance(usage, dict) else ():
            for row in rows if isinstance(rows, list) else [rows]:
                found = row.get("estimated_time_to_regain_access") if isinstance(row, dict) else None
                if isinstance(found, int | float):
                    minutes.append(found)
    return max(minutes) * 60 if minutes and max(minutes) > 0 else None


def _body(body: Any) -> float | None:
    if not isinstance(body, dict):
        return None
    for name in ("retryAfter", "retry_after", "retryAfterSeconds"):
        if (found := _number(str(body.get(name, "")))) is not None:
            return found
    error = body.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
            return _number(str(detail.get("retryDelay", "")).removesuffix("s"))
    return None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
