"""Small inputs that people had trouble with, each through every platform it concerns: `tests/contract/cases/`.

What is right is said beside each test, with whose word it is.
"""

from pathlib import Path

import pytest
from audiences.activations.validate import check_activation
from audiences.errors import DataError, SetupError
from audiences.identity import compile_field
from audiences.platforms import discover, find
from audiences.preparation.consent import ConsentRule
from audiences.preparation.prepare import Inputs, prepare
from audiences.preparation.request import Request
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source

CASES = Path(__file__).with_name("cases")
ALL = sorted(discover())
MAILED = [slug for slug in ALL if find(slug).identifiers["email"].upload]
PHONED = [slug for slug in ALL if "phone" in find_shape(slug).keys and "phone" in find_shape(slug).names]
EUROPEAN = [slug for slug in ALL if (rule := find_shape(slug).consent) and "EEA" in rule.required_in]


def _prepare(case, slug, tmp_path, fast_rows=None, **settings):
    folder = CASES / case
    lists = folder / "suppress.csv"
    shape = find_shape(slug)
    required = shape.consent.required_in if shape.consent else ()
    request = Request(platform=slug, audience="A", consent=ConsentRule(("ads",), required), **settings)
    inputs = Inputs(
        segments=[Source.of(folder / "segment.csv")],
        identities=[Source.of(folder / "identities.csv")],
        suppressions=[Source.of(lists)] if lists.exists() else [],
    )
    return prepare(request, inputs, tmp_path, fast_rows=fast_rows)


@pytest.mark.parametrize("slug", MAILED)
def test_email_without_at(slug, tmp_path):
    """Google's, Meta's and UID2's formatters refuse all seven: none is mailbox@domain."""
    made = _prepare("email-without-at", slug, tmp_path, identifiers=("email",))
    assert made.counts.sent == 0
    assert made.reject_reasons == {"email_malformed": 7}


@pytest.mark.parametrize("slug", MAILED)
def test_emails_odd(slug):
    """A value without "@" is refused alone, and beside any neighbour."""
    values = (CASES / "emails-odd" / "no-at.txt").read_text(encoding="utf-8").splitlines()
    run = compile_field(find(slug).identifiers["email"])
    for value in values:
        assert run([value]).digests == [None]
        assert run(["jane@example.com", value, "max@example.org"]).digests[1] is None


@pytest.mark.parametrize("slug", EUROPEAN)
def test_consent_region_eu(slug, tmp_path):
    """Nobody was asked: who is in Europe, however it is written, is not sent (Google's EU user consent policy)."""
    made = _prepare("consent-region-eu", slug, tmp_path)
    assert made.counts.sent == 1
    assert made.reject_reasons == {"consent_missing": 5}


def test_consent_required_in_eu(tmp_path):
    """The operator means Europe: refused with the right word, or nobody of it is sent."""
    folder = CASES / "consent-required-in-eu"
    for path in sorted((folder / "activations").glob("*.json")):
        check_activation(path.read_bytes(), path.name, path.stem)  # read or told, never a crash
    for word in ("EU", "DEU", "eea"):
        inputs = Inputs(
            segments=[Source.of(folder / "segment.csv")], identities=[Source.of(folder / "identities.csv")]
        )
        request = Request(platform="meta", audience="A", consent=ConsentRule(("ads",), (word,)))
        made = prepare(request, inputs, tmp_path / word)
        assert made.reject_reasons["consent_missing"] == (1 if word == "DEU" else 3), word


@pytest.mark.parametrize("word", ["Europe", "GDPR"])
def test_consent_required_in_no_region(word):
    """A word that is no region protects nobody: refused, with the right one."""
    with pytest.raises(SetupError, match="EEA"):
        ConsentRule(("ads",), (word,))


@pytest.mark.parametrize("slug", MAILED)
def test_consent_words(slug, tmp_path):
    """Sixteen ways in which exports say no."""
    made = _prepare("consent-words", slug, tmp_path, identifiers=("email",))
    assert made.counts.sent == 0
    assert set(made.reject_reasons) <= {"consent_denied", "consent_unreadable"}


