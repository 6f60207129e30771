"""Checks the schedule expressions of a training configuration before they are uploaded.

Six fields in `cron(minutes hours day-of-month month day-of-week year)`, one of the two day fields being `?`:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    special: str = r"(?!)"  # what else this field may hold; matches nothing unless told

    def number(self, text: str) -> int | None:
        """Return the value of a number or a name such as MON, or None when it is not one in range."""
        if text.upper() in self.words:
            return self.words.index(text.upper()) + self.low
        return int(text) if text.isascii() and text.isdigit() and self.low <= int(text) <= self.high else None


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day-of-month", 1, 31, special=r"\?|L(-\d{1,2})?|LW|([1-9]|[12]\d|3[01])W"),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field(
        "day-of-week", 1, 7, tuple(_DAYS), special=r"(?i:\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))"
    ),
    _Field("year", 1970, 2199),
)


def check_cron(expression: str) -> str | None:
    """Return what is wrong with a schedule expression, or None when it is right."""
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    if not match:
        return "is not a schedule; write it as cron(0 3 * * ? *)"
    parts = match[1].split()
    if len(parts) != len(_FIELDS):
        return f"has {len(parts)} fields, and needs 6: minutes hours day-of-month month day-of-week year"
    for field, text in zip(_FIELDS, parts, strict=True):
        if not all(_is_part(field, part) for part in text.split(",")):
            return f"has a {field.name} field that is not allowed"
    if (parts[2] == "?") == (parts[4] == "?"):
        return "needs ? in exactly one of day-of-month and day-of-week"
    return None


def _is_part(field: _Field, text: str) -> bool:
    if re.fullmatch(field.special, text):
        return True
    base, slash, step = text.partition("/")
    if slash and not (step.isascii() and step.isdigit() and int(step) > 0):
        return False
    if base == "*":
        return True
    low, dash, high = base.partition("-")
    if field.number(low) is None:
        return False
    return not dash or field.number(high) is not None
