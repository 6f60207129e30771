"""Snap: one kind of id a call, no duplicates, statuses, clearing."""

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "snap"


def test_statuses_follow_an_upload(ad):
    assert (ad.read()["upload_status"], ad.read()["targetable_status"]) == ("NO_UPLOAD", "NOT_READY")
    answered = ad.add(hashes(10)).json()
    assert answered["users"][0] == {"sub_request_status": "success", "user": {"number_uploaded_users": 10}}
    assert ad.read()["upload_status"] == "PROCESSING"
    assert (ad.read()["upload_status"], ad.read()["targetable_status"]) == ("COMPLETE", "TOO_FEW_USERS")
    ad.add(hashes(2_000))
    ad.read()
    assert ad.read()["targetable_status"] == "READY"


def test_duplicates_and_wrong_rows_are_refused(ad):
    assert ad.add(hashes(1) * 2).status == 400
    assert ad.users("POST", hashes(1), schema="EMAIL").status == 400
    two = [{"schema": ["EMAIL_SHA256"], "data": [[hashes(1)[0]]]}] * 2
    assert ad.call("POST", f"/v1/segments/{ad.audience}/users", {"users": two}).status == 400
    assert ad.members() == []


def test_clearing_changing_and_deleting(ad):
    ad.add(hashes(2))
    assert ad.call("DELETE", f"/v1/segments/{ad.audience}/all_users").status == 200
    assert ad.members() == []
    row = {"id": ad.audience, "name": "New"}
    assert ad.call("PUT", "/v1/adaccounts/acc/segments", {"segments": [row]}).status == 200
    listed = ad.call("GET", "/v1/adaccounts/acc/segments").json()["segments"]
    assert [one["segment"]["name"] for one in listed] == ["New"]
    ad.call("DELETE", f"/v1/segments/{ad.audience}")
    assert ad.call("GET", f"/v1/segments/{ad.audience}").status == 404


@pytest.mark.parametrize(
    "change",
    [{"name": "x" * 376}, {"source_type": "OTHER"}, {"ad_account_id": "b"}, {"retention_in_days": 10_000}],
)
def test_segments_are_checked(ad, change):
    row = {"name": "A", "source_type": "FIRST_PARTY", "ad_account_id": "acc", **change}
    assert ad.call("POST", "/v1/adaccounts/acc/segments", {"segments": [row]}).status == 400
