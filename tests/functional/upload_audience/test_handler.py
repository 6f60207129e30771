"""The delivery function under faults: the platform gets the wanted list, and only poison is buried."""

import json
import re
from pathlib import Path

import pytest
from audiences.edges import deliver, lease
from audiences.edges.delivery_store import S3Store
from audiences.edges.run_store import save_result
from audiences.errors import RetryLater
from audiences.runs import StageResult
from upload_audience.handler import MOST_RECEIVES

from .world import BUCKET

ROOT = Path(__file__).resolve().parents[3]


class Killed(BaseException):
    """The function dies here."""


def uploads(world):
    return [
        row for row in world.http.sent if row.path.endswith("/users") or row.path.endswith("/usersreplace")
    ]


def test_a_manifest_becomes_members_ledger_receipt_result_and_event(world):
    assert world.invoke(world.prepare(range(20))) == []
    world.check(range(20))
    (result,) = world.results()
    assert (result["stage"], result["status"]) == ("delivery", "succeeded")
    assert result["name"] == "meta/Lovers/20261121-100001-abcdef"
    receipt = world.s3.get_object(Bucket=BUCKET, Key="deliveries/meta/Lovers/20261121-100001-abcdef.json")
    assert json.loads(receipt["Body"].read())["accepted"] == 20
    assert world.buried() == []


def test_the_same_message_twice_sends_once(world):
    body = world.prepare(range(20))
    world.drain(body, body)
    assert len(uploads(world)) == 1
    world.check(range(20))


def test_a_kill_between_acceptance_and_journal_repeats_one_batch_that_counts_once(world, monkeypatch):
    body = world.prepare(range(20))
    noted = S3Store.note

    def die(self, name, entry, **options):
        if name.startswith("add"):
            raise Killed
        noted(self, name, entry, **options)

    monkeypatch.setattr(S3Store, "note", die)
    with pytest.raises(Killed):
        world.invoke(body)
    monkeypatch.setattr(S3Store, "note", noted)
    world.clock.sleep(1080)  # the queue's visibility time-out
    world.drain(body)
    world.check(range(20))
    (one,) = world.meta.audiences.values()
    assert [session["received"] for session in one.info["sessions"].values()] == [20]


@pytest.mark.parametrize("where", ["put_ledger", "put_receipt"])
def test_a_kill_between_acceptance_and_receipt_sends_nothing_again(world, monkeypatch, where):
    body = world.prepare(range(20))
    whole = getattr(S3Store, where)
    monkeypatch.setattr(S3Store, where, lambda *_args: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        world.invoke(body)
    monkeypatch.setattr(S3Store, where, whole)
    sent = len(uploads(world))
    world.clock.sleep(1080)
    world.drain(body)
    assert len(uploads(world)) == sent
    world.check(range(20))


def test_a_kill_between_receipt_and_run_record_still_ends_the_run(world, monkeypatch):
    body = world.prepare(range(20))
    whole = deliver.end_stage
    monkeypatch.setattr(deliver, "end_stage", lambda *_args: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        world.invoke(body)
    assert [result["status"] for result in world.results()] == ["pending"]
    monkeypatch.setattr(deliver, "end_stage", whole)
    world.clock.sleep(1080)
    world.drain(body)
    world.check(range(20))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_mirrors_prepared_at_once_end_with_the_newer_list(world, order):
    bodies = [world.prepare(range(20)), world.prepare(range(10, 40))]
    world.drain(*[bodies[at] for at in order])
    world.check(range(10, 40))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0, 1, 0)])
def test_additions_prepared_at_once_all_arrive_in_any_order(world, order):
    bodies = [world.prepare(range(start, start + 15), mode="add") for start in (0, 10, 20)]
    world.drain(*[bodies[at] for at in order])
    world.check(range(35))


