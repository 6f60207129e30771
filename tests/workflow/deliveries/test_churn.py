"""A segment reaches ten platforms; after a little churn only the changes are sent."""

import json

import pytest

from . import people
from .conftest import FIRST, JOINED, LEFT, LOVERS, WANTED
from .places import BY_FILE, BY_FLOW
from .world import UPLOADERS

NOT_SENT = {"consent_denied": 1, "nothing_to_send": 1}
BY_API = sorted(set(UPLOADERS) - {BY_FILE, BY_FLOW})


def by_platform(run):
    found = {one["platform"]: one for one in run.report["deliveries"]}
    assert len(found) == len(run.report["deliveries"])
    return found


def adds_up(delivery):
    told = sum(delivery[name] for name in ("sent", "rejected", "unchanged", "suppressed"))
    return delivery["received"] == told and delivery["sent"] == delivery["accepted"] + delivery["refused"]


def test_the_first_run_delivers_to_ten_platforms_and_the_counts_add_up(first):
    assert first.report["status"] == "succeeded"
    found = by_platform(first)
    assert set(found) == set(UPLOADERS)
    for one in found.values():
        assert one["status"] == "succeeded"
        assert (one["received"], one["sent"], one["accepted"]) == (len(FIRST), 100, 100)
        assert (one["reject_reasons"], one["suppressed"], one["unchanged"]) == (NOT_SENT, 1, 0)
        assert adds_up(one)
    assert "10 audiences delivered" in first.mail["subject"]


@pytest.mark.parametrize("platform", BY_API)
def test_no_platform_hears_of_people_who_may_not_be_sent(world, second, platform):
    forbidden = {people.OPTED_OUT, people.REFUSED, people.NO_ADDRESS}
    assert not world.wire(platform).told_of() & forbidden


@pytest.mark.parametrize("platform", sorted(UPLOADERS))
def test_after_the_second_run_the_platform_has_the_new_list(world, second, platform):
    world.check(platform, LOVERS, WANTED)


@pytest.mark.parametrize("platform", BY_API)
def test_with_five_percent_churn_only_the_changes_go_over_the_wire(second, platform):
    assert second.told_of[platform] == {*LEFT, *JOINED}


@pytest.mark.parametrize("platform", sorted({*UPLOADERS} - {BY_FILE}))
def test_those_who_stay_are_counted_as_unchanged(world, second, platform):
    one = by_platform(second)[platform]
    assert (one["status"], one["sent"], one["accepted"], one["unchanged"]) == ("succeeded", 5, 5, 95)
    assert adds_up(one)
    receipt = json.loads(world.relay.read(one["receipt"]))
    assert receipt["removals"] == {"sent": 5, "accepted": 5}
    assert receipt["rows"] == {"sent": 5, "accepted": 5, "rejected": 0}
    assert receipt["audience_size"] == len(WANTED)


def test_a_platform_that_takes_whole_files_gets_the_whole_list_again(world, second):
    """LiveRamp replaces an audience by each file, so a file of changes alone would empty it."""
    files = world.places.files(LOVERS)
    assert len(files) == 2
    assert people.told_of(files[1].read_bytes()) == set(WANTED)
    one = by_platform(second)[BY_FILE]
    assert (one["status"], one["sent"], one["accepted"], one["unchanged"]) == ("succeeded", 100, 100, 0)
    assert adds_up(one)
