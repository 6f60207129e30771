"""A delivery that broke off and goes on the next morning: what a dead session had counts for nothing."""

import dataclasses
import json
import threading
import time

import pytest
from audiences.delivery import find_uploader
from audiences.errors import RetryLater, SetupError

from tests.contract.scenarios import each
from tests.contract.test_delivery_scenarios import filled_by_somebody_else, several, trials
from tests.contract.world import PEOPLE, World, members_of

DAY = 86_400


@each("interrupted")
def test_what_breaks_off_and_goes_on_next_morning_ends_with_what_the_receipt_says(
    world, tmp_path, monkeypatch
):
    several(world, monkeypatch)
    filled_by_somebody_else(world)
    world.http.sent.clear()
    for number, trial in trials(world, tmp_path):
        filled_by_somebody_else(trial)
        folder = trial.prepare(range(PEOPLE), ledger=False)
        trial.stand_in.misbehave("forbidden", skip=number)
        try:
            receipt = trial.delivery(folder).run().receipt
        except SetupError:
            trial.now += DAY
            for job in getattr(trial.stand_in, "jobs", {}).values():
                job.polls = 0  # it has long ended
            receipt = trial.delivery(folder).run().receipt
        assert (receipt["status"], receipt["accepted"]) == ("succeeded", PEOPLE)
        people = members_of(trial.slug, range(PEOPLE))
        if trial.slug == "amazon":  # which lists no audiences: it is another one then
            continue
        if find_uploader(trial.slug).replace:
            assert set(trial.members()) == people
        else:
            assert set(trial.members()) == people | members_of(trial.slug, range(PEOPLE, PEOPLE + 20))
        assert receipt["rows"]["accepted"] == len(people) if trial.shape.one_identifier else PEOPLE


@pytest.mark.parametrize("slug", ["amazon", "google", "klaviyo"])
@pytest.mark.parametrize("days", [0.5, 60])
def test_a_job_that_the_platform_has_forgotten_is_no_proof_and_its_batch_goes_again(
    slug, days, tmp_path, monkeypatch
):
    world = World(slug, tmp_path)
    several(world, monkeypatch)
    folder = world.prepare(range(PEOPLE))
    delivery = world.delivery(folder)
    audience = delivery.send(delivery.open())
    assert len(delivery.jobs()) == 4
    for one in world.stand_in.audiences.values():
        one.members.clear()  # nobody was told how it ended: badly
    world.stand_in.jobs.clear()
    world.now += days * DAY
    if days < 1:  # a job of today is not forgotten: something else is wrong
        with pytest.raises(SetupError, match="404") as error:
            world.delivery(folder).run()
        assert type(error.value) is SetupError
        return
    receipt = world.delivery(folder).run().receipt
    assert (receipt["status"], receipt["accepted"]) == ("succeeded", PEOPLE)
    assert receipt["audience_id"] == audience.id
    assert world.holds(range(PEOPLE))


@pytest.fixture
def meta(tmp_path, monkeypatch):
    world = World("meta", tmp_path)
    several(world, monkeypatch)
    filled_by_somebody_else(world)
    return world


def broken_off(world):
    """Let a replacement break off after two of its four batches; return its folder."""
    folder = world.prepare(range(PEOPLE), ledger=False)
    world.stand_in.misbehave("forbidden", skip=2, on="usersreplace")
    with pytest.raises(SetupError, match="does not allow") as error:
        world.delivery(folder).run()
    assert "2 of 4 batches of a replacement were taken: 90 minutes after the first, meta" in error.value.why
    return folder


def replacing(world):
    """Return (session id, batch) of every request that replaces, in order."""
    sessions = [json.loads(one.body)["session"] for one in world.http.sent if "usersreplace" in one.path]
    return [(one["session_id"], one["batch_seq"]) for one in sessions]


def test_a_session_goes_on_while_it_lasts(meta):
    folder = broken_off(meta)
    meta.now += 80 * 60
    assert meta.delivery(folder).run().status == "succeeded"
    assert meta.holds(range(PEOPLE))
    sent = replacing(meta)
    assert len({number for number, _ in sent}) == 1
    assert [batch for _, batch in sent] == [1, 2, 3, 3, 4]


