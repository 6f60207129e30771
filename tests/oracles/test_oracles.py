"""Our answers beside those of the platforms' own libraries, over generated values.

Where they differ the value must fall under an exception below, which says why; anything else is our mistake.
Runs with AUDIENCES_ORACLES=1 (`make test-oracles`), because it installs packages.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys

import phonenumbers
import pytest
from audiences.identity import compile_field
from audiences.identity.blanks import BLANKS
from audiences.platforms import find

from tests.oracles.install import HERE, install
from tests.unit.audiences.identity import corpus

pytestmark = pytest.mark.skipif(
    not os.environ.get("AUDIENCES_ORACLES"),
    reason="installs packages: AUDIENCES_ORACLES=1 or make test-oracles",
)

NAMES = [
    "Valéry",
    "O'Brien",
    " Mary-Ann ",
    "정",
    "Müller",
    "van der Berg",
    "ÅSA",
    "李",
    "Jean Luc",
    "D\u2019Arcy",
    "İpek",
    "Straße",
]
CITIES = [
    "New York",
    "st. louis",
    "Paris",
    "12th Town",
    "São Paulo",
    "London ",
    "Winston-Salem",
    "Köln",
    "'s-Gravenhage",
]
STATES = [
    "CA",
    "California",
    "new york",
    " NY ",
    "Ontario",
    "BC",
    "N.Y.",
    "West Virginia",
    "Bavaria",
    "Texas",
]
ZIPS = ["94035", "94035-1234", " 10001 ", "SW1A1AA", "SW1A 1AA", "1229-076", "K1A 0A6", "7", "10143", "ab-1"]
COUNTRIES = [
    "US",
    "us",
    "U.S.",
    "USA",
    "United States",
    "Germany",
    "de",
    "France",
    "GBR",
    "Japan",
    "UK",
    "South Korea",
    "xx",
]
GENDERS = ["m", "F", "Male", "female", " woman ", "MR", "she", "x", "unknown", "king"]
DATES = [
    "2/16/1997",
    "1997-02-16",
    "19970216",
    "16/02/1997",
    "02.16.1997",
    "1899-01-01",
    "31/31/2000",
    "1997-02-30",
    "97-02-16",
]
IDS = ["USER_123", " abc ", "a b c", "ÄB-1"]
PHONES = [
    "+1 (616) 954-78 88",
    "1(650)123-4567",
    "+001 (616) 954-78 88",
    "01(650)123-4567",
    "4792813113",
    "3227352263",
    "US phone number (650)555-1212",
    "@09432457768",
    "12",
    "n/a",
    "+44 (0)20 7946 0018",
]


def addresses(seed):
    rnd = random.Random(seed)
    mailboxes = ["Jane", "j", "A.b", "x_y", ".a", "é"]
    tails = ["", "+tag", ".d", ".."]
    domains = ["gmail.com", "GoogleMail.com", "Example.com", "example", "a.b.example.org", "exa mple.com"]
    plain = [
        f"{rnd.choice(' j')}{rnd.choice(mailboxes)}{rnd.choice(tails)}@{rnd.choice(domains)}"
        for _ in range(1_000)
    ]
    noise = [text for text in corpus.strings(4_000, seed) if not re.search("[\ud800-\udfff]", text)]
    return plain + noise


def international(count):
    pairs = corpus.phones(count, "oracle")
    numbers = (text for text, _ in pairs if text.startswith("+") and text[1:].isdecimal() and text.isascii())
    return [*PHONES, *numbers]


def answers(oracle, cases):
    target = install(oracle)
    worker = HERE / ("meta_worker.js" if oracle == "meta" else f"{oracle}_worker.py")
    command = ["node" if oracle == "meta" else sys.executable, str(worker), str(target)]
    done = subprocess.run(
        command, input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout)


def check(oracle, platform, cases, excused):
    """Compare every case; each exception must be needed by at least one, or it is stale."""
    ours = [
        compile_field(find(platform).identifier(field))([value], None).normalised[0] for field, value in cases
    ]
    found, used = [], set()
    for (field, value), mine, theirs in zip(cases, ours, answers(oracle, cases), strict=True):
        if mine != theirs:
            excuse = next((excuse for excuse in excused if excuse(field, value, mine, theirs)), None)
            used.add(excuse)
            if excuse is None:
                found.append(ascii((field, value, mine, theirs)))
    assert found == []
    assert used == set(excused)
    agreed = sum(mine is not None for mine in ours) - len(cases) // 5
    assert agreed > 0, "the corpus must hold usable values too"


def refused_by_us(field, value, mine, _theirs):
    """No mailbox can be so: one label, an empty label, brackets, quotes, invisible or control characters."""
    text = value.strip()
    label = r"[^\s!-,/:-@\[-^`{-~.]+"
    return (
        field == "email"
        and mine is None
        and not (text.isprintable() and re.fullmatch(rf'[^\s"(),:;<>@\[\\\]]+@{label}(\.{label})+', text))
    )


def python_blanks(_field, value, _mine, _theirs):
    """Blanks: Python's, JavaScript's and UID2's ideas of a blank at the ends differ outside U+0020."""
    return any(letter != " " and (letter.isspace() or letter == "\ufeff") for letter in value)


