"""How the viewers can be reached: contact data for the ad platforms and endpoints for messaging.

Nobody here exists: mail domains are reserved (RFC 2606) or Amazon's mail simulator, phone numbers are set
aside for fiction. The contact data is as untidy as a real export (blank padding, mixed case, gaps, wrong
values), because tidying it is what the relay has to prove.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import words
from generator.draw import Draw, Wheel
from generator.viewers import YEAR, Viewer

if TYPE_CHECKING:
    from collections.abc import Iterator

_REGIONS = {"US": "US", "CA": "CA", "GB": "UK", "DE": "EEA", "FR": "EEA"}
_COUNTRIES = Wheel({"US": 58, "GB": 15, "DE": 14, "FR": 8, "CA": 5})
_CHANNELS = Wheel(
    {"EMAIL": 12, "EMAIL SMS": 4, "EMAIL GCM": 1, "EMAIL APNS": 1, "EMAIL SMS APNS": 1, "SMS": 1}
)
_EMPTY_ADVERTISING_ID = "00000000-0000-0000-0000-000000000000"  # what phones send when tracking is off


@dataclass(frozen=True)
class Endpoint:
    """One address of a user on one channel, in Pinpoint's words."""

    user: str
    channel: str
    address: str
    opt_out: str


def invent_endpoints(seed: int, viewers: list[Viewer]) -> Iterator[Endpoint]:
    """Yield the endpoints of each viewer: about 5 % have none, many have several, about 4 % are opted out.

    The last few belong to users who left before the training data was taken.
    """
    draw = Draw(seed, "endpoints")
    for viewer in viewers:
        if draw.chance(0.05):
            continue
        yield from _endpoints_of(draw, viewer.number)
    for number in range(len(viewers) + 1, len(viewers) + 13):
        yield Endpoint(str(number), "EMAIL", _simulator_address(number), "NONE")


def _endpoints_of(draw: Draw, number: int) -> Iterator[Endpoint]:
    user = str(number)
    opted_out = draw.chance(0.03)

    def opt_out() -> str:
        return "ALL" if opted_out or draw.chance(0.01) else "NONE"

    channels = draw.weighted(_CHANNELS)
    for channel in channels.split():
        yield Endpoint(user, channel, _address(draw, channel, number), opt_out())
    if "GCM" in channels and draw.chance(0.3):  # a second phone on the same account
        yield Endpoint(user, "GCM", _address(draw, "GCM", number), opt_out())


def _address(draw: Draw, channel: str, number: int) -> str:
    if channel == "EMAIL":
        return _simulator_address(number)
    if channel == "SMS":
        codes = words.AREA_CODES["US"]
        return f"+1{codes[number // 100 % len(codes)]}55501{number % 100:02d}"
    if channel == "APNS":
        return draw.letters("0123456789abcdef", 64)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    return f"{draw.letters(letters, 22)}:{draw.letters(letters, 64)}"


def _simulator_address(number: int) -> str:
    """Return an address that Amazon SES accepts mail for in tests.

    https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
    """
    return f"success+{number}@simulator.amazonses.com"


def invent_customers(seed: int, viewers: list[Viewer]) -> Iterator[dict[str, str]]:
    """Yield one row of identities/customers.csv per viewer who gave contact data (about 96 %)."""
    draw = Draw(seed, "customers")
    for viewer in viewers:
        if draw.chance(0.96):
            yield _customer(draw, viewer)


def _customer(draw: Draw, viewer: Viewer) -> dict[str, str]:
    country = draw.weighted(_COUNTRIES)
    first, last = draw.pick(words.FIRST_NAMES[viewer.gender]), draw.pick(words.LAST_NAMES)
    city, state, code = draw.pick(words.CITIES[country])
    # A birthday before 1 November makes `age` right on that day.
    born = f"{YEAR - viewer.age}-{draw.number(1, 10):02d}-{draw.number(1, 28):02d}"
    return {
        "user_id": str(viewer.number),
        "email": _untidy(draw, _email(draw, first, last, viewer.number)),
        "phone": _untidy(draw, _phone(draw, country)),
        "first_name": _untidy(draw, first),
        "last_name": _untidy(draw, last),
        "city": _untidy(draw, city),
        "state": state,
        "zip": code if draw.chance(0.97) else "",
        "country": country if draw.chance(0.95) else draw.pick((country.lower(), "")),
        "date_of_birth": born if draw.chance(0.85) else "",
        "gender": _gender(draw, viewer.gender),
        "maid": _advertising_id(draw),
        "consent_ads": draw.pick(("yes",) * 15 + ("no",) * 3 + ("",) * 2),
        "consent_region": _REGIONS[country],
        "consent_date": f"{draw.number(2023, 2025)}-{draw.number(1, 12):02d}-{draw.number(1, 28):02d}",
    }


def _email(draw: Draw, first: str, last: str, number: int) -> str:
    if draw.chance(0.05):
        return ""
    local = f"{_ascii(first)}.{_ascii(last)}{number}"
    if draw.chance(0.01):
        return draw.pick((local, f"{local}@", f"{local}@example", "unknown", f"{local} at example.com"))
    tag = draw.pick(("",) * 9 + ("+films",))
    return f"{local}{tag}@{draw.pick(('example.com', 'example.com', 'example.org', 'example.net'))}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalpha())


def _phone(draw: Draw, country: str) -> str:
    if draw.chance(0.22):
        return ""
    if draw.chance(0.02):
        return draw.pick(("n/a", "000", "555", "+", "call me"))
    form = draw.pick(words.PHONE_FORMS[country])
    if "{area}" in form:
        form = form.format(area=draw.pick(words.AREA_CODES[country]))
    return "".join(str(draw.number(0, 9)) if letter == "N" else letter for letter in form)


def _gender(draw: Draw, gender: str) -> str:
    if draw.chance(0.1):
        return ""
    return draw.pick((gender, gender, gender.lower(), gender[0]))


def _advertising_id(draw: Draw) -> str:
    if draw.chance(0.6):
        return ""
    if draw.chance(0.06):
        return _EMPTY_ADVERTISING_ID
    digits = draw.letters("0123456789abcdef", 32)
    name = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    return name.upper() if draw.chance(0.4) else name


def _untidy(draw: Draw, value: str) -> str:
    """Return the value as people leave it in forms: mostly fine, sometimes padded or in capitals."""
    if not value or draw.chance(0.9):
        return value
    return draw.pick((f" {value}", f"{value}  ", value.upper(), f"\t{value}", f"\u00a0{value}"))


def invent_suppressions(seed: int, customers: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Yield the rows of suppressions/optouts.csv: about 2 % of the customers, and people who are none.

    A row names a person by user id, by e-mail, or by both, as opt-outs arrive from different desks.
    """
    draw = Draw(seed, "suppressions")
    for customer in customers:
        if draw.chance(0.02):
            email = customer["email"].strip().lower() if "@" in customer["email"] else ""
            by = draw.pick(("user_id", "email", "both")) if email else "user_id"
            yield {
                "user_id": customer["user_id"] if by != "email" else "",
                "email": email if by != "user_id" else "",
                "phone": "",
                "reason": draw.pick(("unsubscribed", "erasure request", "complaint")),
            }
    for number in range(1, 6):
        yield {"user_id": "", "email": f"stranger{number}@example.org", "phone": "", "reason": "unsubscribed"}
