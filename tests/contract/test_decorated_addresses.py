"""A cell with more than one plain address in it is refused by every platform, never glued into another one."""

import pytest
from audiences.identity import compile_field
from audiences.platforms import discover

MAILED = [slug for slug, platform in discover().items() if "email" in platform.identifiers]
DECORATED = [
    "Jane Doe <jane@example.com>",
    "<jane@example.com>",
    "mailto:jane@example.com",
    "Jane jane@example.com",
    "jane@example.com (work)",
    "jane(work)@example.com",
    "jane@example.com;john@example.org",
    "jane@example.com, john@example.org",
    "jane@example.com / john@example.org",
    "jane@example.com john@example.org",
    '"jane"@example.com',
    "jane @example.com",
    "jane@ example.com",
    "jane@example.com\tjohn",
    "jane@exam\u200bple.com",
]


@pytest.mark.parametrize("slug", MAILED)
def test_decorated_cell_is_refused(slug):
    run = compile_field(discover()[slug].identifiers["email"])
    assert run(DECORATED).digests == [None] * len(DECORATED)
    assert run([" jane@example.com "]).digests != [None]


def test_a_letter_that_amazon_does_not_take_is_not_dropped():
    run = compile_field(discover()["amazon"].identifiers["email"])
    assert run(["müller@example.com"]).rejects == {0: "email_malformed"}
