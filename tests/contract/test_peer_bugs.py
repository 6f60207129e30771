"""What other tools got wrong in the open, kept from happening here (source: their code and issues)."""

import base64
import hashlib
import io
import json

import pytest
from audiences.delivery import find_uploader
from audiences.identity import compile_field
from audiences.platforms import discover, find
from audiences.platforms.amazon.payload import records_body
from audiences.platforms.google.shape import build_member
from audiences.platforms.tiktok.payload import update_body
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source

from local.platforms.registry import STAND_INS
from local.stand_in_access import InProcessHttp, PlainSecret, secret_of
from tests.contract.world import PEOPLE, World

MAILED = [slug for slug, platform in discover().items() if "email" in platform.identifiers]
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


@pytest.mark.parametrize("slug", MAILED)
def test_an_empty_cell_is_never_hashed(slug, tmp_path):
    """Multiwoven hashes a missing value as the empty text, which stands for everybody without an address."""
    fields = find(slug).identifiers
    rows = [b",", b'" ",""', b"NULL,n/a", b"jane@example.com,", b"joe@example.com,+16505550101"]
    made = _prepare(slug, rows, tmp_path)
    assert made["counts"]["rejected"] >= 3
    nothing = [getattr(hashlib, name)(b"").digest() for name in ("sha256", "sha1", "md5")]
    told = b"".join((tmp_path / part["file"]).read_bytes() for part in made["parts"])
    assert not any(one.hex().encode() in told or base64.b64encode(one) in told for one in nothing)
    for rule in fields.values():
        assert [*compile_field(rule)(["", "  "], "US").digests] == [None, None]


def test_consent_is_never_declared_for_somebody_who_did_not_give_it():
    """Segment's DV360 destination says GRANTED for everybody."""
    assert "consent" not in build_member({"email": "x"}, False)
    assert build_member({"email": "x"}, True)["consent"]["adUserData"] == "CONSENT_GRANTED"


@pytest.mark.parametrize("slug", MAILED)
def test_addresses_are_trimmed_and_lower_case_before_they_are_hashed(slug, tmp_path):
    """audience-uploader-from-aws-clean-rooms and Segment's LinkedIn destination hash them as they come."""
    one = _prepare(slug, [b" Jane@Example.com ,"], tmp_path / "a")
    other = _prepare(slug, [b"jane@example.com,"], tmp_path / "b")
    assert [part["sha256"] for part in one["parts"]] == [part["sha256"] for part in other["parts"]]


def test_a_us_postal_code_of_nine_digits_keeps_five_for_meta():
    """Rudder sends 940351234 for 94035-1234."""
    outcome = compile_field(find("meta").identifier("zip"))(["94035-1234"], "US")
    assert outcome.normalised == ["94035"]


def _normalised(slug, field, value, country="US"):
    return compile_field(find(slug).identifier(field))([value], country).normalised[0]


@pytest.mark.parametrize("value", ["+1 (650) 555-0101", "(650) 555-0101", "1-650-555-0101", "+16505550101"])
def test_a_phone_is_normalised_before_it_is_hashed(value):
    """Segment's TikTok destination hashes "+1 (555) 555-5555" as it stands."""
    assert _normalised("tiktok", "phone", value) == "16505550101"
    assert _normalised("meta", "phone", value) == "16505550101"


@pytest.mark.parametrize("slug", [slug for slug in MAILED if slug not in ("reddit",)])
def test_dots_of_other_domains_stay(slug):
    """Segment's TikTok destination takes the dots out of every address; of our platforms Reddit alone asks so."""
    assert _normalised(slug, "email", "jane.doe@example.com") == "jane.doe@example.com"


def test_a_phone_for_google_has_its_plus_and_country():
    """Segment's DV360 destination adds neither; Google's own formatter adds no country."""
    assert _normalised("google", "phone", "(650) 555-0101") == "+16505550101"


@pytest.mark.parametrize("kind", ["GOOGLE_ADS", "DISPLAY_VIDEO_ADVERTISER"])
def test_consent_of_a_request_is_that_of_its_members(kind, tmp_path):
    """Segment's DV360 destination says GRANTED for all: here a person who was not asked has no consent."""
    world = World("google", tmp_path)
    world.secret.values["account_type"] = kind
    world.deliver(range(2), customers="u1,person1@example.com,,,US\n")
    (body,) = [json.loads(one.body) for one in world.http.sent if one.path.endswith(":ingest")]
    assert "consent" not in body
    assert sorted("consent" in member for member in body["audienceMembers"]) == [False, True]


def test_a_drop_has_no_field_that_was_removed(tmp_path):
    """Segment's Trade Desk destination still sends RetentionEnabled, which ended on 2024-09-30."""
    world = World("the_trade_desk", tmp_path)
    world.deliver(range(PEOPLE))
    bodies = [one.json() for one in world.http.sent if one.method == "POST"]
    assert [sorted(body) for body in bodies] == [
        ["AdvertiserId", "Region", "SegmentName"],
        ["MergeMode", "PiiType"],
        ["MergeMode", "PiiType"],
    ]


def test_to_remove_somebody_from_a_list_does_not_delete_the_person(tmp_path):
    """Segment's Dotdigital destination deletes the contact."""
    world = World("klaviyo", tmp_path)
    world.deliver(range(PEOPLE), "add")
    world.deliver(range(PEOPLE), "remove")
    assert world.members() == []
    assert len(world.stand_in.profiles.by_id) == PEOPLE
    deleted = [one.path for one in world.http.sent if one.method == "DELETE"]
    assert deleted
    assert all(path.endswith("/relationships/profiles") for path in deleted)


def test_the_audience_id_alone_is_written_as_a_number():
    """Segment's Amazon destination takes the quotes off the first id by a pattern over the whole text."""
    record = {"externalUserId": '"audienceId":"7"', "hashedPII": []}
    body = records_body("9007199254740993", "add", json.dumps([record, record]).encode())
    assert body.startswith(b'{"audienceId":9007199254740993,')
    assert [one["externalUserId"] for one in json.loads(body)["records"]] == ['"audienceId":"7"'] * 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [("F", "f"), ("female", "f"), ("m", "m"), ("Male", "m"), ("x", ""), ("diverse", ""), ("", "")],
)
def test_a_gender_that_the_platform_has_no_word_for_is_left_out(value, expected):
    """Rudder sends "m" for everything that is not female."""
    assert (_normalised("meta", "gender", value) or "") == expected


@pytest.mark.parametrize("operation", ["add", "remove", "replace"])
def test_a_change_always_says_which(operation):
    """TikTok's own SDK replaces the audience when the caller says nothing."""
    assert update_body("1", "2", operation, {"file_path": "p"})["action"] in ("APPEND", "REMOVE", "REPLACE")
    assert update_body("1", "2", "add", {"file_path": "p"})["action"] == "APPEND"


@pytest.mark.parametrize("slug", ["meta", "linkedin", "microsoft"])
def test_one_refused_row_is_one_refused_row(slug, tmp_path):
    """Multiwoven counts the whole request as failed."""
    world = World(slug, tmp_path)
    world.stand_in.misbehave("row_rejects", rows=1)
    assert world.deliver(range(PEOPLE))["rows"]["rejected"] == 1
    assert len(world.members()) >= PEOPLE - 1
