"""A number is sent only when it is certain whose it is."""

import pytest
from audiences.identity import compile_field
from audiences.platforms import discover

PHONED = [
    slug for slug, platform in discover().items() if "phone" in platform.identifiers and slug != "liveramp"
]


@pytest.mark.parametrize("slug", PHONED)
@pytest.mark.parametrize(
    "value",
    ["650-253-0000", "6502530000", "0171 2345678", "0171 23456789", "1712345678", "07911 123456", "911"],
)
def test_a_national_number_without_a_country_is_nobodys(slug, value):
    outcome = compile_field(discover()[slug].identifiers["phone"])([value])
    assert outcome.rejects == {0: "phone_no_country"}


@pytest.mark.parametrize("value", ["+491712345678", "00491712345678", "491712345678", "(+49) 171 2345678"])
def test_a_number_that_carries_its_calling_code_needs_none(value):
    assert compile_field(discover()["google"].identifiers["phone"])([value]).normalised == ["+491712345678"]


@pytest.mark.parametrize("value", ["n/a", "0000000000", "unknown"])
def test_no_number_at_all_needs_no_country(value):
    assert compile_field(discover()["google"].identifiers["phone"])([value]).rejects == {0: "phone_invalid"}
