"""Pinterest: one text of records, statuses, exceptions."""

import hashlib

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "pinterest"


def test_a_list_is_processed_before_it_is_ready(ad):
    ad.add(hashes(200))
    assert [ad.read()["status"] for _ in range(2)] == ["PROCESSING", "READY"]
    ad.remove(hashes(150))
    ad.read()
    told = ad.read()
    assert (
        told["status"],
        told["num_batches"],
        told["num_uploaded_user_records"],
        told["num_removed_user_records"],
    ) == ("TOO_SMALL", 3, 201, 150)


@pytest.mark.parametrize(
    ("scenario", "members"), [("async_partial", 2), ("async_failed", 0), ("async_stuck", 0)]
)
def test_a_list_can_go_wrong_later(ad, scenario, members):
    ad.ad.misbehave(scenario)
    ad.add(hashes(3))
    ad.read()
    told = ad.read()
    assert told["exceptions"] == ({"invalid_records": 1} if scenario == "async_partial" else {})
    assert (told["status"] == "PROCESSING") == (scenario == "async_stuck")
    assert len(ad.members()) == members


def test_other_digests_are_records_and_other_texts_are_counted(ad):
    md5 = hashlib.md5(b"a").hexdigest()
    ad.add([md5, "shoe"])
    assert ad.members() == [md5]
    assert ad.read()["exceptions"] == {"invalid_records": 1}


def test_requests_are_checked(ad):
    path = f"/v5/ad_accounts/549/customer_lists/{ad.audience}"
    assert ad.change("REPLACE", hashes(1)).status == 400
    assert ad.call("PATCH", path, {"operation_type": "ADD", "records": hashes(1)}).status == 400, (
        "a list is no text"
    )
    assert ad.call("GET", path.replace("549", "550")).status == 404
    body = {"name": "A", "records": hashes(1)[0], "list_type": "PHONE"}
    assert ad.call("POST", "/v5/ad_accounts/549/customer_lists", body).status == 400


def test_lists_are_paged_and_become_audiences(ad):
    first = ad.audience
    ad.create()
    page = ad.call("GET", "/v5/ad_accounts/549/customer_lists?page_size=1").json()
    assert [one["id"] for one in page["items"]] == [first]
    rest = ad.call(
        "GET", f"/v5/ad_accounts/549/customer_lists?page_size=1&bookmark={page['bookmark']}"
    ).json()
    assert ([one["id"] for one in rest["items"]], rest["bookmark"]) == ([ad.audience], None)
    body = {"name": "A", "audience_type": "CUSTOMER_LIST", "rule": {"customer_list_id": ad.audience}}
    assert ad.call("POST", "/v5/ad_accounts/549/audiences", body).json()["rule"] == body["rule"]
    assert (
        ad.call("POST", "/v5/ad_accounts/549/audiences", {**body, "rule": {"customer_list_id": "1"}}).status
        == 404
    )


def test_the_token_endpoint_asks_for_http_basic(ad):
    ad.signs_basic = False
    assert ad.refresh().status == 401
