"""Facts that a real account would teach: each named with its source, our client against the stand-in."""

import dataclasses
import io
import json

import pytest
from audiences.delivery.client import Answer
from audiences.errors import RetryLater, SetupError
from audiences.platforms.amazon.shape import build_record
from audiences.platforms.tiktok.payload import read_overdue
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source

from tests.contract.world import PEOPLE, World


def test_microsofts_terms_are_accepted_with_the_upload_where_the_secret_says_so(tmp_path):
    """AcceptCustomerMatchTerm: Microsoft's page CustomerListUserData; its Apply answers 8003 without."""
    world = World("microsoft", tmp_path)
    folder = world.prepare(range(PEOPLE))
    client = world.delivery(folder).client
    made = client.create_audience("Lovers")
    world.stand_in.misbehave("terms_not_accepted", times=99)
    with pytest.raises(SetupError, match="accept_terms"):
        world.delivery(folder).run()
    world.secret = type(world.secret)({**world.secret.values, "accept_terms": "yes"})
    assert world.delivery(folder).run().status == "succeeded"
    assert len(world.stand_in.members(made.id)) == PEOPLE
    world.secret = type(world.secret)({**world.secret.values, "accept_terms": "perhaps"})
    with pytest.raises(SetupError, match="neither yes nor no"):
        world.deliver(range(PEOPLE + 1))


def test_a_pinterest_list_holds_addresses_and_mobile_ids_of_both_kinds(tmp_path):
    """`records`: any combination of emails, MAIDs, or IDFAs (PyPI pinterest-generated-client 0.1.12)."""
    world = World("pinterest", tmp_path)
    rows = "".join(f"u{n},p{n}@example.com,{n:08x}-03ee-455a-b3c4-e57283966239,\n" for n in range(3))
    rows += "".join(f"u{n},,,{n:08x}-03ee-455a-b3c4-e57283966239\n" for n in range(3, 5))
    prepare(
        Request(platform="pinterest", audience="Lovers"),
        Inputs(
            segments=[Source("s.csv", lambda: io.BytesIO(b"user_id\nu0\nu1\nu2\nu3\nu4\n"))],
            identities=[Source("i.csv", lambda: io.BytesIO(b"user_id,email,idfa,gaid\n" + rows.encode()))],
        ),
        tmp_path / "mixed",
    )
    receipt = world.delivery(tmp_path / "mixed").run().receipt
    assert receipt["status"] == "succeeded"
    assert len(world.members()) == 3 + 5


class Changed:
    """Passes requests on and changes the answers to those whose path holds `part`; None answers with 404."""

    def __init__(self, http, part, change):
        self.http, self.part, self.change = http, part, change

    def send(self, method, url, **options):
        answer = self.http.send(method, url, **options)
        if self.part not in url:
            return answer
        changed = self.change(answer.json)
        return (
            answer
            if changed is answer.json
            else Answer(200 if changed is not None else 404, {}, _text(changed))
        )


def _text(value):
    return b"" if value is None else json.dumps(value).encode()


def _change(world, part, change):
    world.http = Changed(world.http, part, change)


def test_a_drop_that_the_trade_desk_does_not_tell_of_is_not_accepted(tmp_path):
    """Nobody publishes what an account may ask about its drops: silence (404) is no success."""
    world = World("the_trade_desk", tmp_path)
    folder = world.prepare(range(PEOPLE))
    _change(world, "/drop/", lambda told: None if told else told)
    delivery = world.delivery(folder, longest=10**6)
    delivery.uploader = _patient(delivery.uploader)
    with pytest.raises(SetupError, match=r"(?s)drop_status.*taken"):
        delivery.run()
    assert not (tmp_path / "home/ledger.tsv.gz").exists()
    assert not (tmp_path / "home" / "receipt.json").exists()
    world.secret = type(world.secret)({**world.secret.values, "drop_status": "taken"})
    receipt = world.delivery(folder).run().receipt
    assert receipt["accepted"] == PEOPLE
    assert "was not asked" in " ".join(receipt["platform_says"]["warnings"])
    assert world.holds(range(PEOPLE))
    world.secret = type(world.secret)({**world.secret.values, "drop_status": "whatever"})
    with pytest.raises(SetupError, match="asked, or taken"):
        world.deliver(range(PEOPLE + 1))


def _patient(uploader):
    return dataclasses.replace(uploader, poll_seconds=3_600)


def _without_state(told):
    if isinstance(told, dict) and "list" in (told.get("data") or {}):
        for one in told["data"]["list"]:
            one.get("audience_details", {}).pop("audience_status", None)
        return dict(told)
    return told


@pytest.mark.parametrize("state", [True, False])
def test_tiktok_below_its_minimum_ends_with_a_warning_and_keeps_the_ledger(tmp_path, state):
    """ads.tiktok.com help: 1,000 matched people. Which word ends a file is not public, so none may come."""
    world = World("tiktok", tmp_path)
    if not state:
        _change(world, "/custom_audience/get/", _without_state)
    folder = world.prepare(range(PEOPLE))
    delivery = world.delivery(folder, longest=10**6)
    delivery.uploader = _patient(delivery.uploader)
    receipt = delivery.run().receipt
    assert (receipt["status"], receipt["accepted"]) == ("succeeded", PEOPLE)
    assert "1,000" in " ".join(receipt["platform_says"]["warnings"])
    assert world.deliver(range(PEOPLE))["unchanged"] == PEOPLE
    assert world.holds(range(PEOPLE))


