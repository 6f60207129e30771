"""Countries, states and postal codes: one spelling each, whatever the file calls them."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from audiences.identity.country_names import COUNTRIES
from audiences.identity.reasons import Unusable
from audiences.identity.state_names import STATES

UNREADABLE: Final = "?"  # the country of a row whose cell is not understood
_US_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?", re.ASCII).fullmatch
_US_ZIP_DASH = re.compile(r"(\d{5})-\d{4}", re.ASCII).fullmatch
_US_ZIP_RUN = re.compile(r"[0-9]{9}").fullmatch


def fold_name(text: str) -> str:
    """Return the letters of a name in any script, lower case, accents removed; "" for a name without letters.

    "Côte d'Ivoire" and "COTE D IVOIRE" meet. A letter is never dropped: what is left would be another name.
    """
    if text.isascii():
        return "".join(filter(str.isalpha, text.lower()))
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if unicodedata.category(letter) in _OF_NAMES)


def _index(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        code, *names = line.strip().split("|")
        for name in (code, *names):
            found[fold_name(name)] = code
    return found


_COUNTRIES = _index(COUNTRIES)
_OF_NAMES = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Mc"})  # letters, and the vowels of Indic scripts
_STATES = {country: _index(table) for country, table in STATES.items()}
_ANY_STATE = {**_STATES["CA"], **_STATES["US"]}


def country_code(text: str) -> str:
    """Return ISO 3166 alpha-2, upper case, for a code ("us", "USA", "U.S.") or a name in a language of many.

    The names are CLDR's, see `tests/functional/audiences/identity/test_country_names.py`; one that means two
    countries in two languages is none.
    """
    name = fold_name(text)
    code = _COUNTRIES.get(name) or _native_names().get(name)
    if code is None or any(letter.isdigit() for letter in text):
        raise Unusable("country_unknown")
    return code


@cache
def _native_names() -> dict[str, str]:
    """Return the countries by their folded names; read when a file first has a name that is not English."""
    text = files("audiences.identity").joinpath("country_names.json").read_text(encoding="utf-8")
    return {name: code for code, names in json.loads(text).items() for name in names}


def state(text: str, country: str | None) -> str:
    """Return the state in lower case: two letters in the US and Canada, letters only elsewhere.

    Without a country, a name of either of the two is recognised. Letters other than a to z are kept, as
    Meta's page asks for outside the United States:
    https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
    """
    if country == UNREADABLE:
        raise Unusable("country_unknown")
    table = _ANY_STATE if country is None else _STATES.get(country, {})
    known = table.get(fold_name(text))
    if known is not None:
        return known.lower()
    return "".join(letter for letter in text.lower() if letter.isalnum())


def postal_code(text: str, country: str | None) -> str:
    """Return the code in lower case without blanks and without a dash and what follows it.

    The page says "no spaces and no dash", Meta's three libraries cut at the dash (capi-param-builder-nodejs
    1.3.2 zipCodeUtil; facebook-business 26.0.3 Normalize and CustomAudienceMixin). With the country US nine
    digits in a row are cut to five as well.
    """
    if country == UNREADABLE:
        raise Unusable("country_unknown")
    code = "".join(text.lower().split()).partition("-")[0]
    if country == "US" and _US_ZIP_RUN(code):
        return code[:5]
    if len(code) < 2 or not code.isalnum():  # two: the builder's shortest
        raise Unusable("zip_malformed")
    return code


def plain_postal_code(text: str, country: str | None) -> str:
    """Return the code in capitals without blanks and signs; in the United States the five digits alone.

    Without a country, five digits, a dash and four digits are of the United States: nobody else writes that. A
    ZIP with fewer digits has lost its leading zero, and is refused.
    """
    if country == UNREADABLE:
        raise Unusable("country_unknown")
    code = "".join(text.upper().split())
    if country == "US":
        found = _US_ZIP(code)
        if not found:
            raise Unusable("zip_malformed")
        return found[1]
    if country is None and (found := _US_ZIP_DASH(code)):
        return found[1]
    code = "".join(letter for letter in code if letter.isascii() and letter.isalnum())
    if len(code) < 2:
        raise Unusable("zip_malformed")
    return code
