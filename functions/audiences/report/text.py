"""Small words and numbers, written alike in the mail and on the page."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SERVICES = {"pinpoint": "Pinpoint", "customer-profiles": "Customer Profiles"}
_STAGES = {  # in the order of the flow
    "sftp-intake": "Receive by SFTP",
    "personalize-training": "Train the model",
    "segment-postprocessing": "Make the segments",
    "pinpoint-import": "Import into Pinpoint",
    "customer-profiles-import": "Import into Customer Profiles",
    "audience-preparation": "Prepare the audiences",
    "delivery": "Deliver to ad platforms",
}


def figure(number: int | None) -> str:
    """Return e.g. `2,400`; what is not known says so, and is no zero."""
    return "unknown" if number is None else f"{number:,}"


def count(number: int | None, one: str, many: str = "") -> str:
    """Return e.g. `1 user`, `2,400 users` or `unknown users`."""
    return f"{figure(number)} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a length of time in the two largest units that matter, e.g. `52 min` or `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 600 and whole % 60:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(whole / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def parse_time(value: str) -> datetime | None:
    """Return the time of an ISO 8601 text, in UTC where it names no zone; None when it is no time."""
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def seconds_between(start: str, end: str) -> int | None:
    """Return whole seconds from `start` to `end`, at least 0; None when one of them is no time."""
    first, last = parse_time(start), parse_time(end)
    return None if first is None or last is None else max(0, round((last - first).total_seconds()))


def day(value: str) -> str:
    """Return e.g. `22 Nov`, in UTC and in English on every machine; empty when `value` is no time."""
    time = parse_time(value)
    if time is None:
        return ""
    time = time.astimezone(UTC)
    return f"{time.day} {_MONTHS[time.month - 1]}"


def moment(value: str) -> str:
    """Return e.g. `22 Nov 2026, 10:15 UTC`; `value` itself when it is no time."""
    time = parse_time(value)
    if time is None:
        return value
    return f"{day(value)} {time.astimezone(UTC):%Y, %H:%M} UTC"


def service_title(service: str) -> str:
    """Return the name people know a messaging service by."""
    return _SERVICES.get(service, service)


def stage_order(stage: str) -> tuple[int, str]:
    """Return a key that sorts stages as the flow does; unknown ones come last, by name."""
    known = list(_STAGES)
    return (known.index(stage) if stage in known else len(known), stage)


def stage_title(stage: str) -> str:
    """Return what a stage does, in words; a stage unknown here is named as it is."""
    return _STAGES.get(stage, stage.replace("-", " ").capitalize())


def ascii_line(text: str, limit: int) -> str:
    """Return one line of at most `limit` printable ASCII characters, as the subject of an SNS mail has to be.

    https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    line = re.sub(r"[^\x20-\x7e]+", " ", plain).strip()
    line = re.sub(r" +", " ", line)
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."
