"""Klaviyo: revisions, import jobs with errors by row, lists of profile ids."""

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "klaviyo"
JOBS = "/api/profile-bulk-import-jobs"


def job(ad, response):
    return ad.call("GET", f"{JOBS}/{response.json()['data']['id']}").json()["data"]["attributes"]


def importing(ad, *attributes):
    rows = [{"type": "profile", "attributes": one} for one in attributes]
    data = {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}},
            "relationships": {"lists": {"data": [{"type": "list", "id": ad.audience}]}}}  # fmt: skip
    return ad.call("POST", JOBS, {"data": data})


def test_a_revision_lives_two_years(ad):
    for revision, expected in (
        ("2024-07-15", 410),
        ("2024-10-15", 200),
        ("2026-10-15", 200),
        ("2099-01-01", 400),
        ("", 400),
    ):
        assert ad.call("GET", "/api/lists", revision=revision).status == expected


def test_errors_are_told_by_row(ad):
    response = importing(
        ad, {"email": "a@example.com"}, {"email": "shoe"}, {"phone_number": "555"}, {"first_name": "A"}
    )
    assert job(ad, response)["status"] == "queued"
    told = job(ad, response)
    assert (told["status"], told["completed_count"], told["failed_count"]) == ("complete", 1, 3)
    errors = ad.call("GET", f"{JOBS}/{response.json()['data']['id']}/import-errors").json()["data"]
    assert [one["attributes"]["source"]["pointer"][-1] for one in errors] == ["1", "2", "3"]
    assert b"shoe" not in response.body


@pytest.mark.parametrize(
    ("scenario", "status", "members"),
    [("async_partial", "complete", 2), ("async_failed", "cancelled", 0), ("async_stuck", "queued", 0)],
)
def test_a_job_can_go_wrong_later(ad, scenario, status, members):
    ad.ad.misbehave(scenario)
    response = ad.add(hashes(3))
    job(ad, response)
    assert job(ad, response)["status"] == status
    assert len(ad.members()) == members


def test_an_import_is_an_upsert_and_limits_bytes(ad):
    importing(
        ad, {"email": "a@example.com"}, {"email": "a@example.com", "external_id": "1"}, {"external_id": "1"}
    )
    assert len(ad.members()) == 1
    assert len(ad.ad.profiles.by_id) == 1
    assert ad.call("POST", JOBS, b" " * 5_000_001).status == 413


def test_profiles_join_and_leave_lists_by_id(ad):
    ad.add(hashes(3))
    one = ad.ids(hashes(1))
    path = f"/api/lists/{ad.audience}/relationships/profiles"
    rows = [{"type": "profile", "id": one[0]}]
    assert ad.call("DELETE", path, {"data": rows}).status == 204
    assert len(ad.members()) == 2
    assert ad.call("POST", path, {"data": rows}).status == 204
    assert ad.call("POST", path, {"data": [{"type": "profile", "id": "P9"}]}).status == 404
    assert ad.call("POST", path, {"data": [{"type": "list", "id": one[0]}]}).status == 400
    assert ad.call("POST", path, {"data": rows * 1_001}).status == 400
    assert len(ad.members()) == 3


def test_lists_are_found_by_name_page_by_page(ad):
    for _ in range(11):
        ad.create()
    first = ad.call("GET", "/api/lists").json()
    cursor = first["links"]["next"].partition("?")[2]
    second = ad.call("GET", f"/api/lists?{cursor}").json()
    assert (len(first["data"]), len(second["data"]), second["links"]["next"]) == (10, 2, None)
    assert ad.call("GET", '/api/lists?filter=equals(name,"Other")').json()["data"] == []
    ad.add(hashes(2))
    told = ad.call("GET", f"/api/lists/{ad.audience}?additional-fields[list]=profile_count").json()["data"]
    assert told["attributes"]["profile_count"] == 2
    assert ad.call("DELETE", f"/api/lists/{ad.audience}").status == 204
    assert ad.call("GET", f"/api/lists/{ad.audience}").status == 404


def test_suppression_and_filters_are_checked(ad):
    def suppress(count):
        rows = [
            {"type": "profile", "attributes": {"email": f"a{number}@example.com"}} for number in range(count)
        ]
        data = {"type": "profile-suppression-bulk-create-job", "attributes": {"profiles": {"data": rows}}}
        return ad.call("POST", "/api/profile-suppression-bulk-create-jobs", {"data": data}).status

    assert (suppress(100), suppress(101)) == (202, 400)
    assert len(ad.ad.profiles.suppressed) == 100
    assert ad.call("GET", "/api/profiles?filter=any(shoe,[1])").status == 400
    assert ad.call("POST", "/api/lists", {"data": {"type": "shoe"}}).status == 400
    assert ad.call("POST", "/api/lists", {"data": {}}, Content_Type="text/plain").status == 415
