"""What a person would regret is refused: told in report and mail, and nobody is taken out."""

import pytest

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
