"""What every platform that can be delivered to must do: a new one is tested by being there."""

import base64
import csv
import dataclasses
import hashlib
import io
import json
import logging
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from audiences.delivery import Delivery, Patience, find_uploader, uploaders
from audiences.errors import AudienceError, RetryLater, SetupError
from audiences.identity import compile_field
from audiences.platforms import discover, find
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source

from local.folder_store import FolderStore, read_folder
from local.platforms.registry import STAND_INS
from local.stand_in_access import InProcessHttp, PlainSecret, secret_of

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = ROOT / "functions/audiences/platforms"
KINDS = {kind.slug: kind for kind in STAND_INS}
SLUGS = sorted(
    slug for slug, uploader in uploaders().items() if uploader.pattern != "managed" and slug in KINDS
)
PEOPLE = 40
HEADINGS = ("Get credentials", "What is hashed and how", "Limits", "Common errors", "How to check the match")
NO_LOOKUP = {"amazon"}  # its API lists no audiences: only our own record knows them
NO_ROWS = {("the_trade_desk", "row_rejects")}  # a trouble of its Data API, which is not used
PLAIN = {"klaviyo"}  # takes addresses as they are, over TLS, into the advertiser's own account


class World:
    """One platform's stand-in, a prepared audience, and deliveries of it that never really sleep."""

    def __init__(self, slug, folder):
        self.slug, self.folder = slug, folder
        self.now = 1_790_000_000.0
        self.stand_in = KINDS[slug](clock=lambda: self.now)
        self.http = InProcessHttp(self.stand_in)
        self.secret = PlainSecret(secret_of(slug, self.http.BASE))
        self.runs = 0

    def sleep(self, seconds):
        self.now += seconds

    def prepare(self, people, mode="mirror", ledger=True):
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        users = "".join(f"u{n}\n" for n in people)
        rows = "".join(f"u{n},Person{n}@Example.com,+1650555{n:04d},yes,US\n" for n in range(200))
        segment = Source("s.csv", lambda: io.BytesIO(b"user_id\n" + users.encode()))
        identities = Source(
            "i.csv", lambda: io.BytesIO(b"user_id,email,phone,consent_ads,country\n" + rows.encode())
        )
        held = self.folder / "home" / "ledger.tsv.gz"
        inputs = Inputs(
            segments=[segment],
            identities=[identities],
            ledger=Source.of(held) if ledger and held.exists() else None,
        )
        fields = tuple(name for name in ("email", "phone") if name in find_shape(self.slug).names)
        request = Request(
            platform=self.slug, audience="Lovers", mode=mode, identifiers=fields, country="US", fuse=0
        )
        prepare(request, inputs, folder)
        return folder

    def delivery(self, folder, **changes):
        self.now += 1
        at = f"2026-11-21T10:{self.runs:02d}:00.000+00:00"
        prepared = read_folder(folder, prepared_at=at)
        uploader = dataclasses.replace(find_uploader(self.slug), parallel=1, poll_seconds=1)
        client = uploader.make(self.http, self.secret, {})
        if hasattr(client, "clock"):
            client.clock = lambda: self.now
        patience = Patience(
            clock=lambda: self.now, sleep=self.sleep, jitter=lambda: 0.5, longest=120, **changes
        )
        store = FolderStore(self.folder / "home", folder, prepared)
        return Delivery(prepared, uploader, find_shape(self.slug), client, store, patience)

    def members(self):
        (one,) = self.stand_in.list_audiences()
        return sorted(map(_hex, self.stand_in.members(one["id"])))

    def uploads(self):
        return [one for one in self.http.sent if len(one.body) > 1000]


@pytest.fixture(params=SLUGS)
def world(request, tmp_path):
    return World(request.param, tmp_path)


def digests(world, people):
    """Return every digest the people may be known by on the platform, from the platform's own rules."""
    identifiers = find(world.slug).identifiers
    found = set()
    for name, values in {
        "email": [f"Person{n}@Example.com" for n in people],
        "phone": [f"+1650555{n:04d}" for n in people],
    }.items():
        if name in identifiers:
            for value in compile_field(identifiers[name])(values, "US").digests:
                plain = identifiers[name].digest == "none"
                found.add(hashlib.sha256(value.encode()).hexdigest() if plain else _hex(value))
    return found


def _hex(value):
    return base64.b64decode(value).hex() if len(value) == 44 else value


def test_every_uploader_has_a_stand_in():
    missing = [slug for slug, one in uploaders().items() if one.pattern != "managed" and slug not in KINDS]
    assert not missing


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


