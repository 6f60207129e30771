"""Nobody lands in the audience of another name, on any platform."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from audiences import platforms
from audiences.delivery import uploaders
from audiences.errors import SetupError
from audiences.preparation.shape import find_shape

PLATFORMS = Path(platforms.__file__).parent


def planned(folder, minute):
    manifest = folder / "manifest.json"
    at = f"2026-11-21T11:{minute:02d}:00.000+00:00"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "planned_at": at}))
    return folder


def test_the_audience_of_another_name_is_left_alone(world):
    world.deliver(range(5), "add")
    path = world.folder / "home/audience.json"
    known = json.loads(path.read_text())
    assert known["name"] == "Lovers"
    path.write_text(json.dumps({**known, "name": "Haters"}))
    with pytest.raises(SetupError, match="'Haters'"):
        world.deliver(range(10), "add")
    assert world.holds(range(5))


def test_a_mirror_that_was_planned_first_and_is_ready_last_does_not_bring_the_old_list_back(world):
    older, newer = planned(world.prepare(range(10)), 0), planned(world.prepare(range(5, 20)), 5)
    assert world.delivery(newer).run().status == "succeeded"
    late = world.delivery(older)
    late.prepared = dataclasses.replace(late.prepared, prepared_at="2026-11-21T13:00:00.000+00:00")
    assert late.run().status == "skipped"
    assert world.holds(range(5, 20))


def test_an_older_mirror_does_not_overtake_a_newer_one_that_broke_off(world):
    world.deliver(range(5))
    older, newer = planned(world.prepare(range(8)), 0), planned(world.prepare(range(4, 20)), 5)
    broken = world.delivery(newer)
    broken.plan()  # it has begun
    late = world.delivery(older).run()
    assert (late.status, late.receipt["superseded_by"]) == ("skipped", newer.name)
    assert world.delivery(newer).run().status == "succeeded"
    assert world.holds(range(4, 20))


def test_what_a_former_version_kept_gets_its_name(world):
    world.deliver(range(5), "add")
    path = world.folder / "home/audience.json"
    known = json.loads(path.read_text())
    path.write_text(json.dumps({"id": known["id"], "account": known["account"]}))
    world.deliver(range(10), "add")
    assert json.loads(path.read_text()) == known
    assert world.holds(range(10))


READ = re.compile(r"""(?:\b(?:setting|whole_number)\(\s*|destination\.get\(\s*|destination\[)["'](\w+)["']""")


@pytest.mark.parametrize("slug", sorted(uploaders()))
def test_an_activation_may_say_what_the_platform_reads_and_nothing_else(slug):
    """A misspelt account would be no account: people would go to the secret's."""
    uploader, folder = uploaders()[slug], PLATFORMS / slug
    if uploader.pattern == "managed":
        folder = PLATFORMS.parent / "uploads"
    read = {name for path in folder.glob("*.py") for name in READ.findall(path.read_text(encoding="utf-8"))}
    settings = set(uploader.settings)
    assert settings <= read
    if uploader.pattern != "managed":
        assert read - settings == set(find_shape(slug).privacy) & read
    memory = find_shape(slug).memory
    assert {uploader.account, memory.setting if memory else ""} <= {*settings, ""}
    page = (PLATFORMS.parents[2] / "docs/reference/activations.md").read_text(encoding="utf-8")
    if settings:
        assert f"| `{slug}` | {', '.join(f'`{name}`' for name in uploader.settings)} |" in page
