from __future__ import annotations

import json
from typing import Any

import pytest

from local.modelled import ServiceError

ACTION = {"itemAttributes": 'ITEMS.genres = "Action"'}


@pytest.fixture
def trained(films: Any) -> Any:
    """A service with a trained attribute solution; `films.favourites` is the truth that was planted."""
    films.favourites = films.load()
    films.version = films.train()["solutionVersionArn"]
    return films


def users(line: dict[str, Any]) -> list[str]:
    assert line["error"] is None, line
    return list(line["output"]["usersList"])


def test_segments_find_the_planted_tastes(trained: Any) -> None:
    queries = [
        {"itemAttributes": f'ITEMS.GENRES = "{genre}"'} for genre in ("Action", "Comedy", "Drama", "Horror")
    ]

    job, lines = trained.ask(trained.version, *queries, numResults=50)

    assert job["status"] == "ACTIVE"
    assert [line["input"] for line in lines] == queries
    for line, genre in zip(lines, ("Action", "Comedy", "Drama", "Horror"), strict=True):
        chosen = users(line)
        hits = sum(trained.favourites[user] == genre for user in chosen) / len(chosen)
        assert len(chosen) == len(set(chosen)) == 50
        assert hits >= 3 * 0.25


def test_the_same_data_give_the_same_bytes(trained: Any) -> None:
    trained.ask(trained.version, ACTION, numResults=200)
    first = trained.s3.objects["out", "films/queries.json.out"]
    again = trained.train()["solutionVersionArn"]
    trained.ask(again, ACTION, numResults=200)

    assert trained.s3.objects["out", "films/queries.json.out"] == first
    assert len(json.loads(first)["output"]["usersList"]) == 200


def test_the_default_is_25_users_and_a_check_file_is_left(trained: Any) -> None:
    _, lines = trained.ask(trained.version, ACTION)

    assert len(users(lines[0])) == 25
    assert trained.s3.objects["out", "films/_CHECK"] == b""


def test_bad_lines_become_error_lines_and_good_ones_are_answered(trained: Any) -> None:
    job, lines = trained.ask(
        trained.version,
        ACTION,
        {"itemAttributes": 'ITEMS.genres = "Western"'},
        {"itemAttributes": 'ITEMS.studio = "X"'},
        {"itemAttributes": 'ITEMS.title = "T1"'},
        {"itemAttributes": 'ITEMS.genres = "Action" OR ITEMS.genres = "Comedy"'},
        {"itemAttributes": 'ITEMS.YEAR = "new"'},
        {"itemId": "1"},
        "{not json",
        {"itemAttributes": "ITEMS.year = 1991"},
    )

    assert job["status"] == "ACTIVE"
    assert len(users(lines[0])) == len(users(lines[8])) == 25
    reasons = [
        "not present",
        "STUDIO is not",
        "TITLE is not",
        "AND only",
        "is a number",
        "itemAttributes is",
        "not JSON",
    ]
    for line, reason in zip(lines[1:8], reasons, strict=True):
        assert set(line) == {"input", "output", "error"}
        assert line["output"] is None
        assert reason in line["error"]
    assert lines[7]["input"] == "{not json"


def test_multi_valued_attributes_are_split_and_joined_by_and(films: Any) -> None:
    films.load()
    items = films.s3.objects["data", "train/films/items.csv"].decode().splitlines()
    both = {str(film) for film in range(0, 80, 8)}
    films.s3.objects["data", "multi.csv"] = "\n".join(
        line.replace("Action", "Action|Comedy") if line.split(",")[0] in both else line for line in items
    ).encode()
    films.import_data("Items", "s3://data/multi.csv")
    version = films.train()["solutionVersionArn"]
    line = {"itemAttributes": 'ITEMS.genres = "Comedy" AND ITEMS.genres = "Action"'}

    _, lines = films.ask(version, line, {"itemAttributes": 'ITEMS.genres = "Action|Comedy"'}, numResults=10)

    watched = [
        row.split(",")[:2]
        for row in films.s3.objects["data", "train/films/interactions.csv"].decode().split()
    ]
    counts = {user: sum(own == user and film in both for own, film in watched) for user in users(lines[0])}
    assert all(count >= 3 for count in counts.values())
    assert "not present" in lines[1]["error"]