def test_a_mirror_takes_back_what_others_added_since_it_was_prepared(world):
    world.drain(world.prepare(range(20)))
    added = world.prepare(range(30, 35), mode="add")
    mirror = world.prepare(range(10))
    world.drain(added, mirror)
    world.check(range(10))


def test_a_mirror_that_broke_off_half_way_leaves_nothing_behind(world, monkeypatch):
    world.drain(world.prepare(range(30)))
    monkeypatch.setattr(deliver, "find_shape", _small_shape)
    monkeypatch.setattr("audiences.preparation.plan.find_shape", _small_shape)
    broken = world.prepare(range(15, 60))
    whole = world.meta.handle

    def expire_half_way(request):
        half = len(world.members()) > 35 or sum(row.method == "DELETE" for row in world.http.sent)
        return world.meta.problem(_refusal("expired")) if half else whole(request)

    world.meta.handle = expire_half_way
    world.drain(broken)
    world.meta.handle = whole
    ((buried, _),) = world.buried()
    assert 30 < len(world.members()) < 60
    world.drain(world.prepare(range(10)))
    held = world.members()
    assert held == world.ledger()
    assert len(held) == 10
    world.drain(buried)
    assert world.members() == held


def test_a_storm_of_429_and_an_hour_of_silence_are_waited_out(world):
    world.longest = 0
    body = world.prepare(range(20))
    world.meta.misbehave("rate_limited", times=12, retry_after=120)
    world.meta.misbehave("rate_limited_bare", times=5)
    started = world.clock.now
    whole = world.meta.handle
    world.meta.handle = lambda request: (
        whole(request) if world.clock.now - started > 3600 else world.meta.problem(_refusal("server_error"))
    )
    world.drain(body)
    assert world.clock.now - started > 3600
    world.check(range(20))
    assert world.buried() == []


def _refusal(kind):
    from local.platforms.wire import Refusal

    return Refusal(kind, "down")


def test_a_platform_that_never_answers_is_given_up_with_its_reason(world, monkeypatch):
    world.longest = 0
    monkeypatch.setenv("DELIVERY_PATIENCE_HOURS", "2")
    monkeypatch.setattr("upload_audience.handler.time.time", world.clock)
    world.meta.misbehave("server_error", times=0)
    world.drain(world.prepare(range(20)))
    ((body, told),) = world.buried()
    assert json.loads(body)["deliver"]["key"].endswith("manifest.json")
    assert "Given up after 2 hours" in told["What"]
    assert [result["status"] for result in world.results()] == ["failed"]
    world.meta.troubles.clear()
    world.drain(body)
    world.check(range(20))


def test_time_that_runs_out_goes_on_in_the_next_invocation_without_sending_twice(world, monkeypatch):
    monkeypatch.setattr(deliver, "find_shape", _small_shape)
    monkeypatch.setattr("audiences.preparation.plan.find_shape", _small_shape)
    body = world.prepare(range(60))
    assert json.loads((world.folder / "20261121-100001-abcdef/manifest.json").read_text())["parts"][5]
    whole = world.meta.handle

    def slow(request):
        world.clock.sleep(200)
        return whole(request)

    world.meta.handle = slow
    world.drain(body)
    assert len(uploads(world)) == 6
    world.check(range(60))


def _small_shape(slug):
    import dataclasses

    from audiences.preparation.shape import find_shape

    return dataclasses.replace(find_shape(slug), max_rows=10)


def test_exactly_the_poison_is_buried_with_its_reason(world):
    good = world.prepare(range(20))
    missing = json.loads(good)
    missing["detail"]["object"]["key"] = "prepared/meta/Lovers/gone/manifest.json"
    poison = ["no json", "[]", '{"detail": {}}', json.dumps(missing)]
    world.drain(poison[0], good, *poison[1:])
    assert sorted(body for body, _ in world.buried()) == sorted(poison)
    assert all(told["Error"] == "DataError" and told["What"] for _, told in world.buried())
    world.check(range(20))