@pytest.mark.parametrize("minutes", [86, 91, 24 * 60])
def test_what_a_dead_session_had_is_sent_again_in_a_new_one(meta, minutes):
    folder = broken_off(meta)
    meta.now += minutes * 60
    if minutes > 90:
        assert 0 < len(meta.members()) < len(members_of("meta", range(PEOPLE)))  # what it had by then
    outcome = meta.delivery(folder, attempts=30).run()
    assert meta.holds(range(PEOPLE))
    dead, *_ = sent = replacing(meta)
    alive = [batch for number, batch in sent if number != dead[0]]
    assert alive[-4:] == [1, 2, 3, 4]
    assert outcome.receipt["accepted"] == PEOPLE


def test_while_the_old_session_is_still_open_the_new_one_is_waited_for(meta):
    folder = broken_off(meta)
    meta.now += 86 * 60
    with pytest.raises(RetryLater, match="Meta is busy"):
        meta.delivery(folder, longest=0).run()
    meta.now += 5 * 60
    assert meta.delivery(folder).run().status == "succeeded"
    assert meta.holds(range(PEOPLE))


def test_a_newer_list_waits_for_the_session_that_an_older_one_left_open(meta):
    older = broken_off(meta)
    newer = meta.prepare(range(5, PEOPLE + 5), ledger=False)
    with pytest.raises(RetryLater, match="Meta is busy"):
        meta.delivery(newer, longest=0).run()
    meta.now += 91 * 60
    assert meta.delivery(newer).run().receipt["accepted"] == PEOPLE
    assert meta.holds(range(5, PEOPLE + 5))
    assert meta.delivery(older).run().status == "skipped"
    assert meta.holds(range(5, PEOPLE + 5))


def test_a_session_that_meta_ended_by_itself_counts_for_nothing(meta):
    folder = broken_off(meta)
    (audience,) = [one for one in meta.stand_in.audiences.values() if "replacing" in one.info]
    audience.info["replacing"]["started"] -= 91 * 60  # the first batch came earlier than its answer says
    assert meta.delivery(folder).run().status == "succeeded"
    assert meta.holds(range(PEOPLE))


def test_a_journal_of_before_sessions_were_noted_is_read(meta):
    folder = broken_off(meta)
    (meta.folder / "home" / folder.name / "journal/session.json").unlink()
    meta.now += DAY
    assert meta.delivery(folder).run().status == "succeeded"
    assert meta.holds(range(PEOPLE))


def test_sessions_that_are_too_short_again_and_again_ask_a_person_and_a_redrive_tries_again(meta):
    folder = meta.prepare(range(PEOPLE), ledger=False)
    delivery = meta.delivery(folder)
    send = delivery.client.send

    def slow(audience, batch):
        meta.now += 50 * 60
        return send(audience, batch)

    delivery.client.send = slow
    with pytest.raises(SetupError, match="could not be replaced within 90 minutes") as error:
        delivery.run()
    assert error.value.why.startswith("3 sessions ended")
    assert "Redrive" in error.value.fix
    assert len({number for number, _ in replacing(meta)}) == 3
    meta.now += DAY
    assert meta.delivery(folder).run().status == "succeeded"
    assert meta.holds(range(PEOPLE))


def test_the_first_batch_opens_the_session_before_the_others_and_the_last_ends_it(meta):
    delivery = meta.delivery(meta.prepare(range(PEOPLE), ledger=False))
    delivery.uploader = dataclasses.replace(delivery.uploader, parallel=4)
    send, lock, order = delivery.client.send, threading.Lock(), []

    def noting(audience, batch):
        time.sleep(0.02 if batch.number == 1 else 0)
        with lock:
            order.append(("begin", batch.number))
            answer = send(audience, batch)
            order.append(("end", batch.number))
            return answer

    delivery.client.send = noting
    assert delivery.run().status == "succeeded"
    assert order[:2] == [("begin", 1), ("end", 1)]
    assert order[-1] == ("end", 4)
    assert meta.holds(range(PEOPLE))
