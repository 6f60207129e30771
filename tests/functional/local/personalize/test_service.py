from __future__ import annotations

import json
from typing import Any

import pytest

FIELDS = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
SCHEMA = json.dumps({"type": "record", "name": "Users", "fields": FIELDS})
HOME = "arn:aws:personalize:eu-central-1:123456789012:"


def send(films: Any, operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """Send a request as boto3 writes it on the wire; return the status and the answer."""
    headers = {"x-amz-target": f"AmazonPersonalize.{operation}", "content-type": "application/x-amz-json-1.1"}
    status, _, body = films.service._serve("POST", "/", headers, json.dumps(request).encode(), {})
    return status, json.loads(body)


def test_a_resource_is_created_described_and_listed_over_the_wire(films: Any) -> None:
    tags = [{"tagKey": "team: crm", "tagValue": "Zürich 7"}]
    status, answer = send(films, "CreateDatasetGroup", name="films", domain="VIDEO_ON_DEMAND", tags=tags)
    films.cloud.finish()

    assert (status, answer) == (
        200,
        {"datasetGroupArn": HOME + "dataset-group/films", "domain": "VIDEO_ON_DEMAND"},
    )
    _, shown = send(films, "DescribeDatasetGroup", datasetGroupArn=answer["datasetGroupArn"])
    assert shown["datasetGroup"]["status"] == "ACTIVE"
    assert isinstance(shown["datasetGroup"]["creationDateTime"], (int, float))
    _, listed = send(films, "ListDatasetGroups")
    assert [each["name"] for each in listed["datasetGroups"]] == ["films"]
    assert send(films, "ListTagsForResource", resourceArn=answer["datasetGroupArn"])[1] == {"tags": tags}


@pytest.mark.parametrize(
    ("operation", "request_", "status", "code"),
    [
        ("CreateDatasetGroup", {"name": "-films"}, 400, "InvalidInputException"),
        ("CreateDatasetGroup", {}, 400, "InvalidInputException"),
        ("CreateSchema", {"name": "users", "schema": "{}"}, 400, "InvalidInputException"),
        ("DescribeSchema", {"schemaArn": HOME + "schema/none"}, 400, "ResourceNotFoundException"),
        ("ListSchemas", {"nextToken": "not a token"}, 400, "InvalidNextTokenException"),
        ("ListSchemas", {"maxResults": 101}, 400, "InvalidInputException"),
        (
            "CreateCampaign",
            {"name": "c", "solutionVersionArn": HOME + "solution/s/1"},
            501,
            "NotImplementedException",
        ),
    ],
)
def test_refusals_have_awss_codes(
    films: Any, operation: str, request_: dict[str, Any], status: int, code: str
) -> None:
    got, answer = send(films, operation, **request_)

    assert (got, answer["__type"]) == (status, code)


def test_lists_come_in_pages(films: Any) -> None:
    for at in range(5):
        send(films, "CreateSchema", name=f"s{at}", schema=SCHEMA)

    names, token = [], None
    for _ in range(3):
        _, page = send(films, "ListSchemas", maxResults=2, **({"nextToken": token} if token else {}))
        names.append([each["name"] for each in page["schemas"]])
        token = page.get("nextToken")

    assert names == [["s0", "s1"], ["s2", "s3"], ["s4"]]
    assert token is None
    assert "schema" not in page["schemas"][0]


def test_a_whole_run_works_over_the_wire(films: Any) -> None:
    films.load()
    version = films.train()["solutionVersionArn"]
    films.s3.objects["data", "q/q.json"] = b'{"itemAttributes": "ITEMS.genres = \\"Action\\""}\n'

    status, answer = send(
        films,
        "CreateBatchSegmentJob",
        jobName="batch_affinity_2026",
        solutionVersionArn=version,
        numResults=3,
        jobInput={"s3DataSource": {"path": "s3://data/q/q.json"}},
        jobOutput={"s3DataDestination": {"path": "s3://out/q/"}},
        roleArn="arn:aws:iam::123456789012:role/PersonalizeRole",
    )
    films.cloud.finish()

    assert status == 200
    _, shown = send(films, "DescribeBatchSegmentJob", batchSegmentJobArn=answer["batchSegmentJobArn"])
    assert shown["batchSegmentJob"]["status"] == "ACTIVE"
    assert shown["batchSegmentJob"]["numResults"] == 3
    line = json.loads(films.s3.objects["out", "q/q.json.out"])
    assert line["input"] == {"itemAttributes": 'ITEMS.genres = "Action"'}
    assert len(line["output"]["usersList"]) == 3
    assert line["error"] is None
    for operation, member, most in (
        ("ListSolutions", "solutions", {"recipeArn", "solutionArn"}),
        ("ListSolutionVersions", "solutionVersions", {"solutionVersionArn", "trainingMode"}),
        ("ListBatchSegmentJobs", "batchSegmentJobs", {"batchSegmentJobArn", "jobName"}),
        ("ListDatasetImportJobs", "datasetImportJobs", {"datasetImportJobArn", "importMode"}),
        ("ListDatasets", "datasets", {"datasetArn", "datasetType"}),
        ("ListFilters", "Filters", set()),
        ("ListRecipes", "recipes", {"recipeArn"}),
    ):
        status, listed = send(films, operation)
        assert status == 200
        assert all(most <= set(each) for each in listed[member])
    assert len(send(films, "ListDatasetImportJobs")[1]["datasetImportJobs"]) == 3


@pytest.mark.parametrize(
    ("operation", "request_", "arn"),
    [
        ("CreateSchema", {"name": "s"}, "schema/s"),
        ("CreateDatasetGroup", {"name": "g"}, "dataset-group/g"),
        (
            "CreateDataset",
            {"datasetGroupArn": HOME + "dataset-group/g", "schemaArn": "x", "datasetType": "Items"},
            "dataset/g/ITEMS",
        ),
        (
            "CreateDatasetImportJob",
            {"jobName": "j", "datasetArn": "x", "roleArn": "r"},
            "dataset-import-job/j",
        ),
        ("CreateSolution", {"name": "s", "datasetGroupArn": "x", "recipeArn": "y"}, "solution/s"),
        ("CreateSolutionVersion", {"solutionArn": HOME + "solution/s"}, "solution/s"),
        ("DescribeSolutionVersion", {"solutionVersionArn": HOME + "solution/s/1"}, "solution/s/1"),
        (
            "CreateBatchSegmentJob",
            {"jobName": "j", "solutionVersionArn": "x", "roleArn": "r"},
            "batch-segment-job/j",
        ),
        ("CreateFilter", {"name": "f", "datasetGroupArn": "x"}, "filter/f"),
        ("UpdateDataset", {"datasetArn": HOME + "dataset/g/ITEMS", "schemaArn": "x"}, "dataset/g/ITEMS"),
        ("TagResource", {"resourceArn": HOME + "solution/s", "tags": []}, "solution/s"),
    ],
)
def test_iam_is_asked_about_the_resource(
    films: Any, operation: str, request_: dict[str, Any], arn: str
) -> None:
    assert films.service.iam_resources(operation, request_) == [HOME + arn]


@pytest.mark.parametrize("operation", ["ListSchemas", "ListSolutions", "ListRecipes"])
def test_lists_have_no_resource(films: Any, operation: str) -> None:
    assert films.service.iam_resources(operation, {"datasetGroupArn": "x"}) == ["*"]


def test_coverage_is_honest(films: Any) -> None:
    operations = films.service.operations()

    assert operations["CreateBatchSegmentJob"]
    assert not operations["CreateCampaign"]
    assert not operations["GetSolutionMetrics"]
