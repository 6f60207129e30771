"""LinkedIn: versions, segments that are not there yet, statuses by element."""

import hashlib
from urllib.parse import urlencode

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "linkedin"


def test_a_version_lives_a_year(ad):
    for version, expected in (("202510", 426), ("202511", 200), ("202612", 426), ("", 400)):
        assert ad.call("GET", f"/rest/dmpSegments/{ad.audience}", LinkedIn_Version=version).status == expected
    assert ad.call("GET", f"/rest/dmpSegments/{ad.audience}", X_Restli_Protocol_Version="1.0.0").status == 400


def test_a_segment_is_not_there_for_a_while(ad):
    ad.ad.misbehave("not_ready", times=2)
    assert [ad.add(hashes(1)).status for _ in range(3)] == [404, 404, 200]


def test_each_element_has_its_status(ad):
    answered = ad.add([hashes(1)[0], "shoe"]).json()
    assert [one["status"] for one in answered["elements"]] == [201, 400]
    ad.ad.misbehave("row_rejects")
    assert [one["status"] for one in ad.add(hashes(2, 5)).json()["elements"]] == [400, 201]
    assert ad.members() == sorted([hashes(1)[0], hashes(2, 5)[1]])


def test_other_kinds_of_ids(ad):
    maid = "AECE52E7-03EE-455A-B3C4-E57283966239"
    long = hashlib.sha512(b"a").hexdigest()
    element = {
        "action": "ADD",
        "userIds": [{"idType": "SHA512_EMAIL", "idValue": long}, {"idType": "GOOGLE_AID", "idValue": maid}],
    }
    path = f"/rest/dmpSegments/{ad.audience}/users"
    assert ad.call("POST", path, {"elements": [element]}, X_RestLi_Method="batch_create").status == 200
    assert ad.members() == sorted([long, hashlib.sha256(maid.lower().encode()).hexdigest()])
    assert ad.call("POST", path, {"elements": [element]}).status == 400, "no X-RestLi-Method"
    for wrong in ({"action": "SET"}, {"userIds": []}, {"userIds": [{"idType": "SHOE", "idValue": "1"}]}):
        body = {"elements": [{**element, **wrong}]}
        assert ad.call("POST", path, body, X_RestLi_Method="BATCH_CREATE").status == 400


def test_segments_are_found_by_source_and_unique_in_it(ad):
    assert ad.create().status == 409
    assert ad.create("b").status == 201
    query = urlencode({"q": "account", "account": "urn:li:sponsoredAccount:5", "sourceSegmentId": "b"})
    found = ad.call("GET", f"/rest/dmpSegments?{query}").json()["elements"]
    assert [str(one["id"]) for one in found] == [ad.audience]
    ad.add(hashes(1_000))
    told = ad.call("GET", f"/rest/dmpSegments/{ad.audience}").json()["destinations"][0]
    assert (told["status"], told["matchedCount"]) == ("READY", 600)
    assert ad.call("DELETE", f"/rest/dmpSegments/{ad.audience}").status == 204
    assert ad.call("GET", f"/rest/dmpSegments/{ad.audience}").status == 404


@pytest.mark.parametrize("change", [{"type": "SHOE"}, {"account": "5"}, {"destinations": []}, {"name": ""}])
def test_segments_are_checked(ad, change):
    body = {"name": "A", "account": "urn:li:sponsoredAccount:5", "type": "USER", "sourcePlatform": "OURS",
            "destinations": [{"destination": "LINKEDIN"}], **change}  # fmt: skip
    assert ad.call("POST", "/rest/dmpSegments", body).status == 400
