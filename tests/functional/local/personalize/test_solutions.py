from __future__ import annotations

from typing import Any

import pytest

from local.modelled import ServiceError

RECIPE = "arn:aws:personalize:::recipe/aws-item-attribute-affinity"


def head(rows: bytes, keep: Any) -> bytes:
    first, *rest = rows.splitlines()
    return b"\n".join([first, *(row for row in rest if keep(row))])


def test_training_takes_its_time_and_gives_a_version(films: Any) -> None:
    films.load()

    version = films.train()

    assert version["status"] == "ACTIVE"
    assert version["trainingMode"] == "FULL"
    assert version["trainingType"] == "MANUAL"
    assert version["trainingHours"] == 0.5
    assert version["solutionVersionArn"].startswith(version["solutionArn"] + "/")
    assert sum(films.cloud.waits[-2:]) == 1800
    solution = films.service.describe_solution({"solutionArn": version["solutionArn"]})["solution"]
    assert solution["latestSolutionVersion"]["solutionVersionArn"] == version["solutionVersionArn"]
    assert solution["performAutoTraining"] is False


def test_a_solution_trains_itself_within_the_hour_unless_told_not_to(films: Any) -> None:
    films.load()
    request = {"recipeArn": RECIPE, "datasetGroupArn": films.group}

    films.service.create_solution({"name": "default", **request})
    films.service.create_solution({"name": "thrifty", "performAutoTraining": False, **request})
    films.cloud.finish()

    solution = films.service.describe_solution({"solutionArn": films.service.select("solution")[0].arn})[
        "solution"
    ]
    assert solution["performAutoTraining"] is True
    assert solution["solutionConfig"]["autoTrainingConfig"]["schedulingExpression"] == "rate(7 days)"
    versions = films.service.list_solution_versions({})["solutionVersions"]
    assert [version["trainingType"] for version in versions] == ["AUTOMATIC"]
    assert versions[0]["solutionVersionArn"].startswith(solution["solutionArn"])
    assert 3600 in films.cloud.waits


def test_automatic_training_can_be_switched_off_in_time(films: Any) -> None:
    films.load()
    arn = films.service.create_solution({"name": "s", "recipeArn": RECIPE, "datasetGroupArn": films.group})[
        "solutionArn"
    ]
    films.cloud.pending.pop(0)()
    films.service.update_solution(
        {"solutionArn": arn, "performAutoTraining": False, "solutionUpdateConfig": {}}
    )
    films.cloud.finish()

    assert films.service.list_solution_versions({"solutionArn": arn}) == {"solutionVersions": []}
    assert (
        films.service.describe_solution({"solutionArn": arn})["solution"]["latestSolutionUpdate"]["status"]
        == "ACTIVE"
    )


@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        ({"recipeArn": None}, "InvalidInputException", "recipeArn is required"),
        ({"recipeArn": "arn:aws:personalize:::recipe/mine"}, "ResourceNotFoundException", "recipe/mine"),
        (
            {"recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization"},
            "NotImplementedException",
            "not implemented here",
        ),
        ({"performHPO": True}, "InvalidInputException", "Hyperparameter optimization"),
        ({"performIncrementalUpdate": True}, "InvalidInputException", "Incremental updates"),
        (
            {
                "performAutoTraining": False,
                "solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(7 days)"}},
            },
            "InvalidInputException",
            "requires performAutoTraining",
        ),
        (
            {"solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}}},
            "InvalidInputException",
            "30 days",
        ),
        ({"solutionConfig": {"eventValueThreshold": "high"}}, "InvalidInputException", "must be a number"),
        (
            {"datasetGroupArn": "arn:aws:personalize:x:1:dataset-group/none"},
            "ResourceNotFoundException",
            "none",
        ),
    ],
)
def test_a_solution_aws_would_refuse_is_refused(
    films: Any, change: dict[str, Any], code: str, why: str
) -> None:
    films.create_group()
    request = {"name": "s", "recipeArn": RECIPE, "datasetGroupArn": films.group, **change}

    with pytest.raises(ServiceError, match=why) as caught:
        films.service.create_solution({name: value for name, value in request.items() if value is not None})
    assert caught.value.code == code