@pytest.fixture
def heard(world):
    """Events as they are put on the bus."""
    found, name = [], "before-parameter-build.events.PutEvents"

    def listen(params, **_):
        found.extend({**entry, "Detail": json.loads(entry["Detail"])} for entry in params["Entries"])

    world.events.meta.events.register(name, listen)
    yield found
    world.events.meta.events.unregister(name, listen)


def promise(world, run):
    """Let a run wait for the delivery, as preparation does in the run record."""
    expects = [["delivery", f"meta/Lovers/{run}-abcdef"]]
    prepared = StageResult("audience-preparation", "segment", "succeeded", expects=expects)
    save_result(BUCKET, run, prepared)
    return expects


def test_what_nobody_foresaw_is_repeated_and_at_last_told_without_its_words(world, monkeypatch):
    body = world.prepare(range(20))
    monkeypatch.setattr(deliver, "open_http", lambda *_: {}["person7@example.com"])
    for receives in range(1, MOST_RECEIVES):
        assert world.invoke(body, receives=receives) == [{"itemIdentifier": "m0"}]
        world.clock.sleep(1080)  # the queue's visibility timeout
    assert world.buried() == []
    assert world.invoke(body, receives=MOST_RECEIVES) == []
    ((_, told),) = world.buried()
    (result,) = world.results()
    assert told["Error"] == result["failure"]["error"] == "KeyError"
    assert told["Next"] == result["failure"]["fix"]
    assert "person7" not in f"{told}{result}"