def test_a_pair_of_attributes_no_item_has_finds_users_of_both(trained: Any) -> None:
    line = {"itemAttributes": 'ITEMS.genres = "Comedy" AND ITEMS.genres = "Action"'}

    _, lines = trained.ask(trained.version, line, numResults=40)

    liked = [trained.favourites[user] for user in users(lines[0])]
    assert sum(genre in ("Action", "Comedy") for genre in liked) >= 30


def test_item_affinity_finds_the_fans_of_similar_items(films: Any) -> None:
    favourites = films.load()
    version = films.train("aws-item-affinity")["solutionVersionArn"]

    _, lines = films.ask(version, {"itemId": "4"}, {"itemId": "none"}, numResults=40)

    fans = sum(favourites[user] == "Action" for user in users(lines[0])) / 40
    assert fans >= 3 * 0.25
    assert "Item none was not present" in lines[1]["error"]


def test_excluded_columns_cannot_be_asked_for(films: Any) -> None:
    films.load()
    config = {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["GENRES"]}}}
    version = films.train(solutionConfig=config)["solutionVersionArn"]

    _, lines = films.ask(version, ACTION)

    assert "GENRES is not an attribute" in lines[0]["error"]


@pytest.mark.parametrize(
    ("recipe", "most"), [("aws-item-attribute-affinity", 10), ("aws-item-affinity", 500)]
)
def test_a_file_has_a_maximum_of_queries(films: Any, recipe: str, most: int) -> None:
    films.load()
    version = films.train(recipe)["solutionVersionArn"]
    line = ACTION if most == 10 else {"itemId": "4"}

    job, lines = films.ask(version, *[line] * (most + 1))

    assert job["status"] == "CREATE FAILED"
    assert f"more than {most} queries" in job["failureReason"]
    assert lines == []
    job, lines = films.ask(version, *[line] * 10)
    assert (job["status"], len(lines)) == ("ACTIVE", 10)


def test_input_is_a_prefix_and_every_file_gets_its_output(trained: Any) -> None:
    for key in ("in/a.json", "in/b.json", "in/", "in_test/c.json", "other/d.json"):
        trained.s3.objects["data", key] = b"" if key.endswith("/") else json.dumps(ACTION).encode()

    trained.start(trained.version, "s3://data/in")
    trained.cloud.finish()
    written = sorted(key for bucket, key in trained.s3.objects if bucket == "out")
    assert written == ["films/_CHECK", "films/a.json.out", "films/b.json.out", "films/c.json.out"]


def test_missing_or_empty_input_and_denied_output_fail_the_job(trained: Any) -> None:
    trained.s3.objects["data", "empty.json"] = b"\n"
    trained.s3.objects["data", "good.json"] = json.dumps(ACTION).encode()
    sources = ("s3://data/none/", "s3://data/empty.json", "s3://data/good.json")
    trained.s3.denied.add("films/good.json.out")
    arns = [trained.start(trained.version, source, jobName=f"job{at}") for at, source in enumerate(sources)]
    trained.cloud.finish()

    jobs = [
        trained.service.describe_batch_segment_job({"batchSegmentJobArn": arn})["batchSegmentJob"]
        for arn in arns
    ]

    assert {job["status"] for job in jobs} == {"CREATE FAILED"}
    reasons = ("no files found", "has no queries", "Insufficient privileges for accessing data in S3")
    for job, reason in zip(jobs, reasons, strict=True):
        assert reason in job["failureReason"]


def test_output_is_encrypted_with_the_key_of_the_request(trained: Any) -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/k"

    trained.ask(
        trained.version,
        ACTION,
        jobOutput={"s3DataDestination": {"path": "s3://out/films/", "kmsKeyArn": key}},
    )

    assert {put.get("SSEKMSKeyId") for put in trained.s3.puts} == {key}


