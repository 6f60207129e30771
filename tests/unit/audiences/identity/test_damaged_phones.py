"""Numbers that a tool damaged are refused; a complete number needs no country."""

from __future__ import annotations

import pytest
from audiences.identity.batch import compile_field
from audiences.identity.phones import to_e164
from audiences.identity.reasons import Unusable
from audiences.platforms import meta


@pytest.mark.parametrize("country", [None, "US", "DE"])
@pytest.mark.parametrize("value", ["491712345678.0", "+491712345678.0", "1.65055501E+10", "4,91512e11"])
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
    outcome = run(["+49 171 2345678", "0171 2345678"], ["Nowhere", "Nowhere"])
    assert outcome.normalised[0] is not None
    assert outcome.rejects == {1: "country_unknown"}
