"""The name tables are whole and say one thing each."""

import phonenumbers
import pytest
from audiences.identity.country_names import COUNTRIES
from audiences.identity.places import country_code, fold_name, plain_postal_code, postal_code, state
from audiences.identity.reasons import Unusable
from audiences.identity.state_names import STATES


def lines(table):
    return [line.split("|") for line in table.strip().splitlines()]


@pytest.mark.parametrize("table", [COUNTRIES, *STATES.values()])
def test_no_spelling_means_two_places(table):
    spellings = [(fold_name(name), row[0]) for row in lines(table) for name in row]
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


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ("Österreich|ÖSTERREICH|Osterreich|Oesterreich|Autriche|Áustria|オーストリア", "AT"),
        ("España|Espana|ESPAÑA|Spanien|Espagne|Spagna|Espanya", "ES"),
        ("Schweiz|Suisse|Svizzera|Svizra|Suiza|スイス|瑞士", "CH"),
        ("日本|Japón|Japon|일본|Япония", "JP"),
        ("Ελλάδα|ΕΛΛΑΔΑ|EL|el|Griechenland|Grèce", "GR"),
        ("UK|U.K.|England|Scotland|Northern Ireland|Vereinigtes Königreich|Royaume-Uni", "GB"),
        ("Россия|РОССИЯ|Russland|Rußland", "RU"),
        ("Türkiye|Türkei|Tuerkei|TÜRKİYE", "TR"),
        ("Česko|Tschechien|Czechia", "CZ"),
        ("Danmark|Dänemark|Daenemark", "DK"),
        ("中国|中國|Kina|Chine", "CN"),
        ("대한민국|Corea del Sur", "KR"),
        ("भारत|Indien|ভারত|இந்தியா", "IN"),
        ("مصر|Ägypten|Egipto", "EG"),
        ("ישראל|Israël", "IL"),
        ("ไทย|Tailandia", "TH"),
        ("Україна|Ukraine|Ucrania", "UA"),
        ("საქართველო|Georgien", "GE"),
        ("Brasil|BRASIL|Brasilien", "BR"),
        ("México|Mexiko|Mexique", "MX"),
        ("Deutschland|Allemagne|Alemania|Germania|Niemcy|ドイツ|德国", "DE"),
        ("Åland Islands|Aland Islands", "AX"),
    ],
)
def test_a_country_is_read_in_its_own_languages(names, code):
    assert {name: country_code(name) for name in names.split("|")} == dict.fromkeys(names.split("|"), code)


@pytest.mark.parametrize(
    "name",
    [
        "US日本",
        "日",
        "Ωus",
        "us٣",
        "ÖÖ",
        "Österreich Schweiz",
        "žus",
        "́",
        "—",
        "😀",
        "Congo Niger",
        "Atlantis",
    ],
)
def test_a_name_of_other_letters_is_not_what_is_left_of_it(name):
    with pytest.raises(Unusable, match="country_unknown"):
        country_code(name)
    assert state(name, "US") not in {"us", "ga", "ca"}


def test_no_code_of_iso_is_a_name_of_another_country():
    codes = {code: row[0] for row in lines(COUNTRIES) for code in row[:2]}
    assert {code: country_code(code) for code in codes} == codes


@pytest.mark.parametrize(
    "text", ["2139", "ABCDE", "94035-12", "9403512345", "", "\u0669\u0664\u0660\u0663\u0665"]
)
def test_a_us_zip_is_five_digits_or_nothing(text):
    """One of four digits has lost its leading zero in a spreadsheet."""
    with pytest.raises(Unusable, match="zip_malformed"):
        plain_postal_code(text, "US")
