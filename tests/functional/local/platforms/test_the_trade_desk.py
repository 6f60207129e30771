"""The Trade Desk: drops, their addresses and statuses, and the data API with its failed lines."""

import base64
import hashlib
import hmac
import json

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "the_trade_desk"
TDID = "aece52e7-03ee-455a-b3c4-e57283966239"


def status(ad, reference):
    return ad.call("GET", f"/v3/crmdata/segment/adv/{ad.audience}/drop/{reference}").json()


def test_a_drop_merges_as_asked_and_tells_its_status(ad):
    ad.add(hashes(3))
    asked = ad.drop("Replace").json()
    assert status(ad, asked["ReferenceId"])["Status"] == "WaitingForData"
    assert ad.put(asked["Url"], hashes(2, 10)).status == 200
    assert status(ad, asked["ReferenceId"])["Status"] == "Processing"
    told = status(ad, asked["ReferenceId"])
    assert (told["Status"], told["ReceivedRows"], told["ActiveRows"], told["IsBelowMinimum"]) == (
        "Completed",
        2,
        2,
        True,
    )
    assert ad.members() == ad.shown(hashes(2, 10))


def test_a_drop_by_the_newer_path(ad):
    body = {"PiiType": "EmailHashedUnifiedId2", "MergeMode": "Add"}
    asked = ad.call("POST", f"/v3/crmdata/advertiser/segment/adv/{ad.audience}", body)
    assert asked.status == 200


@pytest.mark.parametrize(
    ("scenario", "expected", "members"),
    [
        ("async_partial", "PartiallyCompleted", 2),
        ("async_failed", "Failed", 0),
        ("async_stuck", "Processing", 0),
    ],
)
def test_a_drop_can_go_wrong_later(ad, scenario, expected, members):
    ad.ad.misbehave(scenario)
    asked = ad.drop("Add").json()
    ad.put(asked["Url"], hashes(3))
    status(ad, asked["ReferenceId"])
    assert status(ad, asked["ReferenceId"])["Status"] == expected
    assert len(ad.members()) == members


def test_lines_that_are_no_hash_are_counted(ad):
    asked = ad.drop("Add").json()
    ad.put(asked["Url"], [hashes(1)[0], "short"])
    status(ad, asked["ReferenceId"])
    assert status(ad, asked["ReferenceId"])["InvalidRows"] == 1


def test_an_address_lives_an_hour_and_takes_no_other_key(ad):
    url = ad.drop("Add").json()["Url"]
    assert ad.put(url, hashes(1), authorization="Bearer x").status == 400
    assert ad.put(url.replace("X-Amz-Signature=", "X-Amz-Signature=0"), hashes(1)).status == 403
    ad.clock.now += 3601
    late = ad.put(url, hashes(1))
    assert (late.status, b"Request has expired" in late.body) == (403, True)
    ad.ad.misbehave("drop_url_expired")
    again = ad.drop("Add").json()["Url"]
    assert ad.put(again, hashes(1)).status == 403
    assert ad.put(ad.drop("Add").json()["Url"], hashes(1)).status == 200
    assert ad.members() == ad.shown(hashes(1))


def test_a_drop_is_asked_for_strictly(ad):
    assert ad.drop("Add", RetentionEnabled=True).status == 400  # removed on 2024-09-30
    assert ad.drop("Add", kind="Email").status == 400
    assert ad.drop("Merge").status == 400
    ad.create("EU")
    assert ad.drop("Add", kind="PhoneHashedUnifiedId2").status == 400
    assert ad.create("MOON").status == 400


def test_segments_are_paged_until_an_empty_page(ad):
    first = ad.call("GET", "/v3/crmdata/segment/adv").json()
    assert [one["CrmDataId"] for one in first["Segments"]] == [ad.audience]
    last = ad.call("GET", f"/v3/crmdata/segment/adv?pagingToken={first['PagingToken']}").json()
    assert last == {"Segments": [], "PagingToken": None}


def test_a_login_gives_a_token_that_ends(ad):
    body = {"Login": "local-login", "Password": "local-password", "TokenExpirationInMinutes": 1}
    ad.token = ad.call("POST", "/v3/authentication", body).json()["Token"]
    assert ad.drop("Add").status == 200
    ad.clock.now += 61
    assert ad.drop("Add").status == 401
    assert ad.call("POST", "/v3/authentication", {**body, "Password": "x"}).status == 401


def item(minutes=1440, **ids):
    return {**(ids or {"TDID": TDID}), "Data": [{"Name": "seg", "TtlInMinutes": minutes}]}


def send(ad, *items, **headers):
    return ad.call("POST", "/data/advertiser", {"AdvertiserId": "adv", "Items": list(items)}, **headers)


def test_the_data_api_answers_200_and_names_failed_lines(ad):
    ad.audience = "adv.seg"
    answered = send(ad, item(), item(DAID="x"), item(UID2="short"), {"TDID": TDID, "Data": []}, {"Data": []})
    assert answered.status == 200
    assert [line["ItemNumber"] for line in answered.json()["FailedLines"]] == ["2", "3", "4", "5"]
    assert len(ad.members()) == 1
    ad.ad.misbehave("row_rejects")
    assert len(send(ad, item()).json()["FailedLines"]) == 1
    assert send(ad, item(0)).json() == {"FailedLines": []}
    assert ad.members() == []


def test_the_data_api_takes_a_signature_and_limits_the_body(ad):
    body = json.dumps({"AdvertiserId": "adv", "Items": [item()]})
    digest = hmac.new(b"local-advertiser-secret", body.encode(), hashlib.sha1).digest()
    ad.token = ""
    for signature, expected in ((base64.b64encode(digest).decode(), 200), ("AAAA", 401)):
        assert ad.call("POST", "/data/advertiser", body, TtdSignature=signature).status == expected
    ad.token = "local-the-trade-desk-access"
    assert ad.call("POST", "/data/advertiser", b" " * 2_500_001).status == 413


def test_an_opt_out_removes_a_person_from_every_segment(ad):
    send(ad, item())
    body = {"AdvertiserId": "adv", "RequestType": "OptOut", "Items": [{"TDID": TDID}]}
    assert ad.call("POST", "/data/deletion-optout/advertiser", body).json() == {"FailedLines": []}
    ad.audience = "adv.seg"
    assert ad.members() == []