def test_filters_include_and_exclude_users(trained: Any) -> None:
    arns = {}
    for name, expression in {
        "gold": "INCLUDE UserID WHERE Users.PLAN IN ($PLAN)",
        "young": "EXCLUDE UserID WHERE Users.AGE >= 30 "
        '| INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("watch")',
        "buyers": 'INCLUDE UserID WHERE Interactions.EVENT_TYPE = "buy"',
    }.items():
        request = {"name": name, "datasetGroupArn": trained.group, "filterExpression": expression}
        arns[name] = trained.service.create_filter(request)["filterArn"]
    trained.cloud.finish()
    place = {user: at for at, user in enumerate(trained.favourites)}

    given = {**ACTION, "filterValues": {"PLAN": '"gold","platinum"'}}
    _, gold = trained.ask(trained.version, given, ACTION, filterArn=arns["gold"], numResults=150)
    _, young = trained.ask(trained.version, ACTION, filterArn=arns["young"], numResults=150)
    _, buyers = trained.ask(trained.version, ACTION, filterArn=arns["buyers"])

    assert {place[user] % 2 for user in users(gold[0])} == {0}
    assert len(users(gold[0])) == 100
    assert "filterValues are missing for the placeholders: PLAN" in gold[1]["error"]
    assert sorted(map(place.__getitem__, users(young[0]))) == [at for at in range(200) if at % 50 < 10]
    assert users(buyers[0]) == []


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ('INCLUDE ItemID WHERE Items.GENRES IN ("x")', "filtered by UserID"),
        ("INCLUDE UserID WHERE Users.AGE < $AGE", "Placeholders can only be used with IN or EQ"),
        ('INCLUDE UserID WHERE Items.GENRES IN ("x")', "only Users and Interactions"),
        ("INCLUDE UserID WHERE Users.PLAN IN ()", "write <Dataset>"),
        ('INCLUDE UserID WHERE Users.PLAN LIKE "x"', "write <Dataset>"),
        ('Users.PLAN = "gold"', "write INCLUDE or EXCLUDE"),
    ],
)
def test_a_filter_that_cannot_filter_users_is_refused(films: Any, expression: str, why: str) -> None:
    films.create_group()

    with pytest.raises(ServiceError, match=why) as caught:
        films.service.create_filter(
            {"name": "f", "datasetGroupArn": films.group, "filterExpression": expression}
        )
    assert caught.value.code == "InvalidInputException"


@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        ({"numResults": 5_000_001}, "InvalidInputException", "between 1 and 5000000"),
        ({"jobOutput": {"s3DataDestination": {"path": "s3://data/in"}}}, "InvalidInputException", "differ"),
        (
            {"jobOutput": {"s3DataDestination": {"path": "https://out/films"}}},
            "InvalidInputException",
            "Invalid S3",
        ),
        (
            {"solutionVersionArn": "arn:aws:personalize:x:1:solution/s/1"},
            "ResourceNotFoundException",
            "solution/s/1",
        ),
        ({"filterArn": "arn:aws:personalize:x:1:filter/f"}, "ResourceNotFoundException", "filter/f"),
    ],
)
def test_a_job_aws_would_refuse_is_refused(trained: Any, change: dict[str, Any], code: str, why: str) -> None:
    version = change.pop("solutionVersionArn", trained.version)

    with pytest.raises(ServiceError, match=why) as caught:
        trained.start(version, "s3://data/in/", **change)
    assert caught.value.code == code


def test_a_job_waits_for_its_version_and_five_are_the_most(trained: Any) -> None:
    solution = trained.service.select("solution")[0].arn
    pending = trained.service.create_solution_version({"solutionArn": solution})["solutionVersionArn"]

    with pytest.raises(ServiceError, match="must be ACTIVE") as caught:
        trained.start(pending, "s3://data/in/")
    assert caught.value.code == "ResourceInUseException"
    for at in range(5):
        trained.start(trained.version, "s3://data/in/", jobName=f"job{at}")
    with pytest.raises(ServiceError, match="More than 5 resources") as caught:
        trained.start(trained.version, "s3://data/in/", jobName="job5")
    assert caught.value.code == "LimitExceededException"
