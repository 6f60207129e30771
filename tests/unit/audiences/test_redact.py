"""The masker takes out what has the form of a person or a secret, and leaves what is nobody's."""

import pytest
from audiences.api_words import WORDS
from audiences.redact import masked_facts, redact, redact_all, their_words
from hypothesis import given
from hypothesis import strategies as st

DIGEST = "0f1e2d3c" * 8
PERSONAL = [
    "a.b+c@example.co.uk", "<jane@example.com>", "jane%40example.com", "jane%2540example.com", "jane=40example.com",
    "jane\\u0040example.com", "jane&#64;example.com", "jane&#x40;example.com", "jane\uff20example.com",
    "jané@exämple.org",
    "+44 20 7946 0123", "+4917112345678", "\uff0b49 171 2345678", "%2B491712345678", "0171 2345678", "0171/2345678",
    "(0171) 234-5678", "06 12 34 56 78", "01.23.45.67.89", "020 7946 0123", "00491712345678", "01712345678",
    "(650) 253-0000", "650-253-0000", "650.253.0000", "0171\u2011234\u20115678",
    DIGEST, DIGEST.upper(), DIGEST[:32], DIGEST[:40], DIGEST * 2, "X03MO1qnZdYdgyfeuILPmQ==",
    "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8HBSa%2B%2FTImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D",
    "eyJhbGciOi.eyJzdWIiOi.SflKxwRJ", "ya29.a0AfH6SMBxyz", "EAABsbCS1iHgBAKZCZA1234567", "AKIAIOSFODNN7EXAMPLE",
]  # fmt: skip
SECRETS = [
    "Authorization: Bearer {}", "https://b.s3.amazonaws.com/k?X-Amz-Signature={}&x=1", "https://x.example/c?sv=2020&sig={}",
    "X-Amz-Security-Token={}", '{{"access_token": "{}"}}', "client_secret={}", "refresh_token: {}", "password='{}'",
    "https://hooks.example/x?code={}",
]  # fmt: skip
NOBODYS = [
    "arn:aws:iam::123456789012:role/x is of account 123456789012", "000123456789", "s3://b/segments/x/0171-2345678.csv",
    "ITEMSgenresAction_20261122-101500.csv", "run 20261121-101500-ab12cd and 20261121-101500-ab12cd-000001",
    "2026-11-22T10:20:00+00:00", "2026-11-22 10:20:00,587+0000", "22 Nov 2026, 10:15 UTC", "2026/11/22 09:15:22",
    "66,000 interactions, 2,400 users, 3 000 of 5 000", "code 200, subcode 1870034", "HTTP 503, Retry-After: 120",
    "10.0.0.1 and 192.168.100.200", "v19.0 of 2026-11-22", "It had the id 23850000000000001.", "line 70002 of c.csv",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "The access token: it has expired", "a bearer of news", "code=1870034",
    'ITEMS.genres = "Action" AND ITEMS.year > 1999', "add-00001 of 24", "[e-mail removed], [phone removed]", "",
]  # fmt: skip


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize(
    "frame", ["{}", "The value {} is odd.", "x,{},y", "({})", '"{}"', "key={}", "a\n{}\nb"]
)
def test_what_has_a_person_s_form_is_taken_out(value, frame):
    for masker in (redact, their_words):
        clean = masker(frame.format(value))
        assert value.strip("<>()") not in clean
        assert "jane" not in clean.lower()


@pytest.mark.parametrize("frame", SECRETS)
@pytest.mark.parametrize("secret", ["abc123DEF456ghi", "hunter2-hunter2", "Zm9v.YmFy-9"])
def test_what_is_called_a_secret_is_taken_out(frame, secret):
    assert secret not in redact(frame.format(secret))
    assert secret not in their_words(frame.format(secret))


@pytest.mark.parametrize("text", NOBODYS)
def test_what_is_nobodys_stays_readable(text):
    assert redact(text) == text


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing_more(text):
    assert redact(redact(text)) == redact(text)


