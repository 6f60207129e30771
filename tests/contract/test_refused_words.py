"""Facts that a real account would refuse: what the person is told."""

import json

import pytest
from audiences.delivery import find_uploader
from audiences.delivery.client import Answer
from audiences.errors import SetupError

from tests.contract.world import World


@pytest.mark.parametrize(
    ("code", "subcode", "told"),
    [
        (200, 1870034, "terms of Custom Audiences"),
        (2655, 0, "terms of Custom Audiences"),
        (200, 1870047, "too few would be left"),
        (2650, 0, "another data source"),
    ],
)
def test_meta_says_what_a_person_must_do_in_its_own_words_too(tmp_path, code, subcode, told):
    world = World("meta", tmp_path)
    client = find_uploader("meta").make(world.http, world.secret, {})
    error = {
        "code": code,
        "error_subcode": subcode,
        "message": "(#1)",
        "error_user_msg": "Ask x@example.com.",
    }
    problem = client.problem(Answer(400, {}, json.dumps({"error": error}).encode()))
    assert isinstance(problem, SetupError)
    assert told in problem.what
    assert "Ask" in problem.why
    assert "x@example.com" not in problem.why


def test_linkedin_needs_the_word_that_it_gave_the_developer(tmp_path):
    world = World("linkedin", tmp_path)
    del world.secret.values["source_platform"]
    client = find_uploader("linkedin").make(world.http, world.secret, {})
    with pytest.raises(SetupError, match="source_platform"):
        client.create_audience("Lovers")


def test_linkedin_is_told_that_word(tmp_path):
    world = World("linkedin", tmp_path)
    find_uploader("linkedin").make(world.http, world.secret, {}).create_audience("Lovers")
    assert b'"sourcePlatform":"LOCAL_DEVELOPER"' in world.http.sent[-1].body
