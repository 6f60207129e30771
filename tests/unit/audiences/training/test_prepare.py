"""The first step of a run as a whole: waits for the upload, checks it, plans good requests."""

import pytest
from audiences.edges.personalize_model import input_shape
from audiences.errors import DataError, RetryLater
from audiences.training.prepare import prepare
from audiences.training.resources import KINDS
from audiences.training.shapes import check

from .conftest import ACCOUNT, QUERY, MemoryStore, encoded, uploaded

GIBIBYTE = 1 << 30


def plan_of(config, run, **changes):
    store = MemoryStore(uploaded(config) | changes)
    return prepare(run, ACCOUNT, store, GIBIBYTE), store


def created(plan, kind):
    return [resource["create"] for resource in plan.resources.values() if resource["kind"] == kind]


def test_every_request_is_one_the_service_model_accepts(config, run):
    config["tags"] = [{"tagKey": "team", "tagValue": "growth"}]
    config["filters"] = [
        {"serviceConfig": {"name": "f", "filterExpression": "INCLUDE UserID WHERE Users.AGE > 1"}}
    ]
    plan, _ = plan_of(config, run)
    assert len(plan.resources) == 1 + 3 * 3 + 1 + 2 + 1
    for resource in plan.resources.values():
        request = resource["create"] | dict.fromkeys(resource["needs"], "arn:aws:personalize:x:y:z")
        assert list(check(input_shape(f"Create{KINDS[resource['kind']].camel}"), request)) == []
        assert ("tags" in request) == (resource["kind"] != "schema")


def test_the_layout_is_the_predecessors(config, run):
    plan, _ = plan_of(config, run)
    (job,) = created(plan, "batch-segment-job")
    assert job["jobName"] == "batch_affinity_2026_11_22_10_00_00"
    assert job["jobInput"]["s3DataSource"]["path"] == "s3://data/batch/shop/affinity/job_config.json"
    output = job["jobOutput"]["s3DataDestination"]["path"]
    assert output == "s3://data/batch/shop/affinity/batch_affinity_2026_11_22_10_00_00/"
    assert plan.counts == {"interactions": 1200, "items": 1, "users": 2}


def test_training_does_not_repeat_itself_at_the_owners_cost(config, run):
    """M2 and the cost guard: the service's default would train every week."""
    plan, _ = plan_of(config, run)
    assert created(plan, "solution")[0]["performAutoTraining"] is False
    config["solutions"][0]["serviceConfig"]["performAutoTraining"] = True
    plan, _ = plan_of(config, run)
    assert created(plan, "solution")[0]["performAutoTraining"] is True


def test_several_jobs_of_one_solution_have_names_and_outputs_of_their_own(config, run):
    """M3: the predecessor gave them the same."""
    config["solutions"][0]["batchSegmentJobs"] += [
        {"serviceConfig": {"numResults": 5}},
        {"serviceConfig": {}, "queries": [f'ITEMS.genres = "G{n}"' for n in range(11)]},
    ]
    plan, store = plan_of(config, run)
    jobs = created(plan, "batch-segment-job")
    assert len(jobs) == len(plan.segment_jobs) == 4
    assert len({job["jobName"] for job in jobs}) == 4
    assert len({job["jobOutput"]["s3DataDestination"]["path"] for job in jobs}) == 4
    written = [key for key in store.objects if "/queries/" in key]
    assert [store.objects[key].count(b"\n") for key in written] == [10, 1]


def test_long_solution_names_still_give_different_job_names(config, run):
    names = ["x" * 36 + end for end in "ab"]
    first = config["solutions"][0]
    config["solutions"] = [
        {
            "serviceConfig": first["serviceConfig"] | {"name": name, "solutionVersion": {"name": "v"}},
            "batchSegmentJobs": [
                {"serviceConfig": {}, "queries": [f"ITEMS.genres = {n}" for n in range(99)]}
            ],
        }
        for name in names
    ]
    plan, _ = plan_of(config, run)
    assert len(set(plan.job_names)) == 20
    assert max(map(len, plan.job_names)) == 63
    assert len(created(plan, "solution-version")) == 2


def test_incremental_import_is_passed_on_and_not_held_to_the_minimums(config, run):
    """M8."""
    config["datasets"]["serviceConfig"] = {"importMode": "INCREMENTAL"}
    few = b"USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,i,1,Watch\n"
    plan, _ = plan_of(config, run, **{"train/shop/interactions.csv": few})
    assert {job["importMode"] for job in created(plan, "dataset-import-job")} == {"INCREMENTAL"}


def test_data_in_a_folder(config, run):
    objects = uploaded(config)
    objects["train/shop/items/1.csv"] = objects.pop("train/shop/items.csv")
    objects["train/shop/items/2.csv"] = b"ITEM_ID,GENRES,CREATION_TIMESTAMP\ni2,Drama,1\n"
    plan = prepare(run, ACCOUNT, MemoryStore(objects), GIBIBYTE)
    assert plan.counts["items"] == 2
    locations = [job["dataSource"]["dataLocation"] for job in created(plan, "dataset-import-job")]
    assert "s3://data/train/shop/items/" in locations


@pytest.mark.parametrize("key", ["train/shop/items.csv", "batch/shop/affinity/job_config.json"])
def test_files_that_have_not_arrived_are_waited_for(config, run, key):
    objects = uploaded(config)
    del objects[key]
    with pytest.raises(RetryLater, match=key):
        prepare(run, ACCOUNT, MemoryStore(objects), GIBIBYTE)


def test_problems_of_all_files_come_in_one_error(config, run):
    bad = {
        "train/shop/items.csv": b"ITEM_ID,GENRES,CREATION_TIMESTAMP\ni,a,x\n",
        "train/shop/users.csv": b"USER_ID,AGE\n,1\n",
    }
    with pytest.raises(DataError) as caught:
        plan_of(config, run, **bad)
    assert "2 problems" in caught.value.what
    assert "items.csv:2:3" in caught.value.why
    assert "users.csv:2:1" in caught.value.why


def test_data_beyond_the_limit_is_said_to_be_unchecked(config, run):
    plan = prepare(run, ACCOUNT, MemoryStore(uploaded(config)), 5000)
    assert any("only the first part" in note for note in plan.notes)
    assert 0 < plan.counts["interactions"] < 1200


def test_a_group_that_exists_already_needs_no_data(config, run):
    del config["datasets"]
    objects = {
        "train/shop/config.json": encoded(config),
        "batch/shop/affinity/job_config.json": QUERY.encode(),
    }
    plan = prepare(run, ACCOUNT, MemoryStore(objects), GIBIBYTE)
    assert plan.schemas == plan.datasets == []
    assert plan.segment_jobs
