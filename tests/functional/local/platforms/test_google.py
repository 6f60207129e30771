"""Google: lists, members, consent, status by request, removing everybody as of a time."""

import base64
from datetime import UTC, datetime

import pytest

from tests.functional.local.platforms.drivers import GRANTED, hashes

SLUG = "google"


def reason(response):
    return response.json()["error"]["details"][0]["reason"]


def test_a_request_is_processing_before_it_succeeds(ad):
    response = ad.add(hashes(3))
    assert ad.status(response)["requestStatus"] == "PROCESSING"
    told = ad.status(response)
    assert told["requestStatus"] == "SUCCESS"
    assert told["audienceMembersIngestionStatus"]["userDataIngestionStatus"] == {
        "recordCount": "3",
        "userIdentifierCount": "3",
        "uploadMatchRateRange": "MATCH_RATE_RANGE_NOT_ELIGIBLE",
    }
    removal = ad.remove(hashes(1))
    ad.status(removal)
    assert ad.status(removal)["audienceMembersRemovalStatus"]["userDataRemovalStatus"]["recordCount"] == "1"


@pytest.mark.parametrize(
    ("scenario", "statuses", "members"),
    [
        ("async_partial", ["PROCESSING", "PARTIAL_SUCCESS"], 2),
        ("async_failed", ["PROCESSING", "FAILED"], 0),
        ("async_stuck", ["PROCESSING"] * 5, 0),
        ("async_slow", ["PROCESSING"] * 3 + ["SUCCESS"], 3),
    ],
)
def test_a_request_can_go_wrong_later(ad, scenario, statuses, members):
    ad.ad.misbehave(scenario)
    response = ad.add(hashes(3))
    assert [ad.status(response)["requestStatus"] for _ in statuses] == statuses
    assert len(ad.members()) == members


def test_denied_consent_refuses_the_member_later(ad):
    body = ad.body(hashes(3))
    body["audienceMembers"][1]["consent"] = {**GRANTED, "adPersonalization": "CONSENT_DENIED"}
    response = ad.add([], audienceMembers=body["audienceMembers"])
    ad.status(response)
    told = ad.status(response)
    assert told["requestStatus"] == "PARTIAL_SUCCESS"
    assert told["errorInfo"]["errorCounts"] == [
        {"recordCount": "1", "reason": "PROCESSING_ERROR_REASON_DENIED_CONSENT"}
    ]
    assert ad.members() == sorted([hashes(3)[0], hashes(3)[2]])
    denied = {"adUserData": 2, "adPersonalization": 1}  # numbers, as the official REST transport sends them
    assert ad.is_ok(ad.add(hashes(1, 10), consent=denied))
    assert hashes(1, 10)[0] not in ad.members()


def test_a_snapshot_replaces_what_was_sent_before_it(ad):
    ad.add(hashes(3))
    ad.clock.now += 60
    began = datetime.fromtimestamp(ad.clock.now, UTC).isoformat().replace("+00:00", "Z")
    ad.clock.now += 60
    ad.add(hashes(3, 2))
    body = {"destinations": [ad.destination()], "removeAsOfTime": began}
    response = ad.call("POST", "/v1/audienceMembers:removeAll", body)
    assert ad.members() == ad.shown(hashes(3, 2))
    ad.status(response)
    assert ad.status(response)["removeAllAudienceMembersStatus"] == {}
    ad.call("POST", "/v1/audienceMembers:removeAll", {"destinations": [ad.destination()]})
    assert ad.members() == []