def marks_at_the_ends(field, value, mine, _theirs):
    """A byte order mark at an end of a cell comes from the file, and Python's strip keeps it."""
    return field == "email" and mine is not None and value.strip() != value.strip(BLANKS)


def valid_numbers_only(field, value, mine, theirs):
    """We take off a trunk zero ("+44 (0)20") and refuse what is too short; they keep every digit."""
    if field != "phone":
        return False
    if mine is None:
        short = len(re.sub(r"\D", "", value).lstrip("0")) < 7
        return short or not theirs.strip("+0") or not _has_code(theirs) or _is_nobodys(value)
    digits = re.sub(r"\D", "", theirs).lstrip("0")
    return mine.lstrip("+") == digits or phonenumbers.is_valid_number(
        phonenumbers.parse("+" + mine.lstrip("+"))
    )


def _is_nobodys(value):
    """Without "+", "00" and a country it must be valid with its calling code, and have no national 0."""
    digits = re.sub(r"\D", "", value)
    if re.match(r"\s*(\+|00)", value) or not digits:
        return False
    return digits.startswith("0") or not phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))


def _has_code(digits):
    try:
        phonenumbers.parse("+" + digits.lstrip("+0"))
    except phonenumbers.NumberParseException:
        return False
    return True


def known_countries(field, _value, mine, theirs):
    """Google takes any two characters; Meta cuts a word to two letters. We look names up in ISO 3166."""
    return field == "country" and (mine is None or mine.lower() != (theirs or "").lower())


def whole_foreign_states(field, _value, mine, theirs):
    """Meta's page keeps a state outside the US whole, its builder cuts it to two letters."""
    return field == "state" and mine is not None and theirs == mine[:2]


def no_blanks_in_zip(field, value, mine, theirs):
    """Meta's page says no spaces; its builder keeps one inside a postal code."""
    return field == "zip" and mine == "".join(theirs.split()) and " " in value.strip()


def real_days(field, _value, mine, _theirs):
    """We refuse days that are in no calendar and years before 1900 (Meta's page); the builder does not."""
    return field == "date_of_birth" and mine is None


def gender_words(field, _value, mine, _theirs):
    """The builder knows "king" and "goddess"; we stay with words that forms use."""
    return field == "gender" and mine is None


def bare_words(field, value, mine, theirs):
    """Meta's other library (facebook-business, its own unit test) hashes a bare word and trims dots."""
    dots = value.strip() != value.strip().strip(".")
    return field == "email" and theirs is None and mine is not None and ("@" not in value or dots)


def wide_addresses(field, _value, mine, theirs):
    """Meta's builder takes ASCII addresses with word characters only; SMTPUTF8 (RFC 6531) has others."""
    return (
        field == "email"
        and theirs is None
        and mine is not None
        and (not mine.isascii() or re.search(r"\.\.|\.@|@-|-\.|\.-|-$|@.*_", mine) is not None)
    )


def test_google():
    cases = [("email", value) for value in addresses("google")]
    cases += [(field, value) for field in ("first_name", "last_name") for value in NAMES]
    cases += [("zip", value) for value in ZIPS] + [("country", value) for value in COUNTRIES]
    cases += [("city", value) for value in CITIES] + [("state", value) for value in STATES]
    cases += [("phone", value) for value in international(3_000)]
    check("google", "google", cases, [refused_by_us, marks_at_the_ends, valid_numbers_only, known_countries])


def test_uid2():
    cases = [("email", value) for value in addresses("uid2")]
    cases += [("phone", value) for value in international(3_000)]

    def not_normalised(field, value, _mine, theirs):
        """The client only checks a number that is E.164 already; we make it so."""
        return field == "phone" and (theirs is None or valid_numbers_only(field, value, _mine, theirs))

    check("uid2", "the_trade_desk", cases, [refused_by_us, python_blanks, not_normalised])


@pytest.mark.skipif(not shutil.which("npm"), reason="Meta's normaliser is an npm package")
def test_meta():
    cases = [("email", value) for value in addresses("meta")]
    cases += [(field, value) for field in ("first_name", "last_name") for value in NAMES]
    cases += [("city", value) for value in CITIES] + [("state", value) for value in STATES]
    cases += [("zip", value) for value in ZIPS] + [("country", value) for value in COUNTRIES]
    cases += [("gender", value) for value in GENDERS] + [("date_of_birth", value) for value in DATES]
    cases += [("external_id", value) for value in IDS]
    cases += [("phone", value) for value in international(3_000)]
    excused = [
        *(python_blanks, valid_numbers_only, known_countries, whole_foreign_states),
        *(no_blanks_in_zip, real_days, gender_words, bare_words, wide_addresses),
    ]
    check("meta", "meta", cases, excused)
