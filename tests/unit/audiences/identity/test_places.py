"""The name tables are whole and say one thing each."""

import phonenumbers
import pytest
from audiences.identity.country_names import COUNTRIES
from audiences.identity.places import _letters, country_code, postal_code, state
from audiences.identity.reasons import Unusable
from audiences.identity.state_names import STATES


def lines(table):
    return [line.split("|") for line in table.strip().splitlines()]


@pytest.mark.parametrize("table", [COUNTRIES, *STATES.values()])
def test_no_spelling_means_two_places(table):
    spellings = [(_letters(name), row[0]) for row in lines(table) for name in row]
    assert len({spelling for spelling, _ in spellings}) == len(set(spellings))


def test_every_country_is_there():
    codes = {row[0] for row in lines(COUNTRIES)}
    assert len(codes) == 250  # ISO 3166's 249 and Kosovo's user-assigned XK
    assert codes >= set(phonenumbers.SUPPORTED_REGIONS) - {
        "AC",
        "TA",
    }  # Ascension, Tristan da Cunha: part of SH
    assert all(len(row[0]) == 2 and len(row[1]) == 3 for row in lines(COUNTRIES))


def test_both_kinds_of_state():
    assert (state("Ontario", None), state("N.Y.", "US"), state("Bayern-Nord", "DE")) == (
        "on",
        "ny",
        "bayernnord",
    )
    assert state("Georgia", "GE") == "georgia"


@pytest.mark.parametrize("text", ["", "12", "U5", "\ud800"])
def test_no_country(text):
    with pytest.raises(Unusable, match="country_unknown"):
        country_code(text)


def test_postal_codes():
    assert postal_code(" K1A 0A6 ", "CA") == "k1a0a6"
    assert postal_code("1229-076", "PT") == "1229"
    assert postal_code("123456789", None) == "123456789"
