"""Offline validation: the same checks as in the cloud, on files that lie as they will be uploaded."""

import json

import pytest
from audiences.cli.validate_training import is_training_config, validate_files, warnings_of

SCHEMAS = {
    "interactions": [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long")],
    "items": [("ITEM_ID", "string"), ("GENRES", "string")],
}


@pytest.fixture
def folder(tmp_path):
    datasets = {}
    for kind, columns in SCHEMAS.items():
        fields = [{"name": name, "type": type_} for name, type_ in columns]
        schema = {
            "type": "record",
            "name": kind,
            "namespace": "com.example",
            "fields": fields,
            "version": "1.0",
        }
        datasets[kind] = {
            "dataset": {"serviceConfig": {"name": kind}},
            "schema": {"serviceConfig": {"name": f"{kind}-schema", "schema": schema}},
        }
    recipe = "arn:aws:personalize:::recipe/aws-item-attribute-affinity"
    solution = {
        "serviceConfig": {"name": "affinity", "recipeArn": recipe},
        "batchSegmentJobs": [{"serviceConfig": {}}],
    }
    config = {
        "datasetGroup": {"serviceConfig": {"name": "shop"}},
        "datasets": datasets,
        "solutions": [solution],
    }
    (tmp_path / "train/shop").mkdir(parents=True)
    (tmp_path / "batch/shop/affinity").mkdir(parents=True)
    (tmp_path / "train/shop/config.json").write_text(json.dumps(config, indent=2))
    return tmp_path


def found(folder):
    return [str(problem) for problem in validate_files([folder / "train/shop/config.json"])]


def test_a_good_configuration_alone_has_no_problems(folder):
    assert found(folder) == []


def test_data_and_queries_beside_it_are_checked_too(folder):
    (folder / "train/shop/interactions.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\nu,i,yesterday\n")
    (folder / "train/shop/items").mkdir()
    (folder / "train/shop/items/1.csv").write_text("ITEM_ID\ni\n")
    (folder / "batch/shop/affinity/job_config.json").write_text(
        '{"itemAttributes": "ITEMS.genres = 1"}\noops\n'
    )
    said = "\n".join(found(folder))
    assert "interactions.csv:2:3: TIMESTAMP: is not a whole number" in said
    assert "at least 1000" in said
    assert "1.csv:1: lacks the column GENRES" in said
    assert "job_config.json:2: " in said


def test_a_query_file_without_queries(folder):
    (folder / "batch/shop/affinity/job_config.json").write_text("")
    assert any("holds no query" in problem for problem in found(folder))


def test_warnings_name_doubtful_queries(folder):
    path = folder / "train/shop/config.json"
    assert warnings_of(path) == []
    config = json.loads(path.read_text())
    config["solutions"][0]["batchSegmentJobs"][0]["queries"] = ['ITEMS.colour = "red"']
    config["eventTracker"] = {"serviceConfig": {"name": "t"}}
    path.write_text(json.dumps(config))
    said = "\n".join(warnings_of(path))
    assert "colour" in said
    assert "event trackers" in said
    path.write_text("{")
    assert warnings_of(path) == []


def test_a_training_configuration_is_recognised(folder):
    assert is_training_config(folder / "train/shop/config.json")
    other = folder / "activation.json"
    other.write_text('{"platform": "meta"}')
    assert not is_training_config(other)
    other.write_text("{")
    assert not is_training_config(other)
