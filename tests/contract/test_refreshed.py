"""People who stay in an audience are sent again before the platform forgets them, some in each run."""

import gzip
import json

import pytest
from audiences.preparation.ledger import split_day, write_ledger

from tests.contract.scenarios import each
from tests.contract.world import PEOPLE, World

DAY = 86_400
CLASSES = ("sent", "rejected", "unchanged", "suppressed")


def ledger_lines(world):
    return gzip.decompress((world.folder / "home/ledger.tsv.gz").read_bytes()).decode().splitlines()


def undated(world):
    """Leave the ledger as it was before days were noted."""
    home = world.folder / "home"
    lines = [split_day(line)[0] for line in ledger_lines(world)]
    with write_ledger(home / "ledger.tsv.gz") as writer:
        for line in lines:
            writer.write(line)
    for path in (home / "ledger.metadata.json", home / "ledger-note.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "sha256": writer.digest.hexdigest()}))


def later(world, days, **options):
    """Deliver the same people some days later; return the receipt, which must be right."""
    world.now += days * DAY
    receipt = world.deliver(range(PEOPLE), **options)
    assert receipt["received"] == sum(receipt[name] for name in CLASSES) == PEOPLE
    assert receipt["sent"] == receipt["accepted"] == receipt["refreshed"]
    assert world.holds(range(PEOPLE))
    return receipt


@each("refreshed")
@pytest.mark.parametrize("mode", ["add", "mirror"])
def test_who_stays_is_sent_again_in_time_and_not_everybody_at_once(world, mode):
    days = world.shape.memory.days
    assert world.deliver(range(PEOPLE), mode)["refreshed"] == 0
    sent = [later(world, days // 24, mode=mode)["refreshed"] for _ in range(48)]
    assert 2 * PEOPLE <= sum(sent) <= 3 * PEOPLE
    assert max(sent) < PEOPLE
    assert len(ledger_lines(world)) == PEOPLE


@each("refreshed")
def test_a_ledger_of_before_days_were_noted_is_sent_again_within_a_month(world):
    world.deliver(range(PEOPLE))
    undated(world)
    sent = [later(world, 7)["refreshed"] for _ in range(5)]
    assert sum(sent) == PEOPLE
    assert max(sent) < PEOPLE
    assert all(split_day(line)[1].startswith("@") for line in ledger_lines(world))


@each("refreshed")
def test_who_comes_back_after_the_platform_forgot_is_sent_again(world):
    world.deliver(range(PEOPLE), "add")
    world.now += (world.shape.memory.days + 1) * DAY
    assert world.members() == []
    receipt = world.deliver(range(PEOPLE), "add")
    assert (receipt["sent"], receipt["refreshed"], receipt["unchanged"]) == (PEOPLE, PEOPLE, 0)
    assert world.holds(range(PEOPLE))


@pytest.mark.parametrize(
    ("slug", "setting"),
    [
        ("google", {"membership_days": "30"}),
        ("tiktok", {"retention_in_days": "30"}),
        ("amazon", {"ttl_seconds": str(30 * DAY)}),
        ("snap", {"retention_days": "30"}),
        ("microsoft", {"membership_days": "30"}),
    ],
)
def test_a_setting_of_the_destination_shortens_it(tmp_path, slug, setting):
    world = World(slug, tmp_path)
    world.destination = setting
    world.deliver(range(PEOPLE))
    assert sum(later(world, 5)["refreshed"] for _ in range(8)) >= PEOPLE


def test_a_setting_in_the_secret_is_told_because_preparation_does_not_see_it(tmp_path):
    world = World("tiktok", tmp_path)
    world.secret.save({"retention_in_days": "30"})
    said = "retention_in_days is in the secret"
    assert [one for one in world.deliver(range(PEOPLE))["platform_says"]["warnings"] if one.startswith(said)]
    world.destination = {"retention_in_days": "30"}
    told = world.deliver(range(PEOPLE))["platform_says"].get("warnings", [])
    assert not [one for one in told if one.startswith(said)]


def test_where_nobody_is_forgotten_the_ledger_has_no_days(tmp_path):
    world = World("meta", tmp_path)
    world.deliver(range(PEOPLE))
    assert not any(split_day(line)[1] for line in ledger_lines(world))
    assert later(world, 1000)["sent"] == 0
