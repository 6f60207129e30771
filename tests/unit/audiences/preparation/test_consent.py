"""A no is a no everywhere; silence is a no where consent is required, and where nobody knows the place."""

import pytest
from audiences.preparation.consent import ConsentRule, compile_consent

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
        ({"consent_ads": "perhaps", "consent_region": "UK"}, "missing"),
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
