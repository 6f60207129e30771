"""Faults of queues, platforms, tokens and functions: nobody is lost, nobody comes twice, poison is buried."""

import pytest

from tests.workflow.deployed.relay import wait_for

from .conftest import BEFORE_THE_RECEIPT, IN_A_BATCH, IN_A_STEP, MULTI_STEP, NEWER, OLDER


def delivery(run):
    (one,) = run.report["deliveries"]
    told = sum(one[name] for name in ("sent", "rejected", "unchanged", "suppressed"))
    assert one["received"] == told
    return one


def test_a_storm_of_429_and_a_platform_that_is_down_bury_nothing(world, faults):
    stand_in = world.stand_in("pinterest")

    def answered(status):
        return sum(one["status"] == status for one in stand_in.requests)

    wait_for(lambda: answered(500) >= 2, "a platform that is down")
    stand_in.troubles.clear()  # it is up again; the delivery is looked at below
    assert answered(429) == 8
    assert world.buried("pinterest") == []


def test_messages_three_times_late_and_in_the_wrong_order_leave_the_newer_list(world, jumbled):
    world.drained("snap")
    world.check("snap", "Jumbled", NEWER)
    newer, older = delivery(world.run(jumbled.newer)), delivery(world.run(jumbled.older))
    assert (newer["status"], newer["sent"], newer["accepted"]) == ("succeeded", len(NEWER), len(NEWER))
    assert (older["status"], older["sent"], older["unchanged"]) == ("skipped", 0, len(OLDER))
    assert world.wire("snap").count(NEWER) == 1
    assert world.wire("snap").count(OLDER) == 0


def test_exactly_the_poison_is_buried_with_its_reason(world, jumbled):
    world.drained("snap")
    buried = world.buried("snap")
    assert sorted(body for body, _ in buried) == sorted(jumbled.poison)
    for _, told in buried:
        assert set(told) == {"Error", "What", "Why", "Next"}
        assert told["Error"] == "DataError"
    reasons = {body: f"{told['What']} {told['Why']}" for body, told in buried}
    for body, words in zip(
        jumbled.poison, ("not JSON", "names no manifest", "is not there", "is not JSON"), strict=True
    ):
        assert words in reasons[body]


def test_a_torn_manifest_ends_its_run_at_once_with_the_reason(world, jumbled):
    run = world.run(jumbled.unread)
    assert run.report["status"] == "failed"
    (failure,) = run.report["failures"]
    assert (failure["stage"], failure["error"]) == ("delivery", "DataError")
    assert "is not JSON" in failure["what"]
    assert failure["what"] in run.mail["body"]
    assert world.places.members("snap", "Unread") == set()
    (one,) = run.report["deliveries"]
    assert (one["status"], one["received"], one["sent"]) == ("failed", None, None)  # unknown is no zero
    happened = [event["detail-type"] for event in world.relay.events(run.run_id)]
    assert happened.count("Audience Delivery Failed") == 1


def test_a_token_that_ends_in_the_middle_is_renewed_and_kept(world, faults):
    one = delivery(world.run(faults["Token"]))
    assert (one["status"], one["accepted"]) == ("succeeded", len(NEWER))
    world.check("google", "Token", NEWER)
    assert [row["status"] for row in world.stand_in("google").requests if "ingest" in row["path"]].count(
        401
    ) == 1
    assert world.buried("google") == []


def test_a_refused_token_is_told_and_buried_and_a_redrive_delivers(world, faults):
    run = world.run(faults["Refused"])
    assert run.report["status"] == "failed"
    assert "expired or was revoked" in run.mail["body"]
    ((_, told),) = world.buried("klaviyo")
    assert told["Error"] == "SetupError"
    assert "Put a new one into the secret" in told["Next"]
    world.redrive("klaviyo")
    world.drained("klaviyo")
    world.check("klaviyo", "Refused", NEWER)
    assert world.buried("klaviyo") == []


def test_a_connection_cut_after_the_platform_took_the_people_brings_nobody_twice(world, faults):
    run = world.run(faults["Cut connection"])
    assert run.report["status"] == "succeeded"
    assert {one["platform"]: one["accepted"] for one in run.report["deliveries"]} == dict.fromkeys(
        MULTI_STEP, len(NEWER)
    )
    for slug in MULTI_STEP:
        world.check(slug, "Cut connection", NEWER)
        assert world.wire(slug).count(NEWER) == 2


def test_people_whom_a_platform_refuses_are_told_with_its_reason(world, faults):
    world.run(faults["Cut connection"])  # The Trade Desk has no other delivery now
    world.stand_in("the_trade_desk").misbehave("async_partial", rows=3)
    world.activate("Picky", "the_trade_desk")
    run = world.run(world.upload("Picky", NEWER))
    one = delivery(run)
    assert (one["status"], one["sent"], one["accepted"], one["refused"]) == ("partial", 35, 32, 3)
    ((reason, count),) = one["refused_reasons"].items()
    assert count == 3
    assert "3 refused by the_trade_desk" in run.mail["body"]
    assert f"Refused because: 3 {reason}" in run.mail["body"]
    assert "refused 3 of 35 people for Picky" in run.mail["body"]
    page = world.relay.keys(f"runs/{run.run_id}/report.html")[0]
    bucket = world.relay.outputs["AudienceBucketName"]
    assert f"Refused: 3 {reason}" in world.relay.read(f"s3://{bucket}/{page}")
    assert len(world.places.members("the_trade_desk", "Picky")) == 32


def test_after_the_storm_everybody_is_there(world, faults):
    one = delivery(world.run(faults["Storm"]))
    assert (one["status"], one["accepted"]) == ("succeeded", len(NEWER))
    world.check("pinterest", "Storm", NEWER)
    assert world.buried("pinterest") == []


@pytest.mark.parametrize(
    ("audience", "platform", "members", "times"),
    [
        ("In a workflow step", "tiktok", IN_A_STEP, 1),
        ("In a batch", "meta", IN_A_BATCH, 2),
        ("Before the receipt", "meta", BEFORE_THE_RECEIPT, 1),
    ],
)
def test_a_killed_function_loses_nobody_and_sends_nobody_twice(
    world, killed, audience, platform, members, times
):
    begun = killed[audience]
    one = delivery(world.run(begun.key))
    assert begun.struck.is_set()  # the platform did what it was asked, and its answer never came
    assert (one["status"], one["sent"], one["accepted"]) == ("succeeded", len(members), len(members))
    world.check(platform, audience, members)
    assert world.wire(platform).count(members) == times


def test_a_workflow_runs_a_killed_step_again(world, killed):
    run = world.run(killed["In a workflow step"].key)
    found = world.relay.executions("TikTokDelivery/UploadAudience")
    (execution,) = [one for one in found if run.run_id in one["name"]]
    assert "Sandbox.Timedout" in str(world.relay.history(execution["executionArn"]))
    assert world.relay.entered(execution["executionArn"]).count("Publish the data") == 1


def test_a_batch_sent_again_after_a_kill_counts_once_in_its_session(world, killed):
    world.run(killed["In a batch"].key)
    (one,) = [one for one in world.stand_in("meta").audiences.values() if one.name == "In a batch"]
    assert [session["received"] for session in one.info["sessions"].values()] == [len(IN_A_BATCH)]
