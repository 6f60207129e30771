"""What every platform that can be delivered to must do: a new one is tested by being there."""

import csv
import dataclasses
import hashlib
import json
import logging
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from audiences.delivery import find_uploader, uploaders
from audiences.errors import AudienceError, RetryLater, SetupError
from audiences.platforms import discover, find
from audiences.preparation.shape import find_shape

from tests.contract.scenarios import STAND_IN_OF, each
from tests.contract.world import PEOPLE, digests

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = ROOT / "functions/audiences/platforms"
HEADINGS = ("Get credentials", "What is hashed and how", "Limits", "Common errors", "How to check the match")
PLAIN = {"klaviyo"}  # takes addresses as they are, over TLS, into the advertiser's own account


def test_every_uploader_has_a_stand_in():
    missing = [
        slug for slug, one in uploaders().items() if one.pattern != "managed" and slug not in STAND_IN_OF
    ]
    assert not missing


@each("add")
def test_everybody_wanted_is_there_under_the_platforms_own_hash(world):
    outcome = world.delivery(world.prepare(range(PEOPLE))).run()
    assert outcome.status == "succeeded"
    held = world.members()
    assert len(held) >= PEOPLE
    assert set(held) <= digests(world, range(PEOPLE))


def test_counts_add_up(world):
    receipt = world.delivery(world.prepare(range(PEOPLE))).run().receipt
    assert receipt["received"] == PEOPLE
    assert receipt["received"] == sum(
        receipt[name] for name in ("sent", "rejected", "unchanged", "suppressed")
    )
    assert receipt["accepted"] + receipt["refused"] == receipt["sent"]
    assert sum(receipt["reject_reasons"].values()) == receipt["rejected"]


def test_nothing_unhashed_leaves_and_never_the_hash_of_nothing(world):
    world.delivery(world.prepare(range(PEOPLE))).run()
    nothing = hashlib.sha256(b"").hexdigest().encode()
    for request in world.http.sent:
        assert nothing not in request.body
        if world.slug not in PLAIN:
            assert b"example.com" not in request.body.lower()
            assert not re.search(rb"1650555\d{4}", request.body)


def test_batches_keep_the_platforms_limits(world):
    folder = world.prepare(range(PEOPLE))
    shape = find_shape(world.slug)
    for part in json.loads((folder / "manifest.json").read_text())["parts"]:
        assert 0 < part["rows"] <= shape.max_rows
        assert (folder / part["file"]).stat().st_size == part["bytes"] <= shape.max_bytes


@each("over_rows")
def test_a_part_beyond_the_limits_stops_the_delivery_before_anything_is_sent(world):
    delivery = world.delivery(world.prepare(range(PEOPLE)))
    delivery.shape = dataclasses.replace(delivery.shape, max_rows=PEOPLE - 1)
    with pytest.raises(AudienceError, match="does not fit one request"):
        delivery.run()
    assert not world.http.sent


def test_a_repeat_sends_nothing(world):
    folder = world.prepare(range(PEOPLE))
    world.delivery(folder).run()
    held, sent = world.members(), len(world.http.sent)
    again = world.delivery(folder).run()
    assert again.repeated
    assert (world.members(), len(world.http.sent)) == (held, sent)


def test_a_second_preparation_of_the_same_people_sends_nobody(world):
    world.delivery(world.prepare(range(PEOPLE))).run()
    before = len(world.uploads())
    receipt = world.delivery(world.prepare(range(PEOPLE))).run().receipt
    if not find_shape(world.slug).whole:
        assert len(world.uploads()) == before
        assert (receipt["sent"], receipt["unchanged"]) == (0, PEOPLE)


@each("replace")
def test_a_mirror_follows_the_segment(world):
    world.delivery(world.prepare(range(PEOPLE))).run()
    world.delivery(world.prepare(range(20, PEOPLE + 15))).run()
    held = set(world.members())
    assert held <= digests(world, range(20, PEOPLE + 15))
    assert len(held) >= PEOPLE - 5


