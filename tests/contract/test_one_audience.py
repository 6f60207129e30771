"""Nobody lands in the audience of another name, on any platform."""

import json

import pytest
from audiences.errors import SetupError


def test_the_audience_of_another_name_is_left_alone(world):
    world.deliver(range(5), "add")
    path = world.folder / "home/audience.json"
    known = json.loads(path.read_text())
    assert known["name"] == "Lovers"
    path.write_text(json.dumps({**known, "name": "Haters"}))
    with pytest.raises(SetupError, match="'Haters'"):
        world.deliver(range(10), "add")
    assert world.holds(range(5))


def test_what_a_former_version_kept_gets_its_name(world):
    world.deliver(range(5), "add")
    path = world.folder / "home/audience.json"
    known = json.loads(path.read_text())
    path.write_text(json.dumps({"id": known["id"], "account": known["account"]}))
    world.deliver(range(10), "add")
    assert json.loads(path.read_text()) == known
    assert world.holds(range(10))
