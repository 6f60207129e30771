"""What other tools got wrong in the open, kept from happening here (source: their code and issues)."""

import io
import json

import pytest
from audiences.delivery import find_uploader
from audiences.platforms import find
from audiences.platforms.google.shape import build_member
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source

from local.platforms.registry import STAND_INS
from local.stand_in_access import InProcessHttp, PlainSecret, secret_of

KINDS = {kind.slug: kind for kind in STAND_INS}
# Those whose API makes an audience without members, and lists audiences.
LISTING = ["google", "klaviyo", "linkedin", "meta", "microsoft", "snap"]


@pytest.mark.parametrize("slug", LISTING)
def test_the_last_page_of_audiences_is_read_so_none_is_made_twice(slug):
    """uploading-audiences-to-tiktok-ads stopped a page too early and made a second audience."""
    http = InProcessHttp(KINDS[slug]())
    client = find_uploader(slug).make(http, PlainSecret(secret_of(slug, http.BASE)), {})
    made = [client.create_audience(f"Audience {number}") for number in range(230)]
    for number in (0, 9, 10, 24, 25, 99, 100, 199, 200, 229):
        assert client.find_audience(f"Audience {number}").id == made[number].id
    assert client.find_audience("Audience") is None
    assert client.find_audience("audience 1") is None


def _prepare(slug, rows, folder, header=b"user_id,email,phone\n"):
    users = b"user_id\n" + b"".join(b"u%d\n" % number for number in range(len(rows)))
    identities = header + b"".join(b"u%d,%s\n" % (number, row) for number, row in enumerate(rows))
    prepare(
        Request(platform=slug, audience="A", country="US"),
        Inputs(
            segments=[Source("s.csv", lambda: io.BytesIO(users))],
            identities=[Source("i.csv", lambda: io.BytesIO(identities))],
        ),
        folder,
    )
    return json.loads((folder / "manifest.json").read_text())


@pytest.mark.parametrize("slug", ["meta", "google", "snap", "klaviyo"])
def test_one_bad_row_does_not_stop_the_batch(slug, tmp_path):
    """Segment failed a whole batch for the phone +0000000000."""
    made = _prepare(slug, [b",+0000000000", b"jane@example.com,", b"nan,None"], tmp_path)
    assert made["counts"]["sent"] == 1
    assert made["counts"]["rejected"] == 2


def test_consent_is_never_declared_for_somebody_who_did_not_give_it():
    """Segment's DV360 destination says GRANTED for everybody."""
    assert "consent" not in build_member({"email": "x"}, False)
    assert build_member({"email": "x"}, True)["consent"]["adUserData"] == "CONSENT_GRANTED"


@pytest.mark.parametrize("slug", ["meta", "google", "linkedin", "microsoft", "snap", "pinterest"])
def test_addresses_are_trimmed_and_lower_case_before_they_are_hashed(slug, tmp_path):
    """audience-uploader-from-aws-clean-rooms and Segment's LinkedIn destination hash them as they come."""
    one = _prepare(slug, [b" Jane@Example.com ,"], tmp_path / "a")
    other = _prepare(slug, [b"jane@example.com,"], tmp_path / "b")
    assert [part["sha256"] for part in one["parts"]] == [part["sha256"] for part in other["parts"]]


def test_a_us_postal_code_of_nine_digits_keeps_five_for_meta():
    """Rudder sends 940351234 for 94035-1234."""
    from audiences.identity import compile_field

    outcome = compile_field(find("meta").identifier("zip"))(["94035-1234"], "US")
    assert outcome.normalised == ["94035"]
