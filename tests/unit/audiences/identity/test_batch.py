"""Columns in, digests and reasons out."""

import hashlib

import pytest
from audiences.errors import SetupError
from audiences.identity import REASONS, compile_field
from audiences.platforms import discover, find
from hypothesis import given
from hypothesis import strategies as st

NOTHING = {
    hashlib.sha256(b"").hexdigest(),
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    hashlib.sha1(b"").hexdigest(),
}
EVERY_FIELD = [(slug, field) for slug, platform in discover().items() for field in platform.identifiers]


def run(platform, field, values, country=None, **options):
    return compile_field(find(platform).identifier(field), **options)(values, country)


def test_digest_is_written_as_the_platform_reads_it():
    address = "mary@example.com"
    assert run("meta", "email", [address]).digests == [hashlib.sha256(address.encode()).hexdigest()]
    assert run("the_trade_desk", "email", ["MyEmail@example.com"]).digests == [
        "FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U="
    ]
    assert run("klaviyo", "email", [" Mary@Example.com "]).digests == [address]
    assert run("liveramp", "phone", ["+1 650 555 0100"]).digests == [hashlib.sha1(b"6505550100").hexdigest()]


@pytest.mark.parametrize(
    ("platform", "field", "value", "reason"),
    [
        ("google", "email", None, "missing"),
        ("google", "email", float("nan"), "missing"),
        ("google", "email", 7, "not_text"),
        ("google", "email", " \t", "empty"),
        ("google", "email", "not-an-email", "email_malformed"),
        ("meta", "email", "not-an-email", "email_malformed"),
        ("meta", "email", "null", "email_malformed"),
        ("google", "email", "+tag@gmail.com", "email_malformed"),
        ("google", "email", "a\udcff@example.com", "bad_encoding"),
        ("google", "email", "5" * 64, "already_hashed"),
        ("google", "first_name", "a" * 64, "already_hashed"),
        ("google", "first_name", "\ud800", "bad_encoding"),
        ("google", "first_name", "Ma\x00ry", "control_character"),
        ("meta", "first_name", "...", "nothing_left"),
        ("google", "phone", "n/a", "phone_invalid"),
        ("google", "phone", "+0000000000", "phone_invalid"),
        ("google", "phone", "\udcff 1650", "bad_encoding"),
        ("liveramp", "phone", "+44 20 7946 0018", "phone_not_us"),
        ("meta", "country", "Atlantis", "country_unknown"),
        ("meta", "gender", "unknown", "gender_unknown"),
        ("meta", "date_of_birth", "1997-02-30", "date_invalid"),
        ("meta", "dob_month", "13", "date_invalid"),
        ("meta", "dob_year", "12345", "date_invalid"),
        ("meta", "zip", "7", "zip_malformed"),
        ("meta", "city", "12", "nothing_left"),
        ("meta", "maid", "abc", "maid_malformed"),
        ("meta", "maid", "00000000-0000-0000-0000-000000000000", "maid_zeros"),
        ("amazon", "external_id", "a b", "id_malformed"),
        ("amazon", "zip", "-", "zip_malformed"),
    ],
)
def test_refused_with_a_reason(platform, field, value, reason):
    outcome = run(platform, field, [value])
    assert outcome.rejects == {0: reason}
    assert outcome.digests == [None]
    assert outcome.normalised == [None]


