"""What surrounds a number in a cell, or was made of it: the digits of a cell are not always one person's number."""

from __future__ import annotations

import re

import phonenumbers

from audiences.identity.reasons import Unusable

LONGEST = 250  # characters; the library refuses longer input: phonenumberutil._MAX_INPUT_STRING_LENGTH
DIGIT = re.compile(r"\d")
# What spreadsheets make of a number: "491712345678.0", "1.65055501E+10" (digits of the latter are lost).
# "01.99.00.12.00" is none: its other dots say that the last two zeros are digits.
_SPREADSHEET = re.compile(
    r"\W*(?:(?:\d[^.,\d]*){7,}[.,]0{1,2}|\d{7,}[.,]0+|\d+(?:[.,]\d+)?[eE]\+?\d+)[^.,\d]*"
).fullmatch
_PLUS_FIRST = re.compile(r"\D*[+\uff0b]").match
_SEVERAL = re.compile(r"\d.*\+\s*\d|\d\s*[,;]\s*\d|\d\s+[a-z]+\s+[+\d]", re.IGNORECASE).search
_EXTENSION = re.compile(r"\d\W*(?:x|#|ext)", re.IGNORECASE).search
# "0650-253000/1", "0301 9018/201234" are two numbers; "0171/2345678", "+49 34462/12345" one with its area code.
_TWO_BY_SLASH = re.compile(r"(?:[^\d/]*\d){7,}[^\d/]*/\s*\d{1,2}[^\d/]*").fullmatch
_TWO_NATIONAL = re.compile(r"(?:[^\d/]*\d){7,}[^\d/]*/\D*\d[^/]*").fullmatch
_LETTER = re.compile("[a-z]", re.IGNORECASE).search
_WORDS_BEHIND = re.compile(r"\W*[^\W\d][^\d]*\Z")
_WORDS_BETWEEN = re.compile(r"\d\D*[a-z]\D*\d", re.IGNORECASE).search


def check_damage(value: str) -> None:
    """Refuse what tools made of a number, and two numbers in one cell: the digits are not one person's."""
    if ("." in value or "," in value or "E" in value or "e" in value) and _SPREADSHEET(value):
        raise Unusable("spreadsheet_number")
    if "/" in value and (_TWO_BY_SLASH(value) or (not carries_code(value) and _TWO_NATIONAL(value))):
        raise Unusable("phone_invalid")


def digits_of(value: str) -> str:
    """Return the digits of a value, of any script, as 0 to 9."""
    return "".join(DIGIT.findall(phonenumbers.normalize_digits_only(value[:LONGEST])))


def carries_code(value: str) -> bool:
    """Tell whether a number says of itself that it begins with its calling code."""
    return _PLUS_FIRST(value) is not None or digits_of(value).startswith("00")


def holds_more(value: str) -> bool:
    """Tell whether there are digits that are no part of one number: an extension, another number."""
    return bool(_EXTENSION(value) or _SEVERAL(value))


def without_words(value: str) -> str:
    """Return a value without what is written behind its digits, "(mum)"; "" where letters stand between them.

    The library dials letters, so a word beside a number would make it somebody else's. Only an extension may
    follow, which it takes off.
    """
    if not _LETTER(value):
        return value
    text = _WORDS_BEHIND.sub("", value)
    extension = _EXTENSION(text)
    return "" if _WORDS_BETWEEN(text[: extension.start() + 1] if extension else text) else text