@pytest.mark.parametrize("slug", MAILED)
def test_suppress_hashed(slug, tmp_path):
    """All four addresses are on a list of plain SHA-256: nobody is sent, or the list is refused."""
    made = _prepare("suppress-hashed", slug, tmp_path, identifiers=("email",))
    assert made.counts.sent == 0


@pytest.mark.parametrize("slug", PHONED)
def test_suppress_phone_country(slug, tmp_path):
    """The list writes the numbers exactly as the customers' file does: E.164 of both is one number."""
    made = _prepare("suppress-phone-country", slug, tmp_path, identifiers=("phone",))
    assert made.counts.sent == 0


def test_activation_no_client():
    """Nothing delivers to these six: refused, each with what can be done instead."""
    path = CASES / "activation-no-client" / "activations" / "a.json"
    activation, found = check_activation(path.read_bytes(), path.name, path.stem)
    assert activation is None
    assert [
        f"audiences prepare --platform {slug}" in str(problem)
        for slug, problem in zip(("reddit", "hubspot", "braze", "criteo", "yahoo", "x"), found, strict=True)
    ] == [True] * 6


def test_idfa_linkedin(tmp_path):
    """LinkedIn's kinds of ids are SHA256_EMAIL, SHA512_EMAIL and GOOGLE_AID: Apple's ids are refused, not renamed."""
    with pytest.raises(SetupError, match=r"(?s)idfa: not the kind.*gaid"):
        _prepare("idfa-linkedin", "linkedin", tmp_path)


@pytest.mark.parametrize(
    "slug",
    [slug for slug in ALL if "maid" in find_shape(slug).names and slug not in ("linkedin", *EUROPEAN)],
)
def test_idfa_elsewhere(slug, tmp_path):
    """Platforms that take any kind of mobile id in one field take Apple's."""
    assert _prepare("idfa-linkedin", slug, tmp_path).counts.sent == 2


def test_microsoft_default(tmp_path):
    """MicrosoftDocs, customerlistitemsubtype: CRM and Phone are not currently supported."""
    made = _prepare("microsoft-default", "microsoft", tmp_path)
    assert made.fields == ("email",)
    assert made.counts.sent == 2
    assert made.reject_reasons == {"nothing_to_send": 1}


JOINS = pytest.mark.parametrize("fast_rows", [None, 0])  # ours, and DuckDB's where it is installed


@JOINS
def test_segment_no_header(fast_rows, tmp_path):
    """Three ids, no header line: the first is a person, whom a reader of headers would lose."""
    with pytest.raises(DataError, match="no column of user ids") as raised:
        _prepare("segment-no-header", "meta", tmp_path, fast_rows)
    assert "sed -i '1i user_id' segment.csv" in raised.value.fix
    assert "u1" not in str(raised.value)


@JOINS
@pytest.mark.parametrize("case", ["csv-sep-line", "csv-semicolon-comma-in-header", "csv-utf16le-nobom"])
def test_csv_of_other_tools(case, fast_rows, tmp_path):
    """A `sep=;` line as Excel honours it, a quoted comma between semicolons, UTF-16 as PowerShell and bcp write it."""
    assert _prepare(case, "meta", tmp_path, fast_rows).counts.sent == 3


@JOINS
def test_xlsx_as_csv(fast_rows, tmp_path):
    """The endings of files lie: the thing is named, and what mends it."""
    with pytest.raises(DataError, match="spreadsheet") as raised:
        _prepare("xlsx-as-csv", "meta", tmp_path, fast_rows)
    assert "CSV UTF-8" in raised.value.fix


