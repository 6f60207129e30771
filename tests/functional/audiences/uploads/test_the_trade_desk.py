import base64
import hashlib
import json

import pytest
from audiences.edges.s3_files import read_json, write_json
from audiences.errors import RetryLater, SetupError
from audiences.report import Record, RunFacts, build_report, render_mail
from audiences.runs import StageResult


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def only(stand_in):
    (one,) = stand_in.audiences.values()
    return one


def test_an_audience_arrives_with_ledger_receipt_and_result(uploads, platform):
    desk = platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", [f"u{n}" for n in range(10)] + ["nobody"])

    path, told = uploads.run(manifest)

    assert path[:4] == ["ensure_segment", "open_drop", "publish_data", "check_upload"]
    assert path[-1] == "write_receipt"
    assert told == {"status": "succeeded"}
    assert desk.members(only(desk).id) == sorted(digest(f"person{n}@example.com") for n in range(10))
    result = uploads.result()
    data = result["data"]
    assert result["status"] == "succeeded"
    assert (data["received"], data["sent"], data["accepted"], data["rejected"]) == (11, 10, 10, 1)
    assert data["pattern"] == "multi-step"
    assert uploads.receipt(manifest)["audience_id"] == only(desk).id
    assert uploads.ledger_text("the_trade_desk").count("\n") == 10
    assert uploads.keys("work/") == []


def test_an_expired_address_is_replaced_and_the_same_part_sent(uploads, platform):
    desk = platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", ["u1", "u2"])
    desk.misbehave("drop_url_expired")

    path, told = uploads.run(manifest)

    assert path.count("open_drop") == 2
    assert path.count("publish_data") == 2
    assert told == {"status": "succeeded"}
    assert len(desk.members(only(desk).id)) == 2


def aged(uploads, minutes, **changes):
    """Let the places that were asked for be older."""
    for key in uploads.keys("work/"):
        uri = f"s3://{uploads.account.bucket}/{key}"
        kept = read_json(uri)
        write_json(uri, {**kept, "at": kept["at"] - minutes * 60, **changes})


@pytest.mark.parametrize("slug", ["the_trade_desk", "tiktok"])
def test_a_place_of_yesterday_is_not_used_the_next_morning(uploads, platform, slug):
    stand_in = platform(slug)
    manifest = uploads.prepare(slug, ["u1", "u2"])
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]
    aged(uploads, 60)
    before = len(stand_in.requests)

    assert uploads.step("publish_data", manifest, batch=batch)["next"] == "place"

    assert len(stand_in.requests) == before  # a dead address is not even tried
    _, told = uploads.run(manifest)
    assert told == {"status": "succeeded"}
    assert len(stand_in.members(only(stand_in).id)) == 2


def test_places_that_expired_yesterday_do_not_stop_a_redrive(uploads, platform):
    platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", ["u1", "u2"])
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]
    aged(uploads, 24 * 60, asked=5)
    assert uploads.step("publish_data", manifest, batch=batch)["next"] == "place"
    uploads.step("open_drop", manifest)
    (key,) = uploads.keys("work/")
    assert read_json(f"s3://{uploads.account.bucket}/{key}")["asked"] == 1


def test_emails_and_phones_go_in_drops_of_their_own(uploads, platform):
    desk = platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", ["u1", "u2"], fields=("email", "phone"))

    path, _ = uploads.run(manifest)

    assert path.count("publish_data") == 2
    assert len(desk.members(only(desk).id)) == 4
    assert uploads.receipt(manifest)["accepted"] == 2


def test_a_mirror_removes_only_after_the_adds_are_worked_through(uploads, platform):
    desk = platform("the_trade_desk")
    uploads.run(uploads.prepare("the_trade_desk", ["u1", "u2", "u3"], mode="mirror"))
    uploads.settle("the_trade_desk")
    later = uploads.prepare("the_trade_desk", ["u2", "u3", "u4"], mode="mirror", run="20261123-090000-abc124")

    path, told = uploads.run(later, "execution-2")

    first_check = path.index("check_upload")
    assert path[:first_check].count("publish_data") == 1
    assert path[first_check:].count("publish_data") == 1
    assert told == {"status": "succeeded"}
    assert desk.members(only(desk).id) == sorted(digest(f"person{n}@example.com") for n in (2, 3, 4))


def test_a_crash_after_publishing_sends_nothing_twice(uploads, platform):
    desk = platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", ["u1", "u2"])
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]
    uploads.step("publish_data", manifest, batch=batch)
    uploads.step("publish_data", manifest, batch=batch)  # Step Functions repeats a step whose answer was lost

    uploads.run(manifest)

    assert sum(request["method"] == "PUT" for request in desk.requests) == 1


def test_a_finished_delivery_is_not_sent_again(uploads, platform):
    desk = platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", ["u1"])
    uploads.run(manifest)
    before = len(desk.requests)

    path, told = uploads.run(manifest, "execution-2")

    assert path == ["ensure_segment", "write_receipt"]
    assert told == {"status": "succeeded"}
    assert len(desk.requests) == before


