from __future__ import annotations

import itertools
from typing import Any

import pytest

from local.modelled import ServiceError


def rows(count: int, user: str = "u") -> bytes:
    lines = [f"{user}{at % 50},{at % 9},{1_700_000_000 + at},watch," for at in range(count)]
    return "\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE", *lines]).encode()


@pytest.fixture
def ready(films: Any) -> Any:
    """A service with an empty interactions dataset."""
    films.create_group()
    schema = (
        '{"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},{"name":"ITEM_ID",'
        '"type":"string"},{"name":"TIMESTAMP","type":"long"}]}'
    )
    films.create_dataset("Interactions", schema)
    return films


def content(films: Any) -> Any:
    return films.service.select("dataset", datasetType="INTERACTIONS")[0].content


def test_an_import_acts_as_the_role_and_reports_each_status(ready: Any) -> None:
    ready.s3.objects["data", "all/interactions.csv"] = rows(1000)
    seen: list[str] = []
    ready.cloud.on_wait = lambda: seen.append(ready.service.select("datasetImportJob")[0].status)

    job = ready.import_data("Interactions", "s3://data/all/interactions.csv")

    assert [*(status for status, _ in itertools.groupby(seen)), job["status"]] == [
        "CREATE PENDING",
        "CREATE IN_PROGRESS",
        "ACTIVE",
    ]
    assert sum(ready.cloud.waits[-2:]) == 300
    assert job["importMode"] == "FULL"
    assert ready.cloud.assumed[-1][1] == "personalize.amazonaws.com"
    assert content(ready).full.rows == 1000


def test_a_folder_is_its_first_level_and_a_prefix_is_more_than_meant(ready: Any) -> None:
    names = ("in/a.csv", "in/b.csv", "in/", "in/deep/c.csv", "in_old/d.csv", "in.csv", "in.csv.bak")
    for name in names:
        ready.s3.objects["data", name] = rows(600) if name.endswith((".csv", ".bak")) else b""

    for location, expected in (("s3://data/in/", 1200), ("s3://data/in", 3600)):
        assert ready.import_data("Interactions", location)["status"] == "ACTIVE"
        assert content(ready).full.rows == expected
    job = ready.import_data("Interactions", "s3://data/in.csv")
    assert "600 interactions; at least 1000" in job["failureReason"]


def test_incremental_imports_are_kept_apart_and_full_replaces_all(ready: Any) -> None:
    ready.s3.objects["data", "a.csv"] = rows(1000)
    ready.s3.objects["data", "b.csv"] = rows(3, "new")

    ready.import_data("Interactions", "s3://data/a.csv")
    ready.import_data("Interactions", "s3://data/b.csv", importMode="INCREMENTAL")

    assert (content(ready).full.rows, [each.rows for each in content(ready).incremental]) == (1000, [3])
    ready.import_data("Interactions", "s3://data/a.csv")
    assert (content(ready).full.rows, content(ready).incremental) == (1000, [])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (rows(999), "The dataset has 999 interactions; at least 1000 are required."),
        (
            rows(1000).replace(b"1700000500", b"yesterday"),
            "a.csv, line 502, column TIMESTAMP: not a value of type long",
        ),
        (rows(1000).replace(b"ITEM_ID", b"FILM"), "Input CSV is missing the following columns: [ITEM_ID]"),
        (rows(1000).replace(b"u7,", b"\xff,"), "not encoded in UTF-8"),
        (b"USER_ID,ITEM_ID,TIMESTAMP\n", "Input CSV has no records."),
    ],
)
def test_bad_data_fail_the_job_and_leave_the_dataset_alone(ready: Any, body: bytes, why: str) -> None:
    ready.s3.objects["data", "a.csv"] = body

    job = ready.import_data("Interactions", "s3://data/a.csv")

    assert job["status"] == "CREATE FAILED"
    assert job["failureReason"].startswith("Failed to create a data import job for Interactions dataset.")
    assert why in job["failureReason"]
    assert content(ready).full is None


def test_a_file_nobody_put_there_fails_the_job(ready: Any) -> None:
    job = ready.import_data("Interactions", "s3://data/nothing.csv")

    assert "no files found at s3://data/nothing.csv" in job["failureReason"]


def test_missing_permissions_fail_the_job_in_awss_words(ready: Any) -> None:
    ready.s3.objects["data", "a.csv"] = rows(1000)
    ready.s3.denied.add("a.csv")

    denied = ready.import_data("Interactions", "s3://data/a.csv")
    stranger = ready.import_data(
        "Interactions", "s3://data/a.csv", roleArn="arn:aws:iam::123456789012:role/Other"
    )

    for job in (denied, stranger):
        assert job["status"] == "CREATE FAILED"
        assert "Insufficient privileges for accessing data in S3." in job["failureReason"]
    assert "does not exist" in stranger["failureReason"]


def test_five_imports_in_flight_are_the_most(ready: Any) -> None:
    ready.s3.objects["data", "a.csv"] = rows(1000)
    request = {
        "datasetArn": ready.service.select("dataset")[0].arn,
        "dataSource": {"dataLocation": "s3://data/a.csv"},
        "roleArn": "arn:aws:iam::123456789012:role/PersonalizeRole",
    }
    for at in range(5):
        ready.service.create_dataset_import_job({"jobName": f"job{at}", **request})

    with pytest.raises(
        ServiceError, match="More than 5 resources with PENDING or IN_PROGRESS status"
    ) as caught:
        ready.service.create_dataset_import_job({"jobName": "job5", **request})
    assert caught.value.code == "LimitExceededException"
    ready.cloud.finish()
    assert ready.service.create_dataset_import_job({"jobName": "job5", **request})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"roleArn": None}, "roleArn is required"),
        ({"dataSource": {"dataLocation": "data/a.csv"}}, "Invalid Data location"),
    ],
)
def test_a_request_without_role_or_location_is_refused(ready: Any, change: dict[str, Any], why: str) -> None:
    request = {
        "jobName": "job",
        "datasetArn": ready.service.select("dataset")[0].arn,
        "dataSource": {"dataLocation": "s3://data/a.csv"},
        "roleArn": "arn:aws:iam::123456789012:role/PersonalizeRole",
        **change,
    }

    with pytest.raises(ServiceError, match=why) as caught:
        ready.service.create_dataset_import_job({name: value for name, value in request.items() if value})
    assert caught.value.code == "InvalidInputException"