@JOINS
def test_csv_unknown_headers(fast_rows, tmp_path):
    """Three people whose identifiers stand in E-Mail-Adresse, Telefon and email: used, none left out."""
    made = _prepare("csv-unknown-headers", "meta", tmp_path, fast_rows)
    assert made.counts.sent == 3
    assert {"email", "phone"} <= set(made.fields)
    assert made.unknown == {}


# What is certain, by country of the row: phonenumbers' answer, and nobody where digits are missing, too many, of two
# numbers, or of no country. All other values of the case are refused.
GERMAN, AMERICAN, BRITISH = "+491712345678", "+16502530000", "+447911123456"
CERTAIN = {
    **dict.fromkeys(("+49 (0)171 2345678", "+49-0171-2345678", "'+491712345678", '="+491712345678"'), GERMAN),
    **dict.fromkeys(
        (
            "tel:+491712345678",
            "\uff0b\uff14\uff19\uff11\uff17\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        ),
        GERMAN,
    ),
    "\u202a+491712345678\u202c": GERMAN,
    "+1 (650) 253-0000\u200b": AMERICAN,
    "WhatsApp +44 7911 123456": BRITISH,
    "+447911 123456 (mum)": BRITISH,
    "+54 9 11 2345 6789": "+5491123456789",
    "+54 11 15 2345 6789": "+5491123456789",
    "+39 06 1234 5678": "+390612345678",
    "+7 (8) 495 123-45-67": "+74951234567",
}
SHAPE_ALONE = {"+52 1 55 1234 5678": "+5215512345678", "+1 555 0100": "+15550100"}  # "+" and no country
CARRYING = dict.fromkeys(("0049 171 2345678", "00491712345678"), GERMAN)
EXTENDED = dict.fromkeys(("+1 650 253 0000 ext. 123", "+1 650 253 0000 x123"), AMERICAN)
EXTENDED["+55 (0xx11) 98765-4321"] = "+5511987654321"
BY_COUNTRY = {
    None: {**CERTAIN, **SHAPE_ALONE, **CARRYING},
    "Nowhere": {**CERTAIN, **SHAPE_ALONE, **CARRYING},  # an unreadable cell: no more and no less than none
    "US": {**CERTAIN, **EXTENDED, **dict.fromkeys(("650-253-0000 x123", "(650) 253-0000 ext 7"), AMERICAN)},
    "DE": {
        **CERTAIN,
        **EXTENDED,
        **CARRYING,
        "\u0660\u0661\u0667\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668": GERMAN,
        # Numbers of Schweich (06502) and of the German plan: certain because the file says DE.
        **dict.fromkeys(("650-253-0000 x123", "(650) 253-0000 ext 7"), "+496502530000"),
        "07911 123456": "+497911123456",
    },
    "GB": {**CERTAIN, **EXTENDED, **CARRYING, "07911 123456": BRITISH},
}


@pytest.mark.parametrize("country", BY_COUNTRY)
@pytest.mark.parametrize("slug", PHONED)
def test_phones_odd(slug, country):
    """A number is sent when it is certain whose it is; a spreadsheet's damage is called by its name."""
    values = (CASES / "phones-odd" / "values.txt").read_text(encoding="utf-8").splitlines()
    outcome = compile_field(find(slug).identifiers["phone"])(values, [country] * len(values))
    found = {value: text for value, text in zip(values, outcome.normalised, strict=True) if text}
    expected = {value: _as_sent(slug, number) for value, number in BY_COUNTRY[country].items()}
    assert found == {value: number for value, number in expected.items() if number}
    damaged = [row for row, value in enumerate(values) if value.endswith((".0", "E+10", "E+11"))]
    assert len(damaged) == 6
    assert {outcome.rejects[row] for row in damaged} == {"spreadsheet_number"}


def _as_sent(slug, number):
    """Return the number in the platform's form; LiveRamp takes those of +1 alone, as ten digits."""
    form = str(find(slug).identifiers["phone"].steps[0])
    if form == "e164(us10)":
        return number[2:] if number.startswith("+1") else None
    return number[1:] if form == "e164(digits)" else number
