"""A no is a no everywhere; silence is a no where consent is required, and where nobody knows the place."""

import pytest
from audiences.errors import SetupError
from audiences.preparation.consent import ConsentRule, compile_consent
from audiences.preparation.consent_words import read_word, value_class
from audiences.preparation.regions import read_region

EUROPE = ConsentRule(required_in=("EEA", "UK"))


def ask(rule, country=None, **cells):
    columns = {name: [value] for name, value in cells.items()}
    return compile_consent(rule, frozenset(columns), country)(columns, 0)


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        ({"consent_ads": "Yes ", "consent_region": "EEA"}, "granted"),
        ({"consent_ads": "no", "consent_region": "US"}, "denied"),
        ({"consent_ads": "", "consent_region": "US"}, "not_needed"),
        ({"consent_ads": "", "consent_region": "eea"}, "missing"),
        ({"consent_ads": "perhaps", "consent_region": "UK"}, "unreadable"),
        ({"consent_ads": "", "country": "DE"}, "missing"),
        ({"consent_ads": "", "country": "GB"}, "missing"),
        ({"consent_ads": "", "country": "JP"}, "not_needed"),
        ({"consent_ads": "", "consent_region": "", "country": "FR"}, "missing"),
        ({"consent_ads": "", "consent_region": "Germany"}, "missing"),
        ({"consent_ads": ""}, "missing"),
        ({"email": "x"}, "missing"),
    ],
)
def test_where_europe_requires_it(cells, answer):
    assert ask(EUROPE, **cells) == answer


def test_the_default_country_is_the_last_word_on_the_place():
    assert ask(EUROPE, country="US", email="x") == "not_needed"
    assert ask(EUROPE, country="IE", email="x") == "missing"


def test_nothing_is_required_where_no_rule_says_so():
    assert ask(ConsentRule(), consent_ads="", consent_region="EEA") == "not_needed"
    assert ask(ConsentRule(), consent_ads="no") == "denied"


def test_everywhere_and_single_countries():
    assert ask(ConsentRule(required_in=("*",)), consent_ads="", consent_region="US") == "missing"
    assert ask(ConsentRule(required_in=("CA",)), consent_ads="", consent_region="CA") == "missing"
    assert ask(ConsentRule(required_in=("CA",)), consent_ads="", consent_region="US") == "not_needed"


def test_every_purpose_needs_its_own_yes():
    both = ConsentRule(("ads", "profiling"), ("EEA",))
    assert ask(both, consent_ads="yes", consent_region="EEA") == "missing"
    assert ask(both, consent_ads="yes", consent_profiling="no", consent_region="US") == "denied"
    assert ask(both, consent_ads="yes", consent_profiling="y", consent_region="EEA") == "granted"


NO = """no|No.|opt-out|opted out|OPT OUT|opt_out|unsubscribed|0|0.0|0,00
|revoked|off|f|nein|non|STOP|refused|never|нет|いいえ
|never subscribed|Withdrawn|denied|não|FALSE|n|declined"""
YES = "yes|Y|TRUE|1|1.0|granted|opt-in|Opted In|subscribed|ja|Oui|sí|да|はい|on|t"


@pytest.mark.parametrize("word", NO.replace("\n", "").split("|"))
def test_words_that_say_no(word):
    assert read_word(f" {word}\u00a0") == "no"


@pytest.mark.parametrize("word", YES.split("|"))
def test_words_that_say_yes(word):
    assert read_word(word) == "yes"


@pytest.mark.parametrize(
    "word",
    [
        "perhaps",
        "2",
        "2024-05-01",
        "yes/no",
        "no yes",
        "0.5",
        "✗",
        "jein",
        "consent?",
        "o",
        "-1",
        "yes?",
        "0/1",
    ],
)
def test_anything_else_is_never_a_yes_and_never_silence(word):
    assert read_word(word) == "unreadable"
    assert ask(ConsentRule(), consent_ads=word) == "unreadable"
    assert ask(ConsentRule(unreadable="ignore"), consent_ads=word) == "not_needed"
    assert ask(ConsentRule(("*",), ("*",), "ignore"), consent_ads=word) == "missing"


def test_a_refusal_is_stronger_than_what_nobody_understands():
    assert ask(ConsentRule(("ads", "mail")), consent_ads="perhaps", consent_mail="no") == "denied"


@pytest.mark.parametrize("word", ["", " ", "null", "N/A", "-", "unknown"])
def test_silence_is_no_answer(word):
    assert read_word(word) == "blank"


@pytest.mark.parametrize(
    ("word", "region"),
    [
        ("EU", "EEA"),
        ("eea", "EEA"),
        ("EL", "GR"),
        ("uk", "GB"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("ROW", "ROW"),
    ],
)
def test_regions_have_many_names(word, region):
    assert read_region(word) == region


@pytest.mark.parametrize("region", ["EU", "EEA", "EL", "DE", "EUROPE", "XX", "Germany", "somewhere"])
def test_europe_by_any_name_needs_the_answer(region):
    assert ask(EUROPE, consent_ads="", consent_region=region) == "missing"


@pytest.mark.parametrize("words", [("EU",), ("DEU",), ("Germany",), ("eea",)])
def test_a_rule_may_name_europe_as_people_do(words):
    assert ask(ConsentRule(required_in=words), consent_ads="", country="DE") == "missing"


@pytest.mark.parametrize("word", ["GDPR", "Europe", "XX", ""])
def test_a_rule_that_names_no_region_is_refused(word):
    with pytest.raises(SetupError, match="EEA"):
        ConsentRule(required_in=(word,))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("yes?", "doubtful"),
        ("-1", "doubtful"),
        ("jane@example.com", "address"),
        ("2024-05-25", "date"),
        ("25.05.2024", "date"),
        ("2024-05-25T10:00:00Z", "date"),
        ("7", "number"),
        ("12,5 %", "number"),
        ("99%", "number"),
        ("perhaps", "word"),
        ("peut-\u00eatre", "code"),
        ("not sure yet", "text"),
        ("???", "signs"),
        ("A1", "code"),
    ],
)
def test_what_is_not_understood_is_named_by_its_kind(text, kind):
    assert read_word(text) == "unreadable"
    assert value_class(text) == kind
