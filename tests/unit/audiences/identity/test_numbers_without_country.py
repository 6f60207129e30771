"""A number is sent only when it is certain whose it is."""

import re

import phonenumbers
import pytest
from audiences.identity import compile_field
from audiences.identity.phones import TRUNK_8
from audiences.platforms import discover

PHONED = [
    slug for slug, platform in discover().items() if "phone" in platform.identifiers and slug != "liveramp"
]


@pytest.mark.parametrize("slug", PHONED)
@pytest.mark.parametrize(
    "value",
    [
        "650-253-0000",
        "6502530000",
        "0171 2345678",
        "0171 23456789",
        "1712345678",
        "07911 123456",
        "911",
        "8 (495) 123-45-67",
        "84951234567",
        "650-253-0000+",
        "6502530000 +",
    ],
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


def test_every_country_that_dials_8_first_is_thought_of():
    """ "8 (495) 123-45-67" is a number of Moscow, although +84 951234567 is one of Vietnam."""
    data = {
        name: phonenumbers.PhoneMetadata.metadata_for_region(name, None)
        for name in phonenumbers.SUPPORTED_REGIONS
    }
    dialling = {
        name
        for name, found in data.items()
        if re.match(found.national_prefix_for_parsing or "(?!)", "8") and found.country_code != 54
    }
    assert dialling == set(TRUNK_8)
    # Argentina's prefix is optional in its own pattern, and is 0.
    first = {str(found.national_prefix)[0] for found in data.values() if found.national_prefix}
    assert first == {"0", "1", "8"}  # 1 is NANP's calling code as well, and +692 has seven digits