def test_too_few_interactions_after_filtering_fail_the_training(films: Any) -> None:
    films.load()

    assert "after filtering by event type: buy. It has 0." in films.train(eventType="buy")["failureReason"]
    threshold = films.train(solutionConfig={"eventValueThreshold": "4"})
    assert threshold["status"] == "CREATE FAILED"
    assert "fewer than 1000 interactions" in threshold["failureReason"]
    weights = {"eventsConfig": {"eventParametersList": [{"eventType": "watch", "weight": 0.5}]}}
    assert films.train(solutionConfig=weights)["status"] == "ACTIVE"
    weights["eventsConfig"]["eventParametersList"][0]["weight"] = 0.0
    assert "It has 0." in films.train(solutionConfig=weights)["failureReason"]


def test_the_same_interaction_twice_counts_once(films: Any) -> None:
    films.load()
    body = films.s3.objects["data", "train/films/interactions.csv"]
    lines = body.splitlines()
    films.s3.objects["data", "double.csv"] = b"\n".join(lines[:1] + lines[1:700] * 2)
    films.import_data("Interactions", "s3://data/double.csv")

    assert "It has 699." in films.train()["failureReason"]


def test_users_must_come_back(films: Any) -> None:
    films.load()
    body = films.s3.objects["data", "train/films/interactions.csv"]
    lonely = [f"x{at},{at % 80},1700000000,watch," for at in range(3000)]
    films.s3.objects["data", "few.csv"] = b"\n".join(
        [head(body, lambda row: int(row.split(b",")[0][1:]) < 24), *(line.encode() for line in lonely)]
    )
    films.import_data("Interactions", "s3://data/few.csv")
    assert "fewer than 25 users with at least 2 interactions" in films.train()["failureReason"]

    films.s3.objects["data", "thin.csv"] = b"\n".join(
        [head(body, lambda row: int(row.split(b",")[0][1:]) < 26), *(line.encode() for line in lonely)]
    )
    films.import_data("Interactions", "s3://data/thin.csv")
    assert "Fewer than 1% of users" in films.train()["failureReason"]


def test_attributes_need_items_but_items_do_not(films: Any) -> None:
    films.load()
    films.service.delete_dataset({"datasetArn": films.group.replace("dataset-group", "dataset") + "/ITEMS"})
    films.cloud.finish()

    assert "requires an Items dataset" in films.train()["failureReason"]
    assert films.train("aws-item-affinity")["status"] == "ACTIVE"


def test_an_incremental_feed_alone_trains_nothing(films: Any) -> None:
    films.load()
    films.service.select("dataset", datasetType="INTERACTIONS")[0].content.full = None
    films.import_data("Interactions", "s3://data/train/films/interactions.csv", importMode="INCREMENTAL")

    assert "no interactions imported in bulk with import mode FULL" in films.train()["failureReason"]


def test_a_training_can_be_stopped(films: Any) -> None:
    films.load()
    solution = films.train()["solutionArn"]
    arn = films.service.create_solution_version({"solutionArn": solution})["solutionVersionArn"]

    with pytest.raises(ServiceError, match="still being created"):
        films.service.delete_solution({"solutionArn": solution})
    films.service.stop_solution_version_creation({"solutionVersionArn": arn})
    films.cloud.finish()

    version = films.service.describe_solution_version({"solutionVersionArn": arn})["solutionVersion"]
    assert version["status"] == "CREATE STOPPED"
    with pytest.raises(ServiceError, match="cannot be stopped"):
        films.service.stop_solution_version_creation({"solutionVersionArn": arn})


def test_only_full_training_fits_these_recipes(films: Any) -> None:
    films.load()
    solution = films.train()["solutionArn"]

    with pytest.raises(ServiceError, match="FULL only"):
        films.service.create_solution_version({"solutionArn": solution, "trainingMode": "UPDATE"})


def test_recipes_are_the_two_that_really_learn(films: Any) -> None:
    recipes = films.service.list_recipes({})["recipes"]

    assert [recipe["name"] for recipe in recipes] == ["aws-item-affinity", "aws-item-attribute-affinity"]
    assert films.service.describe_recipe({"recipeArn": RECIPE})["recipe"]["recipeType"] == "USER_SEGMENTATION"