@pytest.mark.parametrize(
    ("platform", "field", "value", "country", "expected"),
    [
        ("meta", "email", " Jane.Doe+News@GMAIL.com ", None, "jane.doe+news@gmail.com"),
        ("google", "email", " Jane.Doe+News@GMAIL.com ", None, "janedoe@gmail.com"),
        ("the_trade_desk", "email", "Jane.Doe+News@GMAIL.com", None, "janedoe@gmail.com"),
        ("tiktok", "email", "Jane.Doe+News@GMAIL.com", None, "jane.doe@gmail.com"),
        ("reddit", "email", "Jane.Doe+News@Example.com", None, "janedoe@example.com"),
        ("amazon", "email", "Jane.Doe+News@GMAIL.com", None, "jane.doenews@gmail.com"),
        ("liveramp", "email", " Jane@Example.com ", None, "jane@example.com"),
        ("meta", "phone", "(650) 555-1212", "US", "16505551212"),
        ("google", "phone", "(650) 555-1212", "US", "+16505551212"),
        ("liveramp", "phone", "(650) 555-1212", "US", "6505551212"),
        ("meta", "first_name", "Valéry", None, "valéry"),
        ("amazon", "first_name", "Valéry", None, "valry"),
        ("meta", "last_name", "O'Brien", None, "obrien"),
        ("google", "last_name", "O'Brien", None, "o'brien"),
        ("meta", "zip", "94035-1234", None, "94035"),
        ("meta", "zip", "940351234", "US", "94035"),
        ("meta", "zip", "SW1A 1AA", "GB", "sw1a1aa"),
        ("google", "zip", "94035-1234", "US", "94035-1234"),
        ("amazon", "email", "john_doe@example.com", None, "john_doe@example.com"),
        ("amazon", "last_name", "M\u00fcller-Gro\u00df", None, "muellergross"),
        ("amazon", "city", "K\u00f8benhavn", None, "kobenhavn"),
        ("amazon", "zip", "94035-1234", None, "94035"),
        ("amazon", "zip", "940351234", "US", "94035"),
        ("amazon", "zip", "940351234", None, "940351234"),
        ("amazon", "zip", "sw1a 1aa", "GB", "SW1A1AA"),
        ("amazon", "zip", "K1A-0a6", "CA", "K1A0A6"),
        ("amazon", "state", "Ontario", "CA", "on"),
        ("amazon", "state", "Baden-W\u00fcrttemberg", "DE", "badenwuerttemberg"),
        ("meta", "state", "California", None, "ca"),
        ("meta", "state", "Bavaria", "DE", "bavaria"),
        ("amazon", "state", "California", None, "ca"),
        ("meta", "country", "United States", None, "us"),
        ("google", "country", "usa", None, "US"),
        ("meta", "country", "C\u00f4te d'Ivoire", None, "ci"),
        ("meta", "gender", " Female ", None, "f"),
        ("meta", "date_of_birth", "2/16/1997", None, "19970216"),
        ("meta", "date_of_birth", "16.02.1997", None, "19970216"),
        ("meta", "dob_day", "1997-02-03", None, "03"),
        ("meta", "dob_year", "19970203", None, "1997"),
        ("meta", "first_initial", "'Ann", None, "a"),
        (
            "meta",
            "maid",
            "AECE52E7-03EE-455A-B3C4-E57283966239",
            None,
            "aece52e7-03ee-455a-b3c4-e57283966239",
        ),
        (
            "google",
            "maid",
            "AECE52E7-03EE-455A-B3C4-E57283966239",
            None,
            "AECE52E7-03EE-455A-B3C4-E57283966239",
        ),
    ],
)
def test_each_platform_writes_its_own_form(platform, field, value, country, expected):
    outcome = run(platform, field, [value], country)
    assert outcome.rejects == {}
    assert outcome.normalised == [expected]


def test_country_per_row():
    outcome = run("google", "phone", ["020 7946 0018"] * 4, ["GB", "United Kingdom", "Atlantis", None])
    assert outcome.normalised[:2] == ["+442079460018"] * 2
    assert outcome.rejects[2] == "country_unknown"


def test_countries_must_be_as_many_as_values():
    with pytest.raises(ValueError, match="zip"):
        run("google", "phone", ["1", "2"], ["US"])


def test_hashed_column_is_checked_and_never_hashed_again():
    digest = hashlib.sha256(b"mary@example.com").hexdigest()
    values = [digest.upper(), digest[:-1], None, " ", hashlib.sha256(b"").hexdigest(), "mary@example.com"]
    outcome = run("meta", "email", values, hashed=True)
    assert outcome.digests == [digest, None, None, None, None, None]
    assert outcome.rejects == {
        1: "not_a_hash",
        2: "missing",
        3: "empty",
        4: "hash_of_nothing",
        5: "not_a_hash",
    }
    base64 = run("the_trade_desk", "email", ["mary@example.com"]).digests[0]
    assert run("the_trade_desk", "email", [digest, base64], hashed=True).digests == [base64, base64]


def test_hashed_column_for_a_plain_field_is_a_setup_error():
    with pytest.raises(SetupError, match="takes it unhashed"):
        run("klaviyo", "email", [], hashed=True)


@given(values=st.lists(st.one_of(st.none(), st.text(), st.text("0123456789-+. @", max_size=20)), max_size=20))
def test_nothing_is_never_hashed_and_every_refusal_has_a_reason(values):
    for slug, field in EVERY_FIELD:
        outcome = run(slug, field, values)
        assert not NOTHING.intersection(outcome.digests), (slug, field)
        refused = {row for row, digest in enumerate(outcome.digests) if digest is None}
        assert refused == set(outcome.rejects), (slug, field)
        assert set(outcome.rejects.values()) <= set(REASONS), (slug, field)
        assert all(digest.encode() for digest in outcome.digests if digest is not None), (slug, field)