def test_the_last_time_is_the_queue_s_last_time():
    template = (ROOT / "nested/uploader-single-step.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"maxReceiveCount: (\d+)", template)) == {str(MOST_RECEIVES)}


@pytest.mark.parametrize("change", ["torn", "of another audience", "incomplete", "gone"])
def test_a_manifest_that_cannot_be_read_ends_what_its_run_was_promised(world, heard, change):
    body = world.prepare(range(20))
    run = "20261121-100001"
    key = f"prepared/meta/Lovers/{run}-abcdef/manifest.json"
    value = json.loads(world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    if change == "gone":
        world.s3.delete_object(Bucket=BUCKET, Key=key)
    else:
        changed = {
            "torn": json.dumps(value)[:100],
            "of another audience": json.dumps({**value, "audience_key": "Haters"}),
            "incomplete": json.dumps({name: value[name] for name in value if name != "counts"}),
        }
        world.s3.put_object(Bucket=BUCKET, Key=key, Body=changed[change].encode())
    expects = promise(world, run)
    world.drain(body)
    ((_, told),) = world.buried()
    (result,) = [result for result in world.results() if result["stage"] == "delivery"]
    assert [[result["stage"], result["name"]]] == expects
    assert (result["status"], result["failure"]["error"]) == ("failed", "DataError")
    assert told["What"].startswith(result["failure"]["what"])
    (event,) = heard
    assert event["DetailType"] == "Audience Delivery Failed"
    assert event["Detail"]["metadata"]["run_id"] == run
    assert event["Detail"]["data"]["failure"] == result["failure"]


@pytest.mark.parametrize(
    "key",
    [
        "prepared/meta/Lovers/by-hand/manifest.json",  # no run waits for it
        "prepared/meta/Lovers/gone/manifest.json",  # shorter than what follows a run in a name
        "prepared/google/Lovers/20261121-100001-abcdef/manifest.json",  # Google's queue has it, too
        "manifest.json",
    ],
)
def test_a_key_that_names_no_promise_is_buried_alone(world, key):
    promise(world, "20261121-100001")
    body = json.dumps({"detail": {"bucket": {"name": BUCKET}, "object": {"key": key}}})
    world.drain(body)
    assert [found for found, _ in world.buried()] == [body]
    assert [result["stage"] for result in world.results()] == ["audience-preparation"]


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_damaged_part_is_told_and_buried(world, damage):
    body = world.prepare(range(20))
    (part,) = [
        row["Key"]
        for row in world.s3.list_objects_v2(Bucket=BUCKET, Prefix="prepared/")["Contents"]
        if "/part-" in row["Key"]
    ]
    if damage == "missing":
        world.s3.delete_object(Bucket=BUCKET, Key=part)
    else:
        world.s3.put_object(Bucket=BUCKET, Key=part, Body=b"{}")
    world.drain(body)
    ((buried, told),) = world.buried()
    assert (buried, told["Error"]) == (body, "DataError")
    (result,) = world.results()
    assert (result["status"], result["failure"]["error"]) == ("failed", "DataError")
    assert uploads(world) == []


@pytest.mark.parametrize(
    ("rows", "status", "what"),
    [
        (3, "partial", "meta refused 3 of 20 people for Lovers."),
        (20, "failed", "meta took none of 20 people for Lovers."),
    ],
)
def test_rows_that_the_platform_refuses_are_told_with_the_reason(world, rows, status, what):
    world.meta.misbehave("row_rejects", rows=rows)
    world.drain(world.prepare(range(20)))
    (result,) = world.results()
    data = result["data"]
    assert (result["status"], data["sent"], data["accepted"], data["refused"]) == (
        status,
        20,
        20 - rows,
        rows,
    )
    assert sum(data["refused_reasons"].values()) == rows
    assert (result["failure"]["error"], result["failure"]["what"]) == ("RecordRejected", what)
    assert all(reason in result["failure"]["why"] for reason in data["refused_reasons"])
    assert data["rejects"] in result["failure"]["fix"]


def test_a_refused_token_is_recorded_and_buried_and_a_redrive_delivers(world):
    body = world.prepare(range(20))
    world.meta.misbehave("token_expired", times=0)
    world.meta.revoke_tokens = lambda: (_ for _ in ()).throw(_refusal("expired"))
    world.drain(body)
    ((buried, told),) = world.buried()
    assert told["Error"] == "SetupError"
    assert "local-meta-access" not in json.dumps(told)
    assert [result["status"] for result in world.results()] == ["failed"]
    world.meta.troubles.clear()
    world.drain(buried)
    world.check(range(20))


def test_a_living_twin_is_waited_for(world):
    body = world.prepare(range(20))
    twin = lease.Lease(
        f"s3://{BUCKET}/deliveries/meta/Lovers/lease.json", "20261121-100001-abcdef", world.clock
    )
    twin.take("twin", 300)
    assert world.invoke(body) == []
    assert uploads(world) == []
    twin.release()
    world.drain(*world.waiting())
    world.check(range(20))


def test_what_nobody_foresaw_is_reported_so_that_sqs_repeats_it(world, monkeypatch):
    monkeypatch.setattr("upload_audience.handler.deliver", lambda *_a, **_k: 1 / 0)
    assert world.invoke(world.prepare(range(20))) == [{"itemIdentifier": "m0"}]


def test_a_dry_run_sends_nobody(world, monkeypatch):
    monkeypatch.setenv("DRY_RUN", "true")
    world.drain(world.prepare(range(20)))
    assert list(world.meta.list_audiences()) == []
    (result,) = world.results()
    assert (result["status"], result["data"]["sent"], result["data"]["unchanged"]) == ("skipped", 0, 20)


def test_a_lost_lease_race_is_retry_later(world):
    one = lease.Lease(f"s3://{BUCKET}/x.json", "a", world.clock)
    one.take("h", 10)
    with pytest.raises(RetryLater):
        lease.Lease(f"s3://{BUCKET}/x.json", "b", world.clock).take("h", 10)
    world.clock.sleep(11 + lease.GRACE_SECONDS)
    lease.Lease(f"s3://{BUCKET}/x.json", "b", world.clock).take("h", 10)
    with pytest.raises(RetryLater):
        one.release()