def test_the_audience_is_made_once_whatever_happens_in_between(world):
    if world.slug in NO_LOOKUP:
        pytest.skip("the platform lists no audiences")
    folder = world.prepare(range(PEOPLE))
    world.delivery(folder).run()
    (world.folder / "home/audience.json").unlink()
    world.delivery(world.prepare(range(PEOPLE + 5))).run()
    assert len(list(world.stand_in.list_audiences())) == 1


def test_a_refused_token_is_renewed_or_asks_for_a_person(world):
    folder = world.prepare(range(PEOPLE))
    world.stand_in.misbehave("token_expired", times=1)
    delivery = world.delivery(folder)
    if "refresh_token" in world.secret.values:
        assert delivery.run().status == "succeeded"
    else:
        with pytest.raises(SetupError) as error:
            delivery.run()
        assert error.value.fix


def test_a_token_that_cannot_be_renewed_asks_for_a_person(world):
    if "refresh_fails" not in world.stand_in.scenarios:
        pytest.skip("its token is static")
    world.stand_in.misbehave("token_expired", times=1)
    world.stand_in.misbehave("refresh_fails", times=0)
    with pytest.raises(SetupError, match="does not renew"):
        world.delivery(world.prepare(range(PEOPLE))).run()


@pytest.mark.parametrize(
    "scenario", ["rate_limited", "rate_limited_bare", "server_error", "cut", "cut_before"]
)
def test_passing_trouble_is_waited_out_and_nobody_is_lost_or_doubled(world, scenario):
    if scenario not in world.stand_in.scenarios:
        pytest.skip("the platform has no such trouble")
    world.stand_in.misbehave(scenario, times=3, skip=1)
    started = world.now
    assert world.delivery(world.prepare(range(PEOPLE))).run().status == "succeeded"
    assert world.now > started
    assert set(world.members()) <= digests(world, range(PEOPLE))
    assert len(world.members()) >= PEOPLE
    assert len(list(world.stand_in.list_audiences())) == 1


@pytest.mark.parametrize("scenario", ["rate_limited_bare", "server_error"])
def test_lasting_trouble_is_retry_later(world, scenario):
    world.stand_in.misbehave(scenario, times=0)
    with pytest.raises(RetryLater):
        world.delivery(world.prepare(range(PEOPLE))).run()


@pytest.mark.parametrize("scenario", ["forbidden", "sunset", "terms_not_accepted", "flagged"])
def test_what_a_person_must_do_is_a_setup_error(world, scenario):
    if scenario not in world.stand_in.scenarios:
        pytest.skip("the platform has no such trouble")
    world.stand_in.misbehave(scenario, times=0)
    with pytest.raises(SetupError) as error:
        world.delivery(world.prepare(range(PEOPLE))).run()
    assert error.value.what
    assert error.value.fix


@pytest.mark.parametrize("scenario", ["row_rejects", "async_partial"])
def test_refused_rows_are_counted_and_tried_again_where_they_are_known(world, scenario):
    if scenario not in world.stand_in.scenarios or (world.slug, scenario) in NO_ROWS:
        pytest.skip("the platform has no such trouble")
    world.stand_in.misbehave(scenario, times=1, rows=3)
    receipt = world.delivery(world.prepare(range(PEOPLE))).run().receipt
    assert receipt["status"] == "partial"
    assert receipt["rows"]["rejected"] == 3
    assert sum(receipt["refused_reasons"].values()) == 3
    assert receipt["accepted"] + receipt["refused"] == receipt["sent"]
    if receipt["rejects"]:
        with Path(receipt["rejects"]).open() as file:
            assert len(list(csv.DictReader(file))) == 3
        world.delivery(world.prepare(range(PEOPLE))).run()
        assert len(world.members()) >= PEOPLE


def test_a_job_that_fails_leaves_nobody_in_the_ledger(world):
    if "async_failed" not in world.stand_in.scenarios or world.slug == "pinterest":
        pytest.skip("the platform cannot say so")
    world.stand_in.misbehave("async_failed", times=0)
    outcome = world.delivery(world.prepare(range(PEOPLE))).run()
    assert outcome.status == "failed"
    world.stand_in.troubles.clear()
    assert world.delivery(world.prepare(range(PEOPLE))).run().receipt["sent"] == PEOPLE
    assert len(world.members()) >= PEOPLE


def test_a_job_that_never_ends_asks_for_a_person(world):
    if "async_stuck" not in world.stand_in.scenarios:
        pytest.skip("the platform has no jobs")
    world.stand_in.misbehave("async_stuck", times=0)
    delivery = world.delivery(world.prepare(range(PEOPLE)))
    delivery.uploader = dataclasses.replace(delivery.uploader, poll_hours=0.01)
    with pytest.raises(SetupError, match="does not end"):
        delivery.run()


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