def test_every_text_of_a_value_is_masked_and_what_must_be_found_stays():
    value = {
        "file": "s3://bucket/segments/x/650-253-0000.csv", "arn": "arn:aws:sns:eu-central-1:123456789012:t", "n": 7,
        "b@example.com": ["a@example.com", {"deep": ("c@example.com", None, True, 1.5)}],
    }  # fmt: skip
    clean = redact_all(value)
    assert "example.com" not in str(clean)
    assert (clean["file"], clean["arn"], clean["n"]) == (value["file"], value["arn"], 7)
    assert clean["[e-mail removed]"] == ["[e-mail removed]", {"deep": ["[e-mail removed]", None, True, 1.5]}]
    named = "s3://bucket/refused/a@example.com.csv"
    assert redact_all(named) == named
    assert "a@example" not in redact_all(named, places=False)


def test_the_id_of_a_thing_stays_and_a_person_s_does_not():
    segment = "0f" * 16
    assert redact_all({"segment_id": segment, "audience_id": segment}) == {
        "segment_id": segment,
        "audience_id": segment,
    }
    assert redact_all({"user_id": segment, "x": segment, "segment_id": "0f" * 32}) == dict.fromkeys(
        ("user_id", "x", "segment_id"), "[digest removed]"
    )
    arn = f"arn:aws:mobiletargeting:us-east-1:123456789012:apps/{segment}/segments/{segment}"
    assert redact(f"It is {arn}.") == f"It is {arn}."


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("User Jane Doe was not found", "User … was not found"),
        ("The user 'planted-user-77' does not exist", "The user '…' does not exist"),
        ('Invalid value "anna" for field "email"', 'Invalid value "…" for field "email"'),
        ("Unknown value «Anna», \u2018Otto\u2019 and “Eve”", "Unknown value «…», \u2018…\u2019 and “…”"),
        ("external_id: u-4711 unknown, user=jane too", "external_id: … unknown, user=… too"),
        ("Value 12025550101 and 017612345678 rejected", "Value … and … rejected"),
        ("jane_doe, jane.doe and anna-lena are no users", "…, … and … are no users"),
        ("山田太郎 and Müller", "… and …"),
        ("IDFA 6D92078A-8246-4BA4-AE5B-76104861E7DC is bad", "IDFA … is bad"),
        ("endpoint hcbmnng30rbzf7wiqn48zhzzcu4", "endpoint …"),
        ("see https://api.example.com/users/u4711?name=Jane", "see https://api.example.com/…"),
    ],
)
def test_a_platform_s_words_lose_what_may_be_somebodys(said, told):
    assert their_words(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "(#100) Param schema must be one of {EMAIL, PHONE}", 'Invalid parameter "user_identifiers[0].email"',
        "PROCESSING_ERROR_REASON_DENIED_CONSENT", "AADSTS70002: The token is expired", "51-60 %", "HTTP 429",
        "You do not have permission to access this ad account.", "a.csv line 3: no endpoint has this Id.",
        "Please accept the Custom Audience Terms of Service at https://business.facebook.com/customaudiences/app/tos/",
        "User: arn:aws:sts::123456789012:assumed-role/x is not authorized", "invalid_hash", "part-00001.csv.gz",
        "Session has expired on Monday", "Rate limit exceeded for 'Mutate requests per minute'",
    ],
)  # fmt: skip
def test_a_platform_s_words_stay_where_they_are_of_the_trade(said):
    assert their_words(said) == said


def test_words_of_our_own_text_may_stand_in_the_answer_to_it():
    said = 'Attribute ITEMS.DIRECTOR of "Jane" is not in the schema'
    assert their_words(said) == 'Attribute … of "…" is not in the schema'
    assert (
        their_words(said, 'ITEMS.DIRECTOR = "Nobody"')
        == 'Attribute ITEMS.DIRECTOR of "…" is not in the schema'
    )


def test_facts_keep_their_numbers():
    told = {
        "match_rate": "51-60 %",
        "size": 2000000,
        "at_least": "2000000",
        "state": "READY",
        "who": "Jane Doe",
    }
    ours = {"warning": "Lovers of Jazz: 3 rows were not read."}
    assert masked_facts({**told, **ours}) == {**told, **ours, "who": "…"}
    assert "example.com" not in str(masked_facts({"warning": "x@example.com"}))


def test_the_words_are_words():
    assert all(word == word.lower() and word.isascii() and word.isalnum() for word in WORDS)
    assert not WORDS & {
        "jane",
        "anna",
        "john",
        "smith",
        "doe",
        "mark",
        "grace",
        "rose",
        "miller",
        "brown",
        "young",
        "king",
    }
