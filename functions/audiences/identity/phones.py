"""Phone numbers to E.164 with the answers of `phonenumbers`, which is the authority, at ten times its speed.

The library spends most of its time finding out which of its patterns matter. Here those patterns, taken from
its own metadata at run time, are compiled once per calling code, and its parse is followed step by step for
values that are digits with the usual separators. Anything else is handed to the library.
Measured reason: `python -m bench phone` (the library alone is twenty times dearer than an e-mail address).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from audiences.identity.blanks import BLANKS
from audiences.identity.phone_cells import (
    DIGIT,
    LONGEST,
    carries_code,
    check_damage,
    digits_of,
    holds_more,
    without_words,
)
from audiences.identity.reasons import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    Match = Callable[[str], re.Match[str] | None]

_SEPARATORS: Final = b" .-()/"  # all of them punctuation to the library too
_TYPES: Final = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("voip", "personal_number", "pager", "uan", "voicemail"),
)
TRUNK_8: Final = ("RU", "KZ", "BY", "LT", "TM")  # where 8 is dialled before a national number
_ASK: Final = "?"  # the library must decide


def _sizes(desc: Any) -> frozenset[int]:
    """Return the possible lengths of a description; empty means that it sets none."""
    return frozenset(size for size in desc.possible_length if size > 0)


def _kinds(data: Any, size: int) -> list[str]:
    """Return the patterns of a region's kinds of number (mobile, fixed line, …) that allow `size` digits."""
    descriptions = [desc for name in _TYPES if (desc := getattr(data, name)) and desc.national_number_pattern]
    patterns = (desc.national_number_pattern for desc in descriptions if size in (_sizes(desc) or {size}))
    return list(dict.fromkeys(patterns))  # fixed line and mobile are often one pattern


def _metadata(code: int, region: str) -> Any:
    return PhoneMetadata.metadata_for_region_or_calling_code(code, region)


@cache
def _valid(code: int) -> dict[int, Match]:
    """Return, by length, the test "is this national number valid under calling code `code`".

    The library asks region after region; one whose leading digits fit ends the search, fit or not. Hence each
    alternative excludes the leading digits of the regions before it.
    """
    alternatives: dict[int, list[str]] = {}
    earlier = ""
    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        data = _metadata(code, region)
        general = data.general_desc
        leading = f"(?={data.leading_digits})" if data.leading_digits else ""
        for size in _sizes(general):
            if kinds := _kinds(data, size):
                pattern = (
                    rf"{earlier}{leading}(?=(?:{general.national_number_pattern})\Z)(?:{'|'.join(kinds)})\Z"
                )
                alternatives.setdefault(size, []).append(pattern)
        if data.leading_digits:
            earlier += f"(?!{data.leading_digits})"
    return {size: re.compile("|".join(patterns)).match for size, patterns in alternatives.items()}


def _never(_digits: str) -> None:
    """Match nothing: the test for a length that no number has."""


def _plain(pattern: str | None) -> str:
    """Return a prefix pattern that is nothing but digits, "" for any other."""
    return pattern if pattern and pattern.isdecimal() else ""


class _Region:
    """The reading rules of one region: prefixes to remove, and what its national numbers look like."""

    def __init__(self, data: Any) -> None:
        general = data.general_desc
        self.code = str(data.country_code)
        self.valid = _valid(data.country_code)
        self.looks_national = re.compile(rf"(?:{general.national_number_pattern})\Z").match
        self.sizes = _sizes(general)
        self.longest = max(self.sizes)
        prefix = data.national_prefix_for_parsing
        self.plain_prefix = _plain(prefix)
        self.prefix = re.compile(prefix).match if prefix and not self.plain_prefix else None
        abroad = data.international_prefix
        self.plain_abroad = _plain(abroad)
        self.abroad = re.compile(abroad).match if abroad and not self.plain_abroad else None

    def without_prefix(self, digits: str) -> str:
        """Return what follows the national prefix, or `digits`; _ASK when its rule is a rewriting."""
        if self.plain_prefix:
            return digits.removeprefix(self.plain_prefix)
        found = self.prefix(digits) if self.prefix else None
        if found is None:
            return digits
        return _ASK if found.lastindex else digits[found.end() :]

    def is_possible(self, national: str) -> bool:
        """Tell whether the region has numbers of this length and form."""
        return len(national) in self.sizes and self.looks_national(national) is not None

    def finish(self, digits: str) -> str:
        """Return "+…", "" when invalid, or _ASK, for the digits after the calling code."""
        if self.plain_prefix:
            rest = digits.removeprefix(self.plain_prefix)
        elif (rest := self.without_prefix(digits)) is _ASK:
            return _ASK
        valid = self.valid.get(len(rest), _never)(rest)
        if valid and (rest is digits or self.is_possible(rest)):
            return f"+{self.code}{rest}"
        # The library keeps a prefix that it cannot take off; no matter when the number is invalid either way.
        return _ASK if valid or self.valid.get(len(digits), _never)(digits) else ""

    def read(self, digits: str) -> str:
        """Return "+…", "" or _ASK for digits as dialled inside this region."""
        rest = digits
        if self.plain_abroad:
            rest = digits.removeprefix(self.plain_abroad)
        elif self.abroad and (found := self.abroad(digits)):
            rest = digits[found.end() :]
        if rest is not digits and not rest.startswith("0"):  # a calling code never begins with 0
            return _read_international(rest)
        if digits.startswith(self.code):
            return self.read_with_code(digits)
        return self.finish(digits)

    def read_with_code(self, digits: str) -> str:
        """Decide whether digits that begin like the calling code begin with it, as the library does."""
        if self.looks_national(digits):
            return self.finish(digits) if len(digits) <= self.longest else _ASK
        after = digits[len(self.code) :]
        inner = self.without_prefix(after)
        if inner is _ASK or (inner is not after and not self.is_possible(inner)):
            return _ASK
        if self.looks_national(inner):
            return _read_international(self.code + inner)
        return _ASK if len(digits) > self.longest else self.finish(digits)


