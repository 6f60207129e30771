"""Every platform has a shape that fits its identifiers, and prepares a real row."""

import pytest
from audiences.platforms import discover
from audiences.preparation.shape import find_shape

CUSTOMERS = (
    "user_id,email,phone,first_name,last_name,city,state,zip,country,maid,consent_ads\n"
    "7,Ada@example.com,+12025550101,Ada,Byron,Boston,MA,02101,US,aece52e7-03ee-455a-b3c4-e57283966239,yes\n"
)


@pytest.mark.parametrize("slug", list(discover()))
def test_it_fits_its_platform(slug):
    platform, shape = discover()[slug], find_shape(slug)
    sendable = {name for name, identifier in platform.identifiers.items() if identifier.upload}
    assert set(shape.names) <= sendable
    assert set(shape.names) & set(shape.keys)
    assert shape.source
    assert all(
        need in shape.names for name in shape.names for need in platform.identifiers[name].required_with
    )


@pytest.mark.parametrize("slug", list(discover()))
def test_one_person_becomes_parts(run, slug):
    made = run("user_id\n7\n", CUSTOMERS, platform=slug)
    assert made.counts.sent == 1
    text = b"".join(data for name, data in made.files().items() if name.startswith("part-add"))
    hashed = discover()[slug].identifiers["email"].digest != "none"
    assert (b"@" in text) != hashed
