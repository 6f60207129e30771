"""The closed vocabulary of normalisation steps: a platform's rule is a row of these names, never own code.

A step takes the text so far and the row's country (ISO alpha-2, upper case, or None) and returns new text, or
raises Unusable with its reason. Steps are values: `str(step)` is the name that the reference pages print.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from audiences.identity import dates, emails, phones, places
from audiences.identity.blanks import BLANKS
from audiences.identity.reasons import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

_PUNCTUATION = str.maketrans(
    "", "", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)  # ASCII's, as Meta's builder removes it
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SPELLED = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "o"})  # as AWS's does
_MAID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").fullmatch
_FEMALE = frozenset({"f", "female", "woman", "girl", "lady", "ms", "mrs", "miss", "madam", "she", "her"})
_MALE = frozenset({"m", "male", "man", "boy", "gentleman", "mr", "mister", "sir", "he", "him", "his"})


@dataclass(frozen=True)
class Step:
    """One named step. `apply(text, country)` does it; `options` are what the fast path of e-mail reads."""

    name: str
    apply: Callable[[str, str | None], str] = field(compare=False, repr=False)
    options: tuple[Any, ...] = ()
    label: str = ""

    def __str__(self) -> str:
        """Return the name that reference pages print: `lower`, `e164(plus)`."""
        options = self.label or ", ".join(map(str, self.options))
        return f"{self.name}({options})" if options else self.name


def _text_step(name: str, change: Callable[[str], str]) -> Step:
    return Step(name, lambda text, _country: change(text))


trim = _text_step("trim", lambda text: text.strip(BLANKS))
lower = _text_step("lower", str.lower)
upper = _text_step("upper", str.upper)
ascii_lower = _text_step("ascii_lower", lambda text: text.translate(_ASCII_LOWER))
strip_whitespace = _text_step("strip_whitespace", lambda text: "".join(text.split()))
strip_punct = _text_step("strip_punct", lambda text: text.translate(_PUNCTUATION))
strip_symbols = _text_step("strip_symbols", lambda text: re.sub(r"[^\w\s]|_", "", text))
spell_out = _text_step("spell_out", lambda text: text.translate(_SPELLED))
initial = _text_step("initial", lambda text: text[:1])
date_digits = _text_step(
    "date_digits", lambda text: "{:04d}{:02d}{:02d}".format(*dates.read_date(text, _today()))
)
dob_year = _text_step("dob_year", lambda text: dates.read_part(text, 0, _today()))
dob_month = _text_step("dob_month", lambda text: dates.read_part(text, 1, _today()))
dob_day = _text_step("dob_day", lambda text: dates.read_part(text, 2, _today()))


def trim_also(characters: str) -> Step:
    """Blanks and `characters` away from both ends."""
    return Step("trim_also", lambda text, _country: text.strip(characters + BLANKS), (characters,))


def first(count: int) -> Step:
    """Keep the first `count` characters (code points)."""
    return Step("first", lambda text, _country: text[:count], (count,))


def keep(characters: str) -> Step:
    """Drop every character outside the class, written as inside the brackets of a regular expression."""
    others = re.compile(f"[^{characters}]+")
    return Step("keep", lambda text, _country: others.sub("", text), (characters,))


def drop_prefix(prefix: str) -> Step:
    """Drop one leading `prefix`."""
    return Step("drop_prefix", lambda text, _country: text.removeprefix(prefix), (prefix,))


def ascii_only() -> Step:
    """Refuse an address with other letters, before a `keep` drops them and makes it somebody else's."""

    def apply(text: str, _country: str | None) -> str:
        if not text.isascii():
            raise Unusable("email_malformed")
        return text

    return Step("ascii_only", apply)


def email_shape(*, bare_word: bool = False) -> Step:
    """Check mailbox@domain; `bare_word` see `emails.check_shape`."""
    options = ("bare_word",) if bare_word else ()
    return Step("email_shape", lambda text, _country: emails.check_shape(text, bare_word=bare_word), options)


def gmail_fold(domains: tuple[str, ...] | None, *, dots: bool, plus: bool) -> Step:
    """Fold the mailboxes of `domains` (None: of every domain), see `emails.fold`."""
    members = None if domains is None else frozenset(domains)
    return Step(
        "gmail_fold",
        lambda text, _country: emails.fold(text, members, dots=dots, plus=plus),
        (members, dots, plus),
        ", ".join((" ".join(domains) if domains else "every domain", *["dots"] * dots, *["plus"] * plus)),
    )


def e164(form: Literal["plus", "digits", "us10"]) -> Step:
    """Write a phone number as +E.164, as its digits, or as the ten digits of a +1 number."""
    if form == "plus":
        return Step("e164", phones.to_e164, (form,))
    if form == "digits":
        return Step("e164", lambda text, country: phones.to_e164(text, country)[1:], (form,))
    return Step("e164", lambda text, country: _ten_digits(phones.to_e164(text, country)), (form,))


def iso2(case: Literal["lower", "upper"]) -> Step:
    """Write a country code or English country name as ISO 3166 alpha-2."""
    if case == "upper":
        return Step("iso2", lambda text, _country: places.country_code(text), (case,))
    return Step("iso2", lambda text, _country: places.country_code(text).lower(), (case,))


def zip_us5() -> Step:
    """Write a postal code as Meta does: no blanks, nothing after a dash, five digits in the United States."""
    return Step("zip_us5", places.postal_code)


def zip_upper() -> Step:
    """Write a postal code in capitals and digits alone, five digits in the United States."""
    return Step("zip_upper", places.plain_postal_code)


def state_abbrev() -> Step:
    """Write a United States or Canadian state by its two letters, others by their letters only."""
    return Step("state_abbrev", places.state)


def matches(pattern: str) -> Step:
    """Refuse an id that the whole `pattern` does not match."""
    check = re.compile(pattern).fullmatch

    def apply(text: str, _country: str | None) -> str:
        if not check(text):
            raise Unusable("id_malformed")
        return text

    return Step("matches", apply, (pattern,))


def _today() -> tuple[int, int, int]:
    now = datetime.now(tz=UTC)
    return now.year, now.month, now.day


def _ten_digits(number: str) -> str:
    if not number.startswith("+1"):
        raise Unusable("phone_not_us")
    return number[2:]


def _read_gender(text: str) -> str:
    word = text.strip().lower()
    if word in _FEMALE:
        return "f"
    if word in _MALE:
        return "m"
    raise Unusable("gender_unknown")


def _check_maid(text: str) -> str:
    if not _MAID(text):
        raise Unusable("maid_malformed")
    if not text.strip("0-"):
        raise Unusable("maid_zeros")
    return text


_NO_LIMIT = frozenset(("", "no", "n", "0", "false", "f", "none", "null", "off", "nonldu"))


def _read_limited_use(text: str) -> str:
    """Return LDU unless the cell says no: a doubt protects the person."""
    word = re.sub(r"[^\w]|_", "", text).lower()
    if word in _NO_LIMIT:
        raise Unusable("empty")
    return "LDU"


def _start_with_letter(text: str) -> str:
    """Refuse a place name that begins with a digit, as Meta's builder does."""
    if not text[:1].isalpha():
        raise Unusable("nothing_left")
    return text


gender = _text_step("gender", _read_gender)
maid = _text_step("maid", _check_maid)
limited_use = _text_step("limited_use", _read_limited_use)
letter_first = _text_step("letter_first", _start_with_letter)
