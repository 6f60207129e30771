"""How a person's data may be used goes along with the person, and a platform without a place for it says so."""

import json

import pytest
from audiences.activations.validate import check_activation
from audiences.errors import SetupError
from audiences.preparation.ledger import LineFormat, parts_of

SEGMENT = "user_id\n1\n2\n3\n"
CUSTOMERS = "user_id,email,limited_data_use\n1,a@example.com,yes\n2,b@example.com,no\n3,c@example.com,\n"


def _part(made, operation="add"):
    (path,) = made.folder.glob(f"part-{operation}*")
    return json.loads(path.read_text())


def _uses(made):
    part = _part(made)
    at = part["schema"].index("DATA_PROCESSING_OPTIONS")
    return sorted(row[at] for row in part["data"])


def test_meta_is_told_person_by_person(run):
    assert _uses(run(SEGMENT, CUSTOMERS)) == [[], [], ["LDU"]]


def test_a_narrow_list_of_identifiers_does_not_lose_it(run):
    assert _uses(run(SEGMENT, CUSTOMERS, identifiers=("email",))) == [[], [], ["LDU"]]


@pytest.mark.parametrize(
    ("cell", "limited"),
    [
        ("LDU", True), ("1", True), ("maybe", True), ("['LDU']", True), ("x", True),
        ("[]", False), ("0", False), ("No", False), ("non-ldu", False), (" ", False), ("None", False),
    ],
)  # fmt: skip
def test_a_doubt_protects_the_person(run, cell, limited):
    made = run("user_id\n1\n", f"user_id,email,data_processing_options\n1,a@example.com,{cell}\n")
    assert _uses(made) == [["LDU"] if limited else []]


def test_everybody_is_limited_when_the_activation_says_so(run):
    said = {"limited_data_use": "everyone", "limited_data_use_country": "1", "limited_data_use_state": "1000"}
    part = _part(run(SEGMENT, CUSTOMERS, destination=said))
    assert {tuple(map(str, row[-3:])) for row in part["data"]} == {("['LDU']", "1", "1000")}
    with pytest.raises(SetupError, match="everyone"):
        run(SEGMENT, CUSTOMERS, destination={"limited_data_use": "all"})


def test_where_people_are_is_told_as_numbers_and_a_wrong_code_is_left_to_meta(run):
    rows = "user_id,email,limited_data_use,limited_data_use_country,limited_data_use_state\n"
    rows += "1,a@example.com,yes,1,1000\n2,b@example.com,yes,US,California\n3,c@example.com,,,\n"
    made = run(SEGMENT, rows)
    assert sorted(row[-2:] for row in _part(made)["data"]) == [[0, 0], [0, 0], [1, 1000]]
    assert made.manifest()["refused_values"]["limited_data_use_state"] == {"id_malformed": 1}


def test_who_changes_their_mind_is_sent_again_and_not_taken_out(run):
    first = run(SEGMENT, CUSTOMERS, mode="mirror")
    now = CUSTOMERS.replace("b@example.com,no", "b@example.com,yes")
    second = run(SEGMENT, now, mode="mirror", ledger=first.ledger())
    assert (second.counts.sent, second.counts.unchanged) == (1, 2)
    assert second.manifest()["removals"]["rows"] == 0
    back = run(SEGMENT, CUSTOMERS, mode="mirror", ledger=second.ledger())
    assert (back.counts.sent, _uses(back)) == (1, [[]])


def test_who_leaves_is_taken_out_by_identifiers_alone(run):
    first = run(SEGMENT, CUSTOMERS, mode="mirror")
    second = run("user_id\n2\n3\n", CUSTOMERS, mode="mirror", ledger=first.ledger(), fuse=0)
    assert _part(second, "remove")["schema"] == ["EMAIL"]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("second", ["1,a@example.com", "9,A@Example.com", "1,"])
def test_the_limit_of_any_row_of_a_person_counts(run, order, second):
    """Several rows of one user id, and two accounts with one address."""
    rows = ["1,a@example.com,no\n", f"{second},yes\n"][::order]
    if second == "1," and order == -1:
        rows = rows[::-1]  # a first row without an address is nobody
    made = run("user_id\n1\n9\n", "user_id,email,limited_data_use\n" + "".join(rows))
    assert _uses(made) == [["LDU"]]


def test_a_ledger_line_notes_it_apart_from_identifiers():
    lines = LineFormat({}, ("email",), ("email", "limited_data_use"), ("limited_data_use",))
    line = lines.line("k", "abc\tLDU")
    assert line == "k\temail=abc\t!limited_data_use=LDU"
    assert parts_of(line) == ["email=abc"]


@pytest.mark.parametrize(
    "slug", ["snap", "google", "klaviyo", "tiktok", "linkedin", "microsoft", "pinterest"]
)
def test_a_platform_without_a_place_for_it_says_so(run, slug):
    warnings = run(SEGMENT, CUSTOMERS, platform=slug).manifest()["warnings"]
    assert any("limited_data_use was not sent" in warning for warning in warnings)
    assert not any("limited_data_use was" in one for one in run(SEGMENT, CUSTOMERS).manifest()["warnings"])


def test_amazon_gets_the_strings_of_consent_platforms_in_place_of_its_own_signal(run):
    customers = (
        "user_id,email,country,consent_ads,tcf_string,gpp_string\n"
        "1,a@example.com,DE,yes,CPtcfA.YAAA,DBABMA~1\n2,b@example.com,DE,yes,,DBABMA~1\n3,c@example.com,DE,yes,,\n"
    )
    made = run(SEGMENT, customers, platform="amazon")
    told = {json.dumps(row["userConsent"]["consent"]) for row in _part(made)}
    assert told == {
        '{"tcf": "CPtcfA.YAAA"}', '{"gpp": "DBABMA~1"}', '{"amzn": {"amznUserData": "GRANTED"}}',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"privacy": {"meta": {"limited_data_use": "all"}}}, "must be one of everyone"),
        ({"privacy": {"meta": {"limited_data_usage": "everyone"}}}, "does not take it"),
        ({"privacy": {"meta": {"customer_consent": "true"}}}, "must be one of yes"),
        ({"privacy": {"snap": {"limited_data_use": "everyone"}}}, "takes no such setting"),
        ({"privacy": {"google": {"x": "y"}}}, "not one of the platforms"),
        ({"privacy": {"meta": {"customer_consent": True}}}, "must be a string"),
        ({"destinations": {"meta": {"limited_data_use": "everyone"}}}, "belongs under privacy"),
    ],
)
def test_validate_refuses_what_no_platform_would_be_told(settings, said):
    value = {"segments": ["A"], "platforms": ["meta", "snap"], "audience": "A", **settings}
    activation, problems = check_activation(json.dumps(value).encode(), "a.json", "a")
    assert activation is None
    assert said in str(problems[0])


def test_what_an_activation_says_reaches_preparation_and_delivery():
    said = {"limited_data_use": "everyone", "customer_consent": "yes"}
    value = {
        "segments": ["A"], "platforms": ["meta"], "audience": "A",
        "destinations": {"meta": {"ad_account": "7"}}, "privacy": {"meta": said},
    }  # fmt: skip
    activation, problems = check_activation(json.dumps(value).encode(), "a.json", "a")
    assert problems == []
    assert activation.request("meta").destination == {"ad_account": "7", **said}
