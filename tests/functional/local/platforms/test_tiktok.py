"""TikTok: files, actions, codes in HTTP 200, streaming."""

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "tiktok"
MAPPING = "/open_api/v1.3/segment/mapping/"


def code(response):
    assert response.status == 200
    return response.json()["code"]


def test_files_append_remove_and_replace(ad):
    ad.change("APPEND", hashes(3))
    ad.change("REMOVE", hashes(1))
    assert ad.members() == ad.shown(hashes(2, 1))
    ad.change("REPLACE", hashes(2, 10))
    assert ad.members() == ad.shown(hashes(2, 10))


def test_an_audience_is_made_from_files_and_becomes_valid(ad):
    path = ad.upload("\n".join(hashes(2_000)).encode()).json()["data"]["file_path"]
    body = {
        "advertiser_id": "7",
        "custom_audience_name": "A",
        "file_paths": [path],
        "calculate_type": "EMAIL_SHA256",
    }
    ad.audience = ad.call("POST", f"{ad.api}/create/", body).json()["data"]["custom_audience_id"]
    assert not ad.details()["is_valid"]
    told = ad.details()
    assert (told["is_valid"], told["cover_num"], told["error_msg"]) == (True, 1_200, "")


@pytest.mark.parametrize(
    ("scenario", "status", "members"),
    [
        ("async_partial", "READY", 2),
        ("async_failed", "FAILED", 0),
        ("async_stuck", "PROCESSING", 0),
        ("async_slow", "PROCESSING", 3),
    ],
)
def test_a_file_can_go_wrong_later(ad, scenario, status, members):
    ad.ad.misbehave(scenario)
    ad.add(hashes(3))
    ad.details()
    told = ad.details()
    assert told["audience_status"] == status
    assert bool(told["error_msg"]) == (scenario in {"async_partial", "async_failed"})
    assert len(ad.members()) == members


def test_a_file_of_several_types_has_a_header(ad):
    one, two, three = hashes(3)
    content = f"EMAIL_SHA256,phone_sha256,MAID\n{one},,abc\n{two},{three},\n".encode()
    path = ad.upload(content, "MULTIPLE_TYPES").json()["data"]["file_path"]
    body = {"advertiser_id": "7", "custom_audience_id": ad.audience, "action": "APPEND", "file_paths": [path]}
    assert code(ad.call("POST", f"{ad.api}/update/", body)) == 0
    assert len(ad.members()) == 4
    for wrong in (b"shoe\n1\n", b"maid,maid,maid,maid\n1,2,3,4\n", b"maid,maid\n1\n"):
        assert code(ad.upload(wrong, "MULTIPLE_TYPES")) == 40002


def test_a_file_is_checked(ad):
    good = hashes(1)[0].encode()
    assert code(ad.upload(good, signature="0" * 32)) == 40002
    assert code(ad.upload(good, kind="SHOE_SIZE")) == 40002
    assert code(ad.upload(b"not a hash")) == 40002
    assert code(ad.upload(b"\xff\xfe")) == 40002
    assert code(ad.upload(b"")) == 40002
    assert code(ad.upload(b"x" * 50_000_001)) == 40002
    assert code(ad.call("POST", f"{ad.api}/file/upload/", {"file": "a"})) == 40002


def test_an_update_says_its_action_and_its_own_audience(ad):
    path = ad.upload(hashes(1)[0].encode()).json()["data"]["file_path"]
    body = {"advertiser_id": "7", "custom_audience_id": ad.audience, "file_paths": [path]}
    assert code(ad.call("POST", f"{ad.api}/update/", body)) == 40002
    assert (
        code(ad.call("POST", f"{ad.api}/update/", {**body, "action": "APPEND", "advertiser_id": "8"}))
        == 40002
    )
    assert (
        code(ad.call("POST", f"{ad.api}/update/", {**body, "action": "APPEND", "file_paths": ["x"]})) == 40002
    )
    assert ad.members() == []


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [("rate_limited_bare", 40100), ("token_expired", 40105), ("forbidden", 40001), ("server_error", 50000)],
)
def test_trouble_is_a_code_in_http_200(ad, scenario, expected):
    ad.ad.misbehave(scenario)
    assert code(ad.add(hashes(1))) == expected


def test_streaming_aligns_columns_with_the_schema(ad):
    def cell(value):
        return {"id": value, "audience_ids": [ad.audience]}

    one, two, three = hashes(3)
    body = {"advertiser_ids": ["7"], "action": "add", "id_schema": ["EMAIL_SHA256", "PHONE_SHA256"],
            "batch_data": [[cell(one), {}], [cell(two), cell(three)]]}  # fmt: skip
    assert code(ad.call("POST", MAPPING, body)) == 0
    assert ad.members() == sorted(hashes(3))
    gone = {**body, "action": "delete", "batch_data": [[{}, cell(three)]]}
    assert code(ad.call("POST", MAPPING, gone)) == 0
    assert ad.members() == sorted(hashes(2))
    for wrong in ({"batch_data": [[cell(one)]]}, {"batch_data": []}, {"id_schema": ["SHOE", "HAT"]},
                  {"batch_data": [[cell("x"), {}]]}, {"advertiser_ids": ["8"]}, {"action": "replace"},
                  {"batch_data": [[{}, {}]] * 10_001}):  # fmt: skip
        assert code(ad.call("POST", MAPPING, {**body, **wrong})) == 40002


def test_audiences_are_listed_and_deleted(ad):
    listed = ad.call("GET", f"{ad.api}/list/?advertiser_id=7").json()["data"]
    assert [one["audience_id"] for one in listed["list"]] == [ad.audience]
    body = {"advertiser_id": "7", "custom_audience_ids": [ad.audience]}
    assert code(ad.call("POST", f"{ad.api}/delete/", body)) == 0
    assert list(ad.ad.audiences) == []