def test_base64_addresses_and_mobile_ids_are_members_too(ad):
    one, two, three = hashes(3)
    encoded = base64.b64encode(bytes.fromhex(one)).decode()
    name = base64.b64encode(bytes.fromhex(two)).decode()
    address = {"givenName": name, "familyName": name, "regionCode": "US", "postalCode": "94035"}
    member = {"userData": {"userIdentifiers": [{"emailAddress": encoded}, {"address": address}]}}
    assert ad.is_ok(ad.add([], audienceMembers=[member], encoding="BASE64"))
    assert one in ad.members()
    assert len(ad.members()) == 2
    mobile = [{"mobileData": {"mobileIds": ["AECE52E7-03EE-455A-B3C4-E57283966239"]}}]
    assert not ad.is_ok(ad.add([], audienceMembers=mobile)), "the list takes contacts only"
    for wrong in (
        {**address, "regionCode": "us"},
        {**address, "postalCode": ""},
        {**address, "givenName": "jane"},
    ):
        member = {"userData": {"userIdentifiers": [{"address": wrong}]}}
        assert not ad.is_ok(ad.add([], audienceMembers=[member], encoding="BASE64"))
    assert three not in ad.members()


def test_validate_only_changes_nothing(ad):
    assert ad.add(hashes(1), validateOnly=True).json() == {}
    assert ad.members() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"encoding": None}, "INVALID_ARGUMENT"),
        (
            {"termsOfService": {"customerMatchTermsOfServiceStatus": "REJECTED"}},
            "TERMS_AND_CONDITIONS_NOT_SIGNED",
        ),
        ({"shoe": 1}, "INVALID_ARGUMENT"),
        ({"destinations": []}, "INVALID_ARGUMENT"),
        ({"audienceMembers": [{"userData": {"userIdentifiers": []}}]}, "INVALID_ARGUMENT"),
        ({"audienceMembers": [{"userData": {"userIdentifiers": [{"emailAddress": "abc"}]}}]}, "INVALID_HASH"),
    ],
)
def test_a_malformed_request_is_refused_whole(ad, change, expected):
    response = ad.add(hashes(2), **change)
    assert (response.status, reason(response)) == (400, expected)
    assert ad.members() == []


def test_limits_of_members_and_destinations(ad):
    eleven = [{"userData": {"userIdentifiers": [{"emailAddress": value} for value in hashes(11)]}}]
    assert not ad.is_ok(ad.add([], audienceMembers=eleven))
    assert not ad.is_ok(ad.add(hashes(1), destinations=[ad.destination()] * 11))
    assert ad.is_ok(ad.add(hashes(1), destinations=[ad.destination()] * 10))


def test_lists_have_unique_names_and_whole_days(ad):
    again = ad.create()
    assert (again.status, again.json()["error"]["status"]) == (409, "ALREADY_EXISTS")
    body = {"displayName": "B", "ingestedUserListInfo": {"uploadKeyTypes": [1]}}
    assert ad.call("POST", ad.lists, {**body, "membershipDuration": "90000s"}).status == 400
    long = ad.call("POST", ad.lists, {**body, "membershipDuration": f"{541 * 86_400}s"})
    assert reason(long) == "MEMBERSHIP_DURATION_TOO_LONG"
    assert ad.call("POST", ad.lists, body).status == 200


def test_lists_are_listed_changed_and_deleted(ad):
    first = ad.ad.audience(next(iter(ad.ad.audiences))).id
    ad.create("Other")
    found = ad.call("GET", f'{ad.lists}?filter=displayName="Other"').json()["userLists"]
    assert [one["id"] for one in found] == [ad.audience]
    page = ad.call("GET", f"{ad.lists}?pageSize=1").json()
    assert page["userLists"][0]["id"] == first
    assert (
        ad.call("GET", f"{ad.lists}?pageSize=1&pageToken={page['nextPageToken']}").json()["userLists"]
        == found
    )
    path = f"{ad.lists}/{ad.audience}"
    changed = ad.call("PATCH", f"{path}?updateMask=display_name", {"displayName": "New"}).json()
    assert (changed["displayName"], changed["name"]) == ("New", path.removeprefix("/v1/"))
    assert ad.call("DELETE", path).json() == {}
    assert ad.call("GET", path).status == 404


def test_an_exhausted_quota_is_named(ad):
    ad.ad.misbehave("rate_limited_bare")
    error = ad.add(hashes(1)).json()["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert "Minute" in error["details"][0]["metadata"]["quota_limit"]
