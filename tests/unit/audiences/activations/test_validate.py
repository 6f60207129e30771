"""Everything wrong with an activation is told at once, with its line; the schema file is the rule."""

import json
from pathlib import Path

import pytest
from audiences.activations.schema import check, load_schema
from audiences.activations.validate import check_activation, check_together
from audiences.delivery.uploader import uploaders
from audiences.platforms import discover

GOOD = {"segments": ["ITEMS*"], "platforms": ["meta"], "audience": "Action lovers"}
DATA = Path(__file__).parents[4] / "data" / "audience" / "activations"


def problems(value, text=None):
    content = (text or json.dumps(value, indent=1)).encode()
    return [str(problem) for problem in check_activation(content, "a.json", "a")[1]]


@pytest.mark.parametrize("file", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_the_sample_activations_are_right(file):
    assert problems(None, file.read_text()) == []


def test_the_smallest_activation_and_the_defaults_of_its_request():
    activation, found = check_activation(
        json.dumps({**GOOD, "platforms": ["google"]}).encode(), "a.json", "a"
    )
    assert found == []
    request = activation.request("google", "run-1")
    assert (request.mode, request.minimum, request.fuse, request.activation) == ("add", 100, 0.5, "a")
    assert request.consent.required_in == ("EEA", "UK")
    assert activation.request("google").key == "Action-lovers"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"segments": []}, "a.json:2:2: segments: must not be empty"),
        ({"segments": ["a b"]}, "segments[0]: must match"),
        ({"segments": "x"}, "segments: must be a list"),
        ({"platforms": ["nowhere"]}, "platforms[0]: There is no platform 'nowhere'"),
        ({"platforms": ["meta", "meta"]}, "platforms: names something twice"),
        ({"audience": ""}, "audience: must not be empty"),
        ({"audience": " \u3000"}, "audience: must not be blank"),
        ({"audience": "Action\nlovers"}, "audience: has U+000A (a control character) as character 7"),
        ({"audience": "Action\u202e lovers"}, "audience: has U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ({"audience": "Action\u200blovers"}, "audience: has U+200B (ZERO WIDTH SPACE)"),
        ({"segments": ["ITEMS\n"]}, "segments[0]: must match"),
        ({"country": "US\n"}, "country: must match"),
        ({"mode": "mirrror"}, "mode: must be one of add, remove, mirror"),
        ({"mode": "remove", "platforms": ["liveramp"]}, "mode: LiveRamp takes whole audiences"),
        ({"identifiers": ["email", "ssn"]}, "identifiers[1]: Meta Custom Audiences does not take it"),
        ({"identifiers": ["zip"]}, "identifiers: Meta Custom Audiences needs one of"),
        ({"identifiers": ["email", "zip"], "platforms": ["google"]}, "only together with"),
        ({"country": "ZZ"}, "country: is no country"),
        ({"country": "us"}, "country: must match"),
        ({"fuse": 2}, "fuse: must be at most 1"),
        ({"minimum": -1}, "minimum: must be at least 0"),
        ({"minimum": True}, "minimum: must be a whole number"),
        ({"consent": {"purpose": ["ads"]}}, "consent.purpose: is not a known key"),
        ({"consent": {"required_in": ["Europe"]}}, "consent.required_in[0]: is no region"),
        ({"destinations": {"google": {"account": "1"}}}, "destinations.google: is not one of the platforms"),
        ({"destinations": {"meta": {"account": 1}}}, "destinations.meta.account: must be a string"),
        (
            {"platforms": ["tiktok"], "destinations": {"tiktok": {"retention_in_days": "a year"}}},
            "destinations.tiktok.retention_in_days: is no number",
        ),
        (
            {"destinations": {"meta": {"ad_acount": "1"}}},
            "destinations.meta.ad_acount: Meta Custom Audiences does not",
        ),
        ({"destinations": {"meta": {"access_token": "1"}}}, "does not take it; it takes ad_account"),
        ({"platforms": ["klaviyo"], "destinations": {"klaviyo": {"list": "1"}}}, "it takes no settings"),
        ({"identifers": ["email"]}, "identifers: is not a known key; known are"),
    ],
)
def test_each_mistake_is_named(change, told):
    found = problems({**GOOD, **change})
    assert any(told in problem for problem in found), found


def test_all_mistakes_at_once_with_their_lines():
    found = problems(None, '{\n "platforms": ["x"],\n "mode": 7,\n "mode": 8\n}')
    assert [problem.split(": ")[0] for problem in found] == [
        "a.json:1:1",
        "a.json:1:1",
        "a.json:4:2",
        "a.json:4:2",
    ]


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "7", ""])
def test_what_is_no_activation_at_all(text):
    assert problems(None, text or " ")


def test_not_utf8():
    assert check_activation(b"\xff", "a.json", "a")[1][0].message == "is not UTF-8"


def load(name, **change):
    return f"{name}.json", check_activation(json.dumps({**GOOD, **change}).encode(), name, name)[0]


def test_two_files_cannot_pull_one_audience_two_ways():
    found = check_together([load("a"), load("b", mode="mirror"), load("c", platforms=["google"])])
    assert [problem.file for problem in found] == ["b.json"]
    assert check_together([load("a"), load("b", mode="remove")]) == []
    assert check_together([load("a"), load("b", mode="mirror", enabled=False)]) == []
    assert check_together([load("a"), load("b", audience="Action-lovers")]) == []


def test_two_files_cannot_feed_one_audience_in_two_accounts():
    (problem,) = check_together(
        [load(name, destinations={"meta": {"ad_account": name}}) for name in ("a", "b")] + [load("c")]
    )
    assert (problem.file, problem.path) == ("b.json", "audience")
    assert "goes to another ad_account than in a.json" in problem.message


@pytest.mark.parametrize("name", ["action lovers", "Action  lovers", "Action lovers ", "\uff21ction lovers"])
def test_names_that_a_platform_may_take_for_one_are_refused_side_by_side(name):
    (problem,) = check_together([load("a"), load("b", audience=name)])
    assert (problem.file, problem.path) == ("b.json", "audience")
    assert "is 'Action lovers' of a.json but for capitals" in problem.message
    assert check_together([load("a"), load("b", audience=name, platforms=["google"])]) == []


def test_patterns():
    _, activation = load("a", segments=["ITEMS*Action", "personalize/RFM?"])
    assert activation.matches("personalize", "ITEMSgenresAction")
    assert activation.matches("personalize", "RFM1")
    assert not activation.matches("sagemaker", "RFM1")
    assert not activation.matches("personalize", "itemsAction")
    assert not load("a", segments=["*"], enabled=False)[1].matches("x", "y")


def test_the_schema_uses_only_words_that_are_checked():
    checked = {
        "type",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "uniqueItems",
    }
    checked |= {"properties", "required", "additionalProperties", "items"}
    told = {"$schema", "title", "description", "default"}

    def words(schema):
        yield from schema
        for child in schema.get("properties", {}).values():
            yield from words(child)
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                yield from words(schema[key])

    assert set(words(load_schema())) <= checked | told


def test_every_platform_with_an_uploader_can_be_activated():
    assert list(check(load_schema(), {**GOOD, "platforms": list(discover())})) == []
    assert problems({**GOOD, "platforms": list(uploaders())}) == []


def test_a_platform_that_nothing_delivers_to_is_refused_with_what_can_be_done():
    (problem,) = problems({**GOOD, "platforms": ["meta", "reddit"]})
    assert problem.startswith("a.json:7:3: platforms[1]: nothing delivers to Reddit Ads yet.")
    assert problem.endswith("audiences prepare --platform reddit")
