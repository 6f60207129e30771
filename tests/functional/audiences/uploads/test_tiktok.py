import hashlib
import json

import pytest
from audiences.errors import DataError, RetryLater, SetupError
from audiences.platforms.tiktok import payload


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def only(stand_in):
    (one,) = stand_in.audiences.values()
    return one


def test_the_first_file_makes_the_audience(uploads, platform):
    tiktok = platform("tiktok")
    manifest = uploads.prepare("tiktok", ["u1", "u2"])

    path, told = uploads.run(manifest)

    assert told == {"status": "succeeded"}
    assert path[:3] == ["ensure_segment", "open_drop", "publish_data"]
    assert tiktok.members(only(tiktok).id) == sorted(digest(f"person{n}@example.com") for n in (1, 2))
    assert only(tiktok).info["kind"] == "EMAIL_SHA256"
    assert uploads.receipt(manifest)["audience_id"] == only(tiktok).id


def test_several_kinds_of_ids_go_in_one_file_with_a_header(uploads, platform):
    tiktok = platform("tiktok")
    manifest = uploads.prepare("tiktok", ["u1", "u2"], fields=("email", "phone"))

    uploads.run(manifest)

    assert only(tiktok).info["kind"] == "MULTIPLE_TYPES"
    assert len(tiktok.members(only(tiktok).id)) == 4


def test_a_mirror_appends_and_removes(uploads, platform):
    tiktok = platform("tiktok")
    uploads.run(uploads.prepare("tiktok", ["u1", "u2"], mode="mirror"))
    uploads.settle("tiktok")
    later = uploads.prepare("tiktok", ["u2", "u3"], mode="mirror", run="20261123-090000-abc124")

    uploads.run(later, "execution-2")

    assert tiktok.members(only(tiktok).id) == sorted(digest(f"person{n}@example.com") for n in (2, 3))
    assert [row["action"] for row in only(tiktok).info["history"]] == ["CREATE", "APPEND", "REMOVE"]


def test_a_busy_code_at_http_200_is_no_success(uploads, platform):
    tiktok = platform("tiktok")
    manifest = uploads.prepare("tiktok", ["u1"])
    uploads.step("ensure_segment", manifest)
    tiktok.misbehave("server_error", times=0)

    with pytest.raises(RetryLater, match="busy"):
        with_no_waiting(uploads, "open_drop", manifest)

    tiktok.troubles.clear()
    uploads.run(manifest)
    assert len(only(tiktok).members) == 1


def test_a_lost_answer_to_the_first_file_makes_no_second_audience(uploads, platform, monkeypatch):
    monkeypatch.setattr("audiences.delivery.patience.Patience.wait_of", lambda *_: 0.0)
    tiktok = platform("tiktok")
    tiktok.misbehave("cut", on="custom_audience/create")
    manifest = uploads.prepare("tiktok", ["u1", "u2"])

    uploads.run(manifest)

    assert tiktok.members(only(tiktok).id) == sorted(digest(f"person{n}@example.com") for n in (1, 2))
    assert uploads.receipt(manifest)["audience_id"] == only(tiktok).id
    assert uploads.receipt(manifest)["accepted"] == 2


def with_no_waiting(uploads, step, manifest):
    """Run a step whose requests all fail, without sleeping between them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("audiences.delivery.patience.Patience.wait_of", lambda *_: 0.0)
        return uploads.step(step, manifest)


def test_a_refusal_at_http_200_stops_with_what_to_do(uploads, platform):
    tiktok = platform("tiktok")
    manifest = uploads.prepare("tiktok", ["u1"])
    tiktok.misbehave("terms_not_accepted", times=0)
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]

    with pytest.raises(SetupError, match="Accept the Custom Audience terms"):
        uploads.step("publish_data", manifest, batch=batch)

    assert tiktok.audiences == {}


def test_an_expired_token_at_http_200_asks_for_a_person(uploads, platform):
    platform("tiktok").misbehave("token_expired", times=0)
    manifest = uploads.prepare("tiktok", ["u1"])

    with pytest.raises(SetupError, match="refused the access_token"):
        uploads.step("ensure_segment", manifest)


def test_an_audience_behind_the_first_page_is_found(uploads, platform):
    tiktok = platform("tiktok")
    for number in range(120):
        tiktok.add_audience(f"other {number}", "712", history=[], kind="EMAIL_SHA256")
    one = tiktok.add_audience("Action lovers", "712", history=[], kind="EMAIL_SHA256")

    uploads.run(uploads.prepare("tiktok", ["u1"]))

    assert len(tiktok.audiences) == 121
    assert len(one.members) == 1


def test_a_file_that_fails_counts_as_refused(uploads, platform):
    platform("tiktok").misbehave("async_failed")
    manifest = uploads.prepare("tiktok", ["u1", "u2"])

    _, told = uploads.run(manifest)

    assert told == {"status": "failed"}
    assert uploads.result()["status"] == "failed"
    assert uploads.receipt(manifest)["accepted"] == 0


def test_the_signature_is_the_md5_of_the_file_without_its_header():
    kind, content = payload.split_file(b"email_SHA256\nabc\n")

    assert (kind, content) == ("EMAIL_SHA256", b"abc\n")
    signed = payload.upload_parts("1", kind, "n.csv", content)["file_signature"]
    assert signed == hashlib.md5(b"abc\n", usedforsecurity=False).hexdigest()
    assert payload.split_file(b"MAID_SHA256\nabc\n")[0] == "MULTIPLE_TYPES"


@pytest.mark.parametrize("data", [b"", b"abc\n", b"email_SHA256,name\nabc,x\n"])
def test_a_file_without_a_known_header_is_refused(data):
    with pytest.raises(DataError):
        payload.split_file(data)


def test_a_multipart_form_has_every_part_once():
    content_type, body = payload.multipart({"advertiser_id": "1"}, "n.csv", b"abc\n")

    boundary = content_type.partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 3
    assert b'name="file"; filename="n.csv"' in body
    assert body.endswith(b"--" + boundary + b"--\r\n")


def test_what_is_told_is_read_only_when_tiktok_is_done():
    def told(**details):
        return payload.read_details({"list": [{"audience_details": details}]}, 10)

    assert told(audience_status="PROCESSING", is_valid=False) is None
    assert told(is_valid=False) is None
    assert told(is_valid=True, cover_num=6).told == {"matched": 6}
    wrong = told(audience_status="READY", error_msg="3 ids could not be read.")
    assert (wrong.accepted, wrong.rejected) == (7, 3)
    assert json.dumps(wrong.as_json())
