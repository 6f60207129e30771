"""Numbers that a tool damaged are refused; a complete number needs no country."""

from __future__ import annotations

import time

import pytest
from audiences.errors import SetupError
from audiences.identity.batch import compile_field
from audiences.identity.phones import to_e164
from audiences.identity.reasons import Unusable
from audiences.platforms import discover, meta
from audiences.preparation.request import Request


@pytest.mark.parametrize("country", [None, "DE", "Nowhere"])
def test_a_cell_of_a_hundred_thousand_digits_costs_nothing(country):
    run = compile_field(meta.PLATFORM.identifiers["phone"])
    started = time.perf_counter()
    values = ["1" * 100_000, "1 " * 50_000 + "+", "1/" * 50_000, "x1" * 50_000, "1." * 50_000 + "0"]
    assert set(run(values, [country] * len(values)).rejects.values()) == {"phone_invalid"}
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("country", [None, "US", "DE"])
@pytest.mark.parametrize(
    "value",
    [
        "491712345678.0",
        "+491712345678.0",
        "1.65055501E+10",
        "4,91512e11",
        "+49 (0)171 2345678.0",
        "491712345678,00",
        "'491712345678.0",
    ],
)
def test_what_a_spreadsheet_rewrote_is_refused(value: str, country: str | None) -> None:
    with pytest.raises(Unusable, match="spreadsheet_number"):
        to_e164(value, country)


@pytest.mark.parametrize("value", ["650-253-0000 x123", "+1 650 253 0000 ext. 123", "+1 650 253 0000#7"])
def test_an_extension_is_never_glued_to_the_number(value: str) -> None:
    with pytest.raises(Unusable, match="phone_invalid"):
        to_e164(value, None)
    assert to_e164(value, "US") == "+16502530000"


@pytest.mark.parametrize("value", ["+49171 234 / +49301", "4917123, 4530901", "491712 or 3456781"])
def test_several_numbers_in_a_cell_are_never_glued_into_one(value: str) -> None:
    with pytest.raises(Unusable, match="phone_invalid"):
        to_e164(value, None)


def test_an_unreadable_country_discards_no_complete_number() -> None:
    run = compile_field(meta.PLATFORM.identifiers["phone"])
    values = ["+49 171 2345678", "0171 2345678", " tel:+49 171 2345678", "0049 171 2345678", "491712345678"]
    for country in ("Nowhere", "AQ"):  # no word for a country, and one without phones of its own
        outcome = run(values, [country] * len(values))
        assert outcome.normalised == ["491712345678", None, "491712345678", "491712345678", None]
        assert outcome.rejects == {1: "country_unknown", 4: "country_unknown"}


@pytest.mark.parametrize("slug", sorted(discover()))
def test_an_unreadable_country_takes_along_only_what_needs_one(slug):
    """A name, an e-mail address or an id is as good with it as without."""
    needing = {"phone", "phone_plus", "state", "zip"}
    for field, identifier in discover()[slug].identifiers.items():
        if field not in needing | {"country"}:
            values = [
                "jane@example.com",
                "Jane",
                "1997-02-16",
                "AECE52E7-03EE-455A-B3C4-E57283966239",
                "f",
                "5",
            ]
            run = compile_field(identifier)
            assert run(values, ["Nowhere"] * len(values)) == run(values), field


def test_a_default_country_that_is_none_is_an_error_and_never_nothing():
    run = compile_field(meta.PLATFORM.identifiers["phone"])
    for word in ("Foo", "", " ", "12"):
        with pytest.raises(SetupError, match="is no country"):
            run(["0171 2345678"], word)
        with pytest.raises(SetupError, match="is no country"):
            Request(platform="meta", audience="A", country=word)
    assert Request(platform="meta", audience="A", country="Germany").country == "DE"


@pytest.mark.parametrize("value", ["01.99.00.12.00", "01 99 00 12 00", "+33.1.99.00.12.00", "0199001200"])
def test_zeros_at_the_end_may_be_digits(value):
    assert to_e164(value, "FR") == "+33199001200"


@pytest.mark.parametrize("country", [None, "DE", "US"])
@pytest.mark.parametrize(
    "value", ["650-253-0000/1", "+49 30 901820/1", "030 9018 / 20 1234", "030 90182/0171 23456"]
)
def test_two_numbers_by_a_slash_are_never_glued_into_one(value, country):
    with pytest.raises(Unusable, match="phone_invalid"):
        to_e164(value, country)


@pytest.mark.parametrize(
    "value", ["0171/2345678", "0171 / 2345678", "+49 171/2345678", "+49 (0)171/23 45 678"]
)
def test_a_slash_behind_the_area_code_is_no_second_number(value):
    assert to_e164(value, "DE") == "+491712345678"


@pytest.mark.parametrize(
    "value", ["030 901820 mobil", "030 901820 (Mutter)", "Mutter 030 901820", "030 901820 x7 abc"]
)
def test_a_word_beside_a_number_is_not_dialled(value):
    assert to_e164(value, "DE") == "+4930901820"


@pytest.mark.parametrize("value", ["1-800-FLOWERS", "030 901820 bei Max 3", "+49 30 90 privat 1820"])
def test_a_word_inside_a_number_leaves_it_nobodys(value):
    for country in ("DE", "US"):
        with pytest.raises(Unusable, match="phone_invalid"):
            to_e164(value, country)
