"""The configuration grammar: existing ones work, and all that is wrong is told at once."""

import json

import pytest
from audiences.errors import DataError
from audiences.training.config import check_config, read_config

from .conftest import encoded


def problems_of(config):
    return check_config(encoded(config), "config.json")[1]


def messages(config):
    return [f"{problem.path}: {problem.message}" for problem in problems_of(config)]


def solution(config):
    return config["solutions"][0]


def test_a_good_configuration_has_no_problems_even_with_a_byte_order_mark(config):
    good = read_config(b"\xef\xbb\xbf" + encoded(config), "config.json")
    assert good.group == "shop"
    assert list(good.datasets) == ["interactions", "items", "users"]
    assert good.not_run == []


def test_a_syntax_error_names_line_and_column():
    config, problems = check_config(b'{\n  "datasetGroup": {,\n}', "config.json")
    assert config is None
    assert str(problems[0]).startswith("config.json:2:20: is not JSON")


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"[]", b'"text"', b"{}", b"[" * 100_000])
def test_what_is_no_configuration_is_refused(content):
    config, problems = check_config(content, "config.json")
    assert config is None
    assert problems


def test_all_problems_come_at_once_sorted_by_line(config):
    config["datasetGroup"]["serviceConfig"]["name"] = "not a name"
    config["datasets"]["items"]["datset"] = {}
    solution(config)["batchSegmentJobs"][0]["serviceConfig"]["numResults"] = "many"
    solution(config)["workflowConfig"] = {"schedules": {"full": "daily"}}
    found = problems_of(config)
    lines = encoded(config).decode().splitlines()
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    for problem, text in zip(found, ['"name"', '"datset"', '"numResults"', '"full"'], strict=True):
        assert text in lines[problem.line - 1]


def test_an_error_counts_its_problems_and_says_what_to_do(config):
    config["unknown"] = 1
    with pytest.raises(DataError) as caught:
        read_config(encoded(config), "train/shop/config.json")
    assert "1 problem:" in str(caught.value)
    assert "unknown: is not a known key" in caught.value.why
    assert "audiences validate" in caught.value.fix


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("datasetGroup", "serviceConfig", "name"), "x" * 64, "at most 63 characters"),
        (("datasetGroup", "serviceConfig", "name"), "", "at least 1 characters"),
        (("datasetGroup", "serviceConfig", "domain"), "MUSIC", "must be one of ECOMMERCE, VIDEO_ON_DEMAND"),
        (("datasetGroup", "serviceConfig", "nam"), "x", "is not a known key"),
        (("datasets", "serviceConfig"), {"importMode": "HALF"}, "must be one of FULL, INCREMENTAL"),
        (("tags",), [{"tagKey": "k"}], "tagValue: is required and missing"),
        (("tags",), [{"tagKey": "k!", "tagValue": "v"}], "must match"),
        (("filters",), [{"serviceConfig": {"name": "f"}}], "filterExpression: is required and missing"),
        (("eventTracker",), {"serviceConfig": {}}, "name: is required and missing"),
        (("recommenders",), [{"serviceConfig": {"name": "r"}}], "recipeArn: is required and missing"),
        (("solutions", 0, "campaigns"), [{"serviceConfig": {"minProvisionedTPS": 0}}], "must be at least 1"),
        (("solutions", 0, "batchInferenceJobs"), [{}], "serviceConfig: is required and missing"),
        (("solutions", 0, "serviceConfig", "performAutoTraining"), "no", "must be true or false"),
        (("solutions", 0, "serviceConfig", "name"), "x" * 38, "is 1 characters too long"),
        (("solutions", 0, "batchSegmentJobs", 0, "serviceConfig", "numResults"), 5_000_001, "between 1 and"),
        (("solutions", 0, "batchSegmentJobs", 0, "queries"), [], "at least one query"),
        (("solutions", 0, "batchSegmentJobs", 0, "queries"), [{"itemId": "1"}], "has no itemAttributes"),
        (("solutions", 0, "batchSegmentJobs", 0, "workflowConfig"), {"schedule": "cron(x)"}, "6: minutes"),
        (("solutions", 0, "workflowConfig"), {"schedules": {"update": "cron(0 3 * * ? *)"}}, "in full only"),
        (
            ("solutions", 0, "serviceConfig", "solutionVersion"),
            {"trainingMode": "AUTOTRAIN"},
            "use FULL or UPDATE",
        ),
        (("datasets", "items", "schema", "serviceConfig", "schema", "type"), "map", 'must be "record"'),
        (
            ("datasets", "items", "schema", "serviceConfig", "domain"),
            "ECOMMERCE",
            "domain of the dataset group",
        ),
        (("datasets", "items", "dataset", "serviceConfig", "name"), "shop_users", "names must differ"),
    ],
)
def test_each_kind_of_mistake_is_found(config, path, value, expected):
    place = config
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert any(expected in message for message in messages(config)), messages(config)