@pytest.mark.parametrize(
    "details",
    [
        {"is_valid": False, "cover_num": 10, "audience_status": "PROCESSING"},
        {"is_valid": False, "cover_num": 10, "error_msg": "wrong file"},
        {"is_valid": False, "cover_num": 5_000},
        {"is_valid": None, "cover_num": None},
    ],
)
def test_tiktok_that_says_something_else_asks_a_person(details):
    told = {
        "list": [{"audience_details": {name: value for name, value in details.items() if value is not None}}]
    }
    try:
        assert read_overdue(told, 10) is None
    except RetryLater:
        assert details["cover_num"] is None


GOOGLES = "requestStatusPerDestination"


def _google(tmp_path, *answers):
    world = World("google", tmp_path)
    told = iter(answers)
    _change(world, "requestStatus:retrieve", lambda _: next(told))
    return world.deliver(range(PEOPLE))


@pytest.mark.parametrize(
    "open_", [{}, {GOOGLES: []}, {GOOGLES: [{}]}, {GOOGLES: [{"requestStatus": "PROCESSING"}]}]
)
def test_google_leaves_out_what_has_its_default_so_nothing_means_not_yet(tmp_path, open_):
    """proto3's JSON form; REQUEST_STATUS_UNKNOWN is the default of the discovery document."""
    receipt = _google(tmp_path, open_, open_, {GOOGLES: [{"requestStatus": "SUCCESS"}]})
    assert receipt["accepted"] == PEOPLE


@pytest.mark.parametrize("word", ["FAILED", "FAILURE"])
def test_google_fails_by_either_word(tmp_path, word):
    """The diagnostics page writes FAILURE, the discovery document FAILED."""
    assert _google(tmp_path, {GOOGLES: [{"requestStatus": word}]})["status"] == "failed"


def test_googles_reasons_overlap_and_its_warnings_are_told(tmp_path):
    """A record with two faults counts in both; of a PARTIAL_SUCCESS somebody is there and stays in the ledger."""
    counts = [
        {"reason": "PROCESSING_ERROR_REASON_INVALID_FORMAT", "recordCount": str(PEOPLE - 5)},
        {"reason": "PROCESSING_ERROR_REASON_DENIED_CONSENT", "recordCount": str(PEOPLE - 5)},
        {},
    ]
    warned = {"warningCounts": [{"reason": "PROCESSING_WARNING_REASON_INTERNAL_ERROR", "recordCount": "3"}]}
    row = {"requestStatus": "PARTIAL_SUCCESS", "errorInfo": {"errorCounts": counts}, "warningInfo": warned}
    receipt = _google(tmp_path, {GOOGLES: [row]})
    assert (receipt["status"], receipt["accepted"]) == ("partial", 1)
    assert receipt["refused_reasons"] == {
        "invalid_format": PEOPLE - 5,
        "denied_consent": PEOPLE - 5,
        "unspecified": 0,
    }
    assert "internal_error (3 records)" in " ".join(receipt["platform_says"]["warnings"])
    assert (tmp_path / "home/ledger.tsv.gz").exists()


def test_amazon_is_told_of_the_consent_that_was_given_and_of_no_other():
    """amc_consent_management: amzn_user_data is consent to advertising, amzn_ad_storage (optional) to cookies."""
    record = build_record({"external_id": "7", "country": "DE"}, True)
    assert record["userConsent"] == {
        "geo": {"countryCode": "DE"},
        "consent": {"amzn": {"amznUserData": "GRANTED"}},
    }
    assert "userConsent" not in build_record({"external_id": "7", "country": "US"}, False)


def _limited(world):
    (one,) = world.stand_in.audiences.values()
    return one.info["limited"], one.info["consented"], set(one.members)


def test_meta_holds_whose_use_is_limited_also_after_another_delivery(tmp_path):
    """DATA_PROCESSING_OPTIONS and customer_consent: Meta's guide to custom audiences."""
    world = World("meta", tmp_path)
    world.destination = {"limited_data_use": "everyone", "customer_consent": "yes"}
    assert world.deliver(range(PEOPLE))["status"] == "succeeded"
    limited, consented, members = _limited(world)
    assert limited == members
    assert consented
    # Two lists prepared side by side: the first takes people out whom the second sends again, as limited as before.
    fewer = world.prepare(range(PEOPLE - 5))
    everybody = world.prepare(range(PEOPLE))
    world.delivery(fewer).run()
    world.delivery(everybody).run()
    assert world.holds(range(PEOPLE))
    limited, _, members = _limited(world)
    assert limited == members
    world.destination = {}
    world.deliver(range(PEOPLE))
    assert not _limited(world)[0]
