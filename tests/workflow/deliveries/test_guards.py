"""What a person would regret is refused: told in report and mail, and nobody is taken out."""

import pytest

from . import people
from .conftest import LOVERS, WANTED
from .world import UPLOADERS


@pytest.fixture(scope="module")
def emptied(world, second):
    return refused(world, [])


@pytest.fixture(scope="module")
def shrunk(world, second):
    return refused(world, WANTED[:49])


def refused(world, members):
    return world.run(world.upload(LOVERS, members))


@pytest.mark.parametrize("what", ["emptied", "shrunk"])
def test_every_platforms_guard_refuses(what, request):
    run = request.getfixturevalue(what)
    assert run.report["status"] == "failed"
    assert run.report["deliveries"] == []
    found = {one["name"].partition("/")[0]: one for one in run.report["failures"]}
    assert set(found) == set(UPLOADERS)
    for one in found.values():
        assert (one["stage"], one["error"]) == ("audience-preparation", "DataError")
        for words in (f"would shrink from {len(WANTED)} to", "lets at least 50% stay", "lower `fuse`"):
            assert words in one["what"] + one["why"] + one["fix"]
        assert one["what"] in run.mail["body"]
    assert "failed" in run.mail["subject"]


@pytest.mark.parametrize("platform", sorted(UPLOADERS))
def test_nobody_is_taken_out(world, emptied, shrunk, platform):
    world.check(platform, LOVERS, WANTED)


@pytest.fixture(scope="module")
def opted_out(world, emptied, shrunk):
    """Somebody opts out on the day on which the segment is torn; then the ledgers are lost and all is well again."""
    listed = f"{people.suppressions()}u{WANTED[-1]}\n"
    world.relay.put("AudienceBucketName", "suppressions/optouts.csv", listed)
    yield refused(world, WANTED[:49])
    world.relay.put("AudienceBucketName", "suppressions/optouts.csv", people.suppressions())


def test_who_opts_out_leaves_every_platform_on_the_day_of_a_torn_segment_too(world, opted_out):
    assert opted_out.report["status"] == "partial"
    delivered = {one["platform"]: one for one in opted_out.report["deliveries"]}
    assert set(delivered) == set(UPLOADERS)
    for platform, one in delivered.items():
        told = sum(one[name] for name in ("sent", "rejected", "unchanged", "suppressed"))
        assert (one["status"], one["received"], told) == ("succeeded", 49, 49)
        world.check(platform, LOVERS, WANTED[:-1])
    for one in opted_out.report["failures"]:
        assert "only 1 person who opted out or withdrew consent is taken out" in one["why"]
        assert one["what"] in opted_out.mail["body"]


def test_a_lost_ledger_is_told_and_costs_nobody(world, opted_out):
    bucket = world.relay.outputs["AudienceBucketName"]
    for key in world.relay.keys("ledger/"):
        if key.endswith(f"/{LOVERS.replace(' ', '-')}.tsv.gz"):
            world.relay.client("s3").delete_object(Bucket=bucket, Key=key)
    run = world.run(world.upload(LOVERS, WANTED[1:]))
    assert not run.report["failures"]
    assert run.mail["body"].count("so the copy ") == len(UPLOADERS)
    for platform in UPLOADERS:
        world.check(platform, LOVERS, WANTED[1:-1])