def test_an_overtaken_delivery_that_is_redriven_is_told_as_not_sent(uploads, platform):
    desk = platform("the_trade_desk")
    manifest = uploads.prepare("the_trade_desk", ["u1", "u2"], mode="mirror")
    overtaken = manifest.replace("/prepared/", "/deliveries/").replace("/manifest.json", ".json")
    write_json(overtaken, {"status": "skipped", "overtaken_by": "20261123-090000-cd34ef-000001"})
    path, told = uploads.run(manifest)
    assert (path, told) == (["ensure_segment", "write_receipt"], {"status": "skipped"})
    assert [request["path"] for request in desk.requests if "drop" in request["path"]] == []
    result = StageResult.from_json(uploads.result())
    facts = RunFacts("r", "relay", "x", "2026-11-22T10:15:00+00:00", "2026-11-22T10:16:00+00:00")
    report = build_report(facts, [Record(result)])
    mail = render_mail(report, "", "")
    assert report.failures == []
    assert (
        "the_trade_desk / Action lovers: skipped\n    2 received, 0 sent, 0 accepted, 2 unchanged\n"
        in mail.body
    )
    assert "Not sent: the newer list of 20261123-090000-cd34ef-000001 was delivered before." in mail.body
    assert mail.subject.startswith("Audience Relay: 1 not sent, 1 note - ")


def test_an_existing_segment_is_found_behind_the_first_page(uploads, platform):
    desk = platform("the_trade_desk")
    for number in range(150):
        desk.add_audience(f"other {number}", "adv1", region="US", first_party_id=number)
    one = desk.add_audience("Action lovers", "adv1", region="US", first_party_id=999)

    uploads.run(uploads.prepare("the_trade_desk", ["u1"]))

    assert len(desk.audiences) == 151
    assert len(one.members) == 1


def test_two_deliveries_to_one_audience_do_not_run_at_once(uploads, platform):
    platform("the_trade_desk")
    first = uploads.prepare("the_trade_desk", ["u1"])
    second = uploads.prepare("the_trade_desk", ["u2"], run="20261123-090000-abc124")
    uploads.step("ensure_segment", first)

    with pytest.raises(RetryLater):
        uploads.step("ensure_segment", second, "execution-2")

    uploads.run(first)
    assert uploads.run(second, "execution-2")[1] == {"status": "succeeded"}


def test_partly_refused_rows_are_counted(uploads, platform):
    desk = platform("the_trade_desk")
    desk.misbehave("async_partial", rows=3)
    manifest = uploads.prepare("the_trade_desk", [f"u{n}" for n in range(10)])

    _, told = uploads.run(manifest)

    receipt = uploads.receipt(manifest)
    assert told == {"status": "partial"}
    assert (receipt["sent"], receipt["accepted"], receipt["refused"]) == (10, 7, 3)
    assert receipt["refused_reasons"] == {"invalid id": 3}


def test_a_job_that_never_ends_fails_the_delivery_with_its_reason(uploads, platform):
    desk = platform("the_trade_desk")
    desk.misbehave("async_stuck")
    manifest = uploads.prepare("the_trade_desk", ["u1"])
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]
    assert uploads.step("publish_data", manifest, batch=batch)["wait_seconds"] == 300
    assert uploads.step("check_upload", manifest)["next"] == "wait"
    uploads.age_journal(manifest, hours=25)

    with pytest.raises(SetupError, match="does not end") as raised:
        uploads.step("check_upload", manifest)

    cause = json.dumps({"errorType": "SetupError", "errorMessage": str(raised.value)})
    error = {"Error": "SetupError", "Cause": cause}
    assert uploads.step("record_failed_delivery", manifest, error=error) == {"status": "failed"}
    result = uploads.result()
    assert result["status"] == "failed"
    assert result["failure"] == raised.value.as_failure()
    assert result["data"]["sent"] == 1
    assert result["data"]["accepted"] == 0


def test_a_refused_token_stops_with_what_to_do(uploads, platform):
    desk = platform("the_trade_desk")
    desk.misbehave("token_expired", times=0)
    desk.misbehave("forbidden", times=0)
    manifest = uploads.prepare("the_trade_desk", ["u1"])

    with pytest.raises(SetupError) as raised:
        uploads.step("ensure_segment", manifest)

    assert "local-the-trade-desk-access" not in str(raised.value)


def test_a_failure_before_the_manifest_can_be_read_has_a_result_too(uploads, platform, account):
    platform("the_trade_desk")
    key = "prepared/the_trade_desk/Action-lovers/20261122-090000-abc123-0a0a0a/manifest.json"
    account.s3.put_object(Bucket=account.bucket, Key=key, Body=b"{")

    error = {"Error": "DataError", "Cause": '{"errorType": "DataError", "errorMessage": "It is not JSON."}'}
    uploads.step("record_failed_delivery", f"s3://{account.bucket}/{key}", error=error)

    result = uploads.result()
    assert result["name"] == "the_trade_desk/Action-lovers/20261122-090000-abc123-0a0a0a"
    assert result["failure"]["what"] == "It is not JSON."
