"""Amazon: big ids, media type, jobs, consent."""

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "amazon"


def outcome(ad, response):
    path = f"/amc/audiences/records/{response.json()['jobRequestId']}"
    assert ad.call("GET", path).json()["jobState"] == "PENDING"
    return ad.call("GET", path).json()


def test_ids_do_not_fit_a_float(ad):
    assert int(float(ad.audience)) != int(ad.audience)
    body = {"audienceId": ad.audience, "records": []}
    assert ad.call("POST", "/amc/audiences/records", body).status == 400, "a text is no id"
    read = ad.call("GET", f"/amc/audiences/metadata/{ad.audience}").json()
    assert (read["name"], read["audienceId"]) == ("Action", int(ad.audience))


@pytest.mark.parametrize(
    ("scenario", "state", "members"),
    [("", "SUCCEEDED", 3), ("async_partial", "PARTIALLYSUCCEEDED", 2), ("async_failed", "FAILED", 0)],
)
def test_a_job_is_asked_about(ad, scenario, state, members):
    if scenario:
        ad.ad.misbehave(scenario)
    told = outcome(ad, ad.add(hashes(3)))
    assert told["jobState"] == state
    assert round(told["successful"]["recordsProcessedRate"] * 3 / 100) == members
    assert len(ad.members()) == members


def test_a_job_may_never_finish(ad):
    ad.ad.misbehave("async_stuck")
    assert outcome(ad, ad.add(hashes(1)))["jobState"] == "PENDING"


def test_consent_is_needed_in_europe(ad):
    granted = {
        "geo": {"countryCode": "DE"},
        "consent": {"amzn": {"amznAdStorage": "GRANTED", "amznUserData": "GRANTED"}},
    }
    assert outcome(ad, ad.records("CREATE", hashes(1), countryCode="DE"))["invalidRecords"] == [
        {"index": 0, "error": "CONSENT_MISSING"}]  # fmt: skip
    denied = {"consent": {"amzn": {"amznAdStorage": "GRANTED", "amznUserData": "DENIED"}}}
    ad.records("CREATE", hashes(1), userConsent=denied)
    assert ad.members() == []
    ad.records("CREATE", hashes(1), countryCode="DE", userConsent=granted)
    assert ad.members() == hashes(1)
    without_cookies = {"consent": {"amzn": {"amznUserData": "GRANTED"}}}
    ad.records("CREATE", hashes(1, 5), countryCode="DE", userConsent=without_cookies)
    assert len(ad.members()) == 2
    refused_cookies = {"consent": {"amzn": {"amznUserData": "GRANTED", "amznAdStorage": "DENIED"}}}
    ad.records("CREATE", hashes(1, 9), countryCode="DE", userConsent=refused_cookies)
    assert len(ad.members()) == 2
    ad.records("DELETE", hashes(1, 5), countryCode="DE")
    ad.records("DELETE", hashes(1), countryCode="DE")
    assert ad.members() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"externalUserId": "a b"},
        {"action": "ADD"},
        {"hashedPII": [{"email": "x"}]},
        {"hashedPII": [{"shoe": "x"}]},
    ],
)
def test_records_are_checked(ad, wrong):
    assert ad.records("CREATE", hashes(1), **wrong).status == 400


def test_headers_and_metadata_are_checked(ad):
    assert ad.call("POST", "/amc/audiences/records", {}, Content_Type="application/json").status == 415
    headers = {"Amazon_Advertising_API_ClientId": "other"}
    assert ad.call("POST", "/amc/audiences/records", {}, **headers).status == 401
    body = {
        "name": "A",
        "targetResource": {"connectionId": "c"},
        "metadata": {"externalAudienceId": "a", "ttl": 34_300_801},
    }
    assert ad.call("POST", "/amc/audiences/metadata", body).status == 400


def test_an_audience_may_not_be_there_yet(ad):
    ad.ad.misbehave("not_ready")
    path = f"/amc/audiences/metadata/{ad.audience}"
    assert [ad.call("GET", path).status for _ in range(2)] == [404, 200]
