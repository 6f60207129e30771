"""Reads where a person is, or where a rule holds: a country by any of its names, or a region of several.

The one reader for `consent_region`, `country` and `required_in`, so that a word means the same in all three.
"""

from __future__ import annotations

from functools import lru_cache

from audiences.errors import SetupError
from audiences.identity.places import country_code
from audiences.identity.reasons import Unusable
from audiences.preparation.shape import EVERYWHERE

ELSEWHERE = "ROW"  # the rest of the world: what consent tools write of people whom no rule names
# The EU lies inside the EEA.
_EEA_NAMES = frozenset({"EEA", "EU", "EWR", "EEE", "EUROPEANUNION", "EUROPEANECONOMICAREA", "EU27", "EUEEA"})
_ELSEWHERE_NAMES = frozenset({"ROW", "OTHER", "RESTOFWORLD", "RESTOFTHEWORLD"})
# Members of the European Economic Area: https://www.efta.int/eea/eea-agreement/states
EEA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split()  # noqa: SIM905 - readable
)


@lru_cache(maxsize=4_096)  # a file has few regions and many rows
def read_region(text: str) -> str | None:
    """Return `EEA`, `ROW`, or ISO 3166 alpha-2 (the UK is GB); None for what is not understood."""
    word = "".join(letter for letter in text.upper() if letter.isalnum())
    if word in _EEA_NAMES:
        return "EEA"
    if word in _ELSEWHERE_NAMES:
        return ELSEWHERE
    try:
        return country_code(text)
    except Unusable:
        return None


def read_rule(words: tuple[str, ...]) -> frozenset[str]:
    """Return the regions a rule names. SetupError for a word that is none: the rule would protect nobody."""
    found = set()
    for word in words:
        region = EVERYWHERE if word.strip() == EVERYWHERE else read_region(word)
        if region is None or region == ELSEWHERE:
            raise SetupError(
                f"Consent is asked for in {word!r}, which is no region.",
                "A rule that is not understood would protect nobody.",
                'Use "EEA" for Europe, "UK", a country, or "*" for everywhere.',
            )
        found.add(region)
    return frozenset(found)


def is_required(place: str, rule: frozenset[str]) -> bool:
    """Tell whether `rule` asks for consent at a place as a file writes it; where nobody knows, it does."""
    if EVERYWHERE in rule:
        return True
    region = read_region(place)
    if region is None:
        return True
    if region == "EEA":  # one country of it is enough: which one the person is in, nobody said
        return not rule.isdisjoint({"EEA", *EEA})
    return region in rule or (region in EEA and "EEA" in rule)
