"""Dates of birth: files write them every way, and a wrong guess is a wrong person."""

from __future__ import annotations

import re
from datetime import date

from audiences.identity.reasons import Unusable

_GROUPS = re.compile(r"[0-9]+")
# https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
_EARLIEST = 1900

Day = tuple[int, int, int]  # year, month, day


def read_date(text: str, today: Day) -> Day:
    """Return (year, month, day) of a date in digits, or raise Unusable("date_invalid").

    Order: eight digits are yyyymmdd; of three groups the one above 31 is the year. A day above 12 tells day
    from month; when neither does, month comes before day, as in Meta's capi-param-builder-nodejs 1.3.2.
    Write dates as yyyy-mm-dd and no guess is needed.
    """
    groups = _GROUPS.findall(text)
    if len(groups) == 1 and len(groups[0]) == 8:
        year, month, day = int(groups[0][:4]), int(groups[0][4:6]), int(groups[0][6:])
    elif len(groups) >= 3 and all(len(group) <= 4 for group in groups[:3]):
        year, month, day = _order(*(int(group) for group in groups[:3]))
    else:
        raise Unusable("date_invalid")
    try:
        date(year, month, day)
    except ValueError:
        raise Unusable("date_invalid") from None
    if year < _EARLIEST or (year, month, day) > today:
        raise Unusable("date_invalid")
    return year, month, day


def read_part(text: str, part: int, today: Day) -> str:
    """Return one part, zero padded (part 0 year, 1 month, 2 day), from that part alone or from a whole date.

    A year alone is any four digits, a month 1 to 12, a day 1 to 31: facebook-business 26.0.3, Normalize.
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 4):
        return f"{read_date(text, today)[part]:0{4 if part == 0 else 2}d}"
    if part == 0 and len(digits) == 4:
        return digits
    if part and 1 <= int(digits) <= (12 if part == 1 else 31):
        return f"{int(digits):02d}"
    raise Unusable("date_invalid")


def _order(one: int, two: int, three: int) -> Day:
    """Put three numbers in year, month, day order; the year is the one no month or day can be."""
    if one > 31:
        year, low, high = one, two, three
    elif two > 31:
        year, low, high = two, three, one
    else:
        year, low, high = three, one, two
    return (year, high, low) if low > 12 else (year, low, high)