class _Regions(dict[str, _Region]):
    """The rules of ISO countries by their code, made when first asked for."""

    def __missing__(self, country: str) -> _Region:
        data = PhoneMetadata.metadata_for_region(country, None)
        if data is None:
            raise Unusable("country_unknown")
        self[country] = _Region(data)
        return self[country]


class _Codes(dict[str, "_Region | None"]):
    """The rules of each calling code's main region, which reads international numbers; None: no such code."""

    def __missing__(self, code: str) -> _Region | None:
        if code.startswith("0") or int(code) not in COUNTRY_CODE_TO_REGION_CODE:
            return None
        number = int(code)
        self[code] = _Region(_metadata(number, COUNTRY_CODE_TO_REGION_CODE[number][0]))
        return self[code]


_regions = _Regions()
_codes = _Codes()


def _read_international(digits: str) -> str:
    """Return "+…", "" or _ASK for digits that begin with a calling code; no code begins another."""
    for size in (2, 1, 3):
        if size < len(digits) and (region := _codes[digits[:size]]):
            return region.finish(digits[size:])
    return _ASK


def to_e164(value: str, country: str | None) -> str:
    """Return `value` as "+" and 7 to 15 digits, or raise Unusable.

    With a `country` (ISO alpha-2, upper case) the answer is exactly phonenumbers' parse, is_valid_number and
    E.164 format of the value without blanks at its ends, save that letters are never dialled as digits. Where
    the country is none that we know, or has no numbering plan, a number that carries its calling code is read as
    without one. Without one, see `_without_country`.
    """
    value = value.strip(BLANKS)
    if len(value) > LONGEST:  # no number; and what looks for two in it would take long
        raise Unusable("phone_invalid")
    if not value.isdecimal():
        check_damage(value)
    if not country:
        return _without_country(value)
    try:
        answer = _read_at_home(value, _regions[country])
    except Unusable:
        if not carries_code(value):
            raise
        return _without_country(value)
    if answer is _ASK:
        answer = _ask_library(without_words(value), country, valid=True)
    if not answer:
        raise Unusable("phone_invalid")
    return answer


def _read_at_home(value: str, region: _Region) -> str:
    """Return "+…", "" when invalid, or _ASK for a value as it is dialled in a region."""
    if value.isascii():
        # By way of bytes: str.translate was measured at three times the cost.
        digits = value if value.isdecimal() else value.encode().translate(None, _SEPARATORS).decode()
        if digits.isdecimal():
            return region.read(digits)
        if digits.startswith("+") and digits[1:].isdecimal():
            return _read_international(digits[1:])
        if not DIGIT.search(value):
            return ""  # "n/a", "unknown": no number has no digit
    return _ASK


def _is_national_elsewhere(digits: str) -> bool:
    """Tell whether digits that begin like a calling code are as well a number as dialled behind an 8."""
    return digits.startswith("8") and any(_regions[name].finish(digits) for name in TRUNK_8)


def _ask_library(value: str, country: str | None, *, valid: bool) -> str:
    """Return the library's own E.164, "" when it finds no number or, with `valid`, no valid one."""
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Unusable("bad_encoding")
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException:
        return ""
    if valid and not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _without_country(value: str) -> str:
    """Read a number whose country nobody declared: it must carry its own calling code, "+" or not.

    Behind "+" or "00", 7 to 15 digits of a known calling code pass on their shape alone, because the platforms'
    own formatters check no more than that; declare a country to have the plan checked. Without either, the
    digits must be a valid number of the plan with its calling code, and must not begin with the 0 or 8 of a
    national number: "650 253 0000" is not sent to somebody in Singapore (+65), nor Moscow's "8 (495) 123-45-67" to
    Vietnam (+84). Unusable("phone_no_country") otherwise.
    """
    if holds_more(value):
        raise Unusable("phone_invalid")
    written = digits_of(value)
    digits = written.lstrip("0")
    if not carries_code(value):
        answer = "" if written.startswith("0") or not digits else _read_international(digits)
        answer = _ask_library("+" + digits, None, valid=True) if answer is _ASK else answer
        if not answer or _is_national_elsewhere(digits):
            raise Unusable("phone_no_country" if digits else "phone_invalid")
        return answer
    answer = _read_international(digits) if digits else ""
    if not answer or answer is _ASK:
        answer = (
            _ask_library("+" + digits, None, valid=True)
            or _ask_library(value, None, valid=True)
            or _ask_library("+" + digits, None, valid=False)
        )
    if not 8 <= len(answer) <= 16:  # "+" and E.164's at most 15 digits: https://www.itu.int/rec/T-REC-E.164
        raise Unusable("phone_invalid")
    return answer
