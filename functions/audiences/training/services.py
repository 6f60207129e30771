"""Checks every `serviceConfig` against the service model, with placeholders for what we supply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from audiences.edges.personalize_model import input_shape
from audiences.training.names import MOST_CHARACTERS, job_name
from audiences.training.shapes import check
from audiences.training.source_map import Path, at

_ARN = "arn:aws:personalize:us-east-1:000000000000:"
_ROLE = "arn:aws:iam::000000000000:role/placeholder"
_GROUP = {"datasetGroupArn": f"{_ARN}dataset-group/placeholder"}
_VERSION = {"solutionVersionArn": f"{_ARN}solution/placeholder/placeholder"}
_JOB: dict[str, Any] = {
    **_VERSION,
    "roleArn": _ROLE,
    "jobName": "placeholder",
    "jobInput": {"s3DataSource": {"path": "s3://placeholder/in"}},
    "jobOutput": {"s3DataDestination": {"path": "s3://placeholder/out/"}},
}
# What the workflow supplies, by operation. A configuration that names it is accepted; our value is used.
SUPPLIED: dict[str, dict[str, Any]] = {
    "CreateDatasetGroup": {},
    "CreateSchema": {},
    "CreateDataset": {**_GROUP, "datasetType": "Items", "schemaArn": f"{_ARN}schema/placeholder"},
    "CreateDatasetImportJob": {
        "jobName": "placeholder",
        "datasetArn": f"{_ARN}dataset/placeholder/ITEMS",
        "dataSource": {"dataLocation": "s3://placeholder/data"},
        "roleArn": _ROLE,
    },
    "CreateEventTracker": _GROUP,
    "CreateFilter": _GROUP,
    "CreateRecommender": _GROUP,
    "CreateSolution": _GROUP,
    "CreateSolutionVersion": {"solutionArn": f"{_ARN}solution/placeholder"},
    "CreateCampaign": _VERSION,
    "CreateBatchInferenceJob": _JOB,
    "CreateBatchSegmentJob": _JOB,
}
_LISTS = {"campaigns": "CreateCampaign", "batchInferenceJobs": "CreateBatchInferenceJob"}
_LISTS["batchSegmentJobs"] = "CreateBatchSegmentJob"
MOST_USERS = 5_000_000  # numResults of a segment: dg/limits.html


def services_in(value: dict[str, Any]) -> Iterator[tuple[Path, str, bool]]:
    """Yield `(path of serviceConfig, operation, is required)` for each part of a configuration."""
    yield ("datasetGroup", "serviceConfig"), "CreateDatasetGroup", True
    datasets = value.get("datasets")
    if isinstance(datasets, dict):
        yield ("datasets", "serviceConfig"), "CreateDatasetImportJob", False
        for kind in ("interactions", "items", "users"):
            if kind in datasets:
                yield ("datasets", kind, "dataset", "serviceConfig"), "CreateDataset", True
                yield ("datasets", kind, "schema", "serviceConfig"), "CreateSchema", True
    if "eventTracker" in value:
        yield ("eventTracker", "serviceConfig"), "CreateEventTracker", True
    for index in _indexes(value.get("filters")):
        yield ("filters", index, "serviceConfig"), "CreateFilter", True
    for index in _indexes(value.get("recommenders")):
        yield ("recommenders", index, "serviceConfig"), "CreateRecommender", True
    for index in _indexes(value.get("solutions")):
        yield ("solutions", index, "serviceConfig"), "CreateSolution", True
        yield ("solutions", index, "serviceConfig", "solutionVersion"), "CreateSolutionVersion", False
        for name, operation in _LISTS.items():
            for number in _indexes(at(value, ("solutions", index, name))):
                yield ("solutions", index, name, number, "serviceConfig"), operation, True


def check_services(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield `(path, message)` for each serviceConfig that the service would refuse."""
    for where, operation, required in services_in(value):
        service = at(value, where)
        if service is None:
            if required:
                yield where, "is required and missing"
            continue
        if not isinstance(service, dict):
            yield where, "must be an object"
            continue
        for path, message in check(input_shape(operation), _request(operation, service)):
            yield (*where, *path), message
        yield from ((((*where, *path)), message) for path, message in _beyond_the_model(operation, service))
        if operation == "CreateSolution":
            yield from _check_job_names(value, where, service)
    if "tags" in value:
        shape = input_shape("CreateDatasetGroup").members["tags"]
        yield from check(shape, value["tags"], ("tags",))


def overridden(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield `(path, message)` for each setting of a valid configuration that the workflow sets itself."""
    for where, operation, _ in services_in(value):
        service = at(value, where) or {}
        for name in SUPPLIED[operation]:
            if name in service:
                yield (*where, name), "is set by the workflow; the value in the file is not used"
        if operation == "CreateSolution":
            if "performAutoML" in service:
                yield (*where, "performAutoML"), "is no longer offered by Personalize and is left out"
            if service.get("performAutoTraining"):
                yield (*where, "performAutoTraining"), "trains every week or as scheduled, at your cost"


def _request(operation: str, service: dict[str, Any]) -> dict[str, Any]:
    request = {**service, **SUPPLIED[operation]}
    if operation == "CreateSchema" and isinstance(request.get("schema"), dict):
        request["schema"] = json.dumps(request["schema"])
    if operation == "CreateSolution":
        request.pop("solutionVersion", None)
    if operation == "CreateBatchSegmentJob":
        request.pop("filterValues", None)
    return request


def _beyond_the_model(operation: str, service: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield what the service refuses although its model allows it."""
    if operation == "CreateBatchSegmentJob":
        results = service.get("numResults")
        if isinstance(results, int) and not 1 <= results <= MOST_USERS:
            yield ("numResults",), f"must be between 1 and {MOST_USERS} users in a segment"
        values = service.get("filterValues", {})
        if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
            yield ("filterValues",), "must be an object of names and text"
        elif values and "filterArn" not in service:
            yield ("filterValues",), "needs a filterArn"
    if operation == "CreateSolution" and "recipeArn" not in service:
        yield ("recipeArn",), "is required and missing"
    if operation == "CreateSolutionVersion" and service.get("trainingMode") == "AUTOTRAIN":
        yield ("trainingMode",), "AUTOTRAIN is what Personalize starts by itself; use FULL or UPDATE"


def _check_job_names(
    value: dict[str, Any], where: Path, service: dict[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Yield a problem when the generated name of a solution's job is over the limit of 63 characters."""
    name = service.get("name")
    if at(value, (*where[:-1], "batchSegmentJobs")) and isinstance(name, str):
        over = len(job_name(name, 1, "0000_00_00_00_00_00")) - MOST_CHARACTERS
        if over > 0:
            yield (*where, "name"), f"is {over} characters too long: job names are made of it and may have 63"


def _indexes(value: Any) -> range:
    return range(len(value)) if isinstance(value, list) else range(0)