def test_a_dry_run_sends_nobody_and_makes_nothing(world):
    outcome = world.delivery(world.prepare(range(PEOPLE))).rehearse()
    assert outcome.receipt["dry_run"]
    assert list(world.stand_in.list_audiences()) == []
    assert not (world.folder / "home/ledger.tsv.gz").exists()
    world.delivery(world.folder / "run1").run()
    held = world.members()
    world.delivery(world.prepare(range(PEOPLE + 15))).rehearse()
    assert world.members() == held


@each("cut_at_creation")
def test_the_audience_is_made_once_whatever_happens_in_between(world):
    folder = world.prepare(range(PEOPLE))
    world.delivery(folder).run()
    (world.folder / "home/audience.json").unlink()
    if world.slug == "klaviyo":  # whose people cannot be sent again from digests: as its error advises
        (world.folder / "home/ledger.tsv.gz").unlink()
    world.delivery(world.prepare(range(PEOPLE + 5))).run()
    assert len(list(world.stand_in.list_audiences())) == 1


def passes(world, scenario, **options):
    world.stand_in.misbehave(scenario, times=3, skip=1, **options)
    started = world.now
    assert world.delivery(world.prepare(range(PEOPLE))).run().status == "succeeded"
    assert world.holds(range(PEOPLE))
    assert world.audiences() == 1
    return world.now - started


@each("rate_limited")
def test_the_platforms_word_on_how_long_to_wait_is_kept(world):
    assert passes(world, "rate_limited", retry_after=45) >= 3 * 45


@each("rate_limited")
def test_a_longer_wait_than_worth_sleeping_is_told_and_nothing_is_sent_meanwhile(world):
    world.stand_in.misbehave("rate_limited", times=0, retry_after=600)
    with pytest.raises(RetryLater) as error:
        world.delivery(world.prepare(range(PEOPLE))).run()
    assert 600 <= error.value.retry_after <= 660
    assert len(world.http.sent) == 1


@each("rate_limited_bare")
def test_a_rate_limit_without_a_word_is_waited_out(world):
    assert passes(world, "rate_limited_bare") > 1


@each("server_error")
def test_the_platforms_own_failure_is_waited_out(world):
    assert passes(world, "server_error") > 1


@each("cut_before")
def test_a_request_that_never_arrived_is_sent_again(world):
    assert passes(world, "cut_before") > 1


@each("rate_limited_bare")
@pytest.mark.parametrize("scenario", ["rate_limited_bare", "server_error"])
def test_lasting_trouble_is_retry_later(world, scenario):
    world.stand_in.misbehave(scenario, times=0)
    with pytest.raises(RetryLater):
        world.delivery(world.prepare(range(PEOPLE))).run()


def asks_a_person(world, scenario):
    """Return the error; it is raised at once, and the same delivery goes on once a person did their part."""
    folder = world.prepare(range(PEOPLE))
    world.stand_in.misbehave(scenario, times=0)
    started = world.now
    with pytest.raises(SetupError) as error:
        world.delivery(folder).run()
    assert world.now - started < 10, "waiting is no use"
    assert error.value.what
    assert error.value.fix
    world.stand_in.troubles.clear()
    for one in world.stand_in.audiences.values():
        one.info["flagged"] = False
    assert world.delivery(folder).run().status == "succeeded"
    assert world.holds(range(PEOPLE))
    assert world.audiences() == 1
    return error.value


@each("forbidden")
def test_a_missing_permission_asks_a_person(world):
    asks_a_person(world, "forbidden")


@each("sunset")
def test_a_version_that_has_ended_asks_a_person(world):
    asks_a_person(world, "sunset")


@each("terms")
def test_terms_that_are_not_accepted_ask_a_person(world):
    error = asks_a_person(world, "terms_not_accepted")
    assert re.search("terms|contract", f"{error} {error.why} {error.fix}", re.IGNORECASE)


@each("flagged")
def test_a_flagged_audience_asks_a_person(world):
    assert "name" in asks_a_person(world, "flagged").fix