def test_interactions_are_mandatory_with_datasets_and_not_without(config):
    del config["datasets"]["interactions"]
    assert any("needs interactions" in message for message in messages(config))
    del config["datasets"]
    assert messages(config) == []


def test_attribute_affinity_needs_an_attribute_that_is_not_free_text(config):
    fields = config["datasets"]["items"]["schema"]["serviceConfig"]["schema"]["fields"]
    fields[1]["textual"] = True
    assert any("not free text" in message for message in messages(config))
    del config["datasets"]["items"]
    assert any("needs an items dataset" in message for message in messages(config))


def test_segment_jobs_need_a_segmentation_recipe(config):
    solution(config)["serviceConfig"]["recipeArn"] = "arn:aws:personalize:::recipe/aws-sims"
    assert any("batchSegmentJobs: needs a solution with recipe" in message for message in messages(config))


def test_solutions_with_one_name_are_refused_at_both_places(config):
    config["solutions"].append(json.loads(json.dumps(solution(config))))
    assert len([message for message in messages(config) if "names must differ" in message]) == 2


def test_a_key_given_twice_is_refused(config):
    content = encoded(config).replace(b'"datasetGroup"', b'"tags": [], "tags": [], "datasetGroup"', 1)
    assert any("twice" in problem.message for problem in check_config(content, "c")[1])


def test_options_that_the_predecessor_refused_are_accepted(config):
    """M2: performAutoTraining, trainingDataConfig, eventsConfig; M8: incremental import."""
    solution(config)["serviceConfig"] |= {
        "performAutoTraining": False,
        "solutionConfig": {
            "trainingDataConfig": {"excludedDatasetColumns": {"Items": ["TITLE"]}},
            "eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 1.0}]},
        },
    }
    config["datasets"]["serviceConfig"] = {"importMode": "INCREMENTAL"}
    assert messages(config) == []
    solution(config)["serviceConfig"]["solutionConfig"]["eventsConfig"]["eventParametersList"][0][
        "weight"
    ] = 1.5
    assert any("weight: must be at most 1" in message for message in messages(config))


def test_parts_that_are_not_run_are_said_and_not_dropped_in_silence(config):
    config["eventTracker"] = {"serviceConfig": {"name": "tracker"}}
    solution(config)["campaigns"] = [{"serviceConfig": {"name": "campaign", "minProvisionedTPS": 1}}]
    solution(config)["batchInferenceJobs"] = [{"serviceConfig": {}}]
    solution(config)["workflowConfig"] = {"schedules": {"full": "cron(0 3 * * ? *)"}, "maxAge": "1 day"}
    said = "\n".join(read_config(encoded(config), "c").not_run)
    for part in ("eventTracker", "campaigns", "batchInferenceJobs", "schedules", "maxAge"):
        assert part in said
    assert said.count("not run by this release") == 5


def test_weekly_training_at_the_owners_cost_is_pointed_out(config):
    solution(config)["serviceConfig"]["performAutoTraining"] = True
    assert any("at your cost" in warning for warning in read_config(encoded(config), "c").warnings)