def refuses_three(world, scenario):
    world.stand_in.misbehave(scenario, times=1, rows=3)
    receipt = world.deliver(range(PEOPLE))
    assert receipt["status"] == "partial"
    assert receipt["rows"]["rejected"] == 3
    assert sum(receipt["refused_reasons"].values()) == 3
    assert receipt["accepted"] + receipt["refused"] == receipt["sent"]
    if receipt["rejects"]:
        with Path(receipt["rejects"]).open() as file:
            assert len(list(csv.DictReader(file))) == 3
        world.deliver(range(PEOPLE))
        assert world.holds(range(PEOPLE))
    return receipt


@each("row_rejects")
def test_refused_rows_are_named_and_tried_again(world):
    assert refuses_three(world, "row_rejects")["rejects"]


@each("async_partial")
def test_a_part_that_a_job_refused_is_counted(world):
    refuses_three(world, "async_partial")


@each("async_slow")
def test_a_slow_job_is_asked_about_until_it_ends(world):
    world.stand_in.misbehave("async_slow", times=0, polls=7)
    started = world.now
    assert world.deliver(range(PEOPLE))["status"] == "succeeded"
    assert world.now - started >= 7
    assert world.holds(range(PEOPLE))


@each("async_failed")
def test_a_job_that_fails_leaves_nobody_in_the_ledger(world):
    world.stand_in.misbehave("async_failed", times=0)
    outcome = world.delivery(world.prepare(range(PEOPLE))).run()
    assert outcome.status == "failed"
    world.stand_in.troubles.clear()
    assert world.deliver(range(PEOPLE))["sent"] == PEOPLE
    assert world.holds(range(PEOPLE))


@each("async_stuck")
def test_a_job_that_never_ends_asks_for_a_person(world):
    world.stand_in.misbehave("async_stuck", times=0)
    delivery = world.delivery(world.prepare(range(PEOPLE)))
    delivery.uploader = dataclasses.replace(delivery.uploader, poll_hours=0.01)
    with pytest.raises(SetupError, match="does not end"):
        delivery.run()
    assert not (world.folder / "home/ledger.tsv.gz").exists()


def test_secrets_are_never_logged_or_told(world, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    texts = []
    for scenario in ("forbidden", "sunset", "token_expired", "server_error"):
        world.stand_in.misbehave(scenario, times=1)
        try:
            world.delivery(world.prepare(range(PEOPLE)), attempts=1).run()
        except AudienceError as error:
            texts += [str(error), repr(error), json.dumps(error.as_failure())]
    texts += [caplog.text, *capsys.readouterr()]
    kept = "".join(path.read_text() for path in (world.folder / "home").rglob("*.json"))
    hidden = [
        text
        for name, text in world.secret.values.items()
        if "token" in name or "secret" in name or "key" in name
    ]
    for value in [one for one in hidden if "://" not in one and not one.isdigit()]:
        assert value not in "".join(texts)
        assert value not in kept
    for request in world.http.sent:
        assert not any(value in str(dict(request.query)) for value in hidden)


def test_receipts_and_journals_hold_no_personal_data(world):
    world.delivery(world.prepare(range(PEOPLE))).run()
    for path in (world.folder / "home").rglob("*.json"):
        text = path.read_text()
        assert "@" not in text
        assert not any(value in text for value in digests(world, range(PEOPLE)))


@pytest.mark.parametrize("slug", sorted(uploaders()))
def test_the_readme_has_the_five_headings_and_every_secret_field(slug):
    text = (PLATFORMS / slug / "README.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(HEADINGS)
    for field in find_uploader(slug).secret_fields:
        assert f"`{field.name}`" in text, f"the README of {slug} does not explain {field.name}"
        assert field.docs.startswith("https://")


@pytest.mark.parametrize("slug", sorted(discover()))
def test_no_version_ends_within_sixty_days(slug):
    sunset = find(slug).sunset
    if sunset is not None:
        left = sunset - date.today()  # noqa: DTZ011  # a sunset is a day, not a moment
        assert left > timedelta(days=60), (
            f"{slug}: version ends on {sunset}; update platforms/{slug}/version.py"
        )
