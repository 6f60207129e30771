from __future__ import annotations

from typing import Any

import pytest

from local.modelled import ServiceError

SCHEMA = (
    '{"type":"record","name":"Users","fields":[{"name":"USER_ID","type":"string"},'
    '{"name":"PLAN","type":"string","categorical":true}]}'
)


def refused(code: str, call: Any, request: dict[str, Any]) -> str:
    with pytest.raises(ServiceError) as caught:
        call(request)
    assert caught.value.code == code
    return caught.value.message


def test_names_are_taken_once_and_groups_are_five(films: Any) -> None:
    service = films.service
    for at in range(5):
        service.create_dataset_group({"name": f"group{at}"})

    assert "More than 5" in refused(
        "LimitExceededException", service.create_dataset_group, {"name": "group5"}
    )
    films.cloud.finish()
    service.delete_dataset_group({"datasetGroupArn": service.select("datasetGroup")[4].arn})
    films.cloud.finish()
    assert "group0" in refused(
        "ResourceAlreadyExistsException", service.create_dataset_group, {"name": "group0"}
    )


def test_a_dataset_waits_for_its_group(films: Any) -> None:
    service = films.service
    schema = service.create_schema({"name": "users", "schema": SCHEMA})["schemaArn"]
    group = service.create_dataset_group({"name": "films"})["datasetGroupArn"]
    request = {"name": "users", "schemaArn": schema, "datasetGroupArn": group, "datasetType": "Users"}

    assert "CREATE PENDING" in refused("ResourceInUseException", service.create_dataset, request)
    films.cloud.finish()
    arn = service.create_dataset(request)["datasetArn"]
    films.cloud.finish()

    assert arn == "arn:aws:personalize:eu-central-1:123456789012:dataset/films/USERS"
    assert service.describe_dataset({"datasetArn": arn})["dataset"]["status"] == "ACTIVE"
    assert refused("ResourceAlreadyExistsException", service.create_dataset, request)
    assert refused("InvalidInputException", service.create_dataset, {**request, "datasetType": "Items"})


def test_domains_of_schema_and_group_must_agree(films: Any) -> None:
    service = films.service
    schema = service.create_schema({"name": "users", "schema": SCHEMA})["schemaArn"]
    created = service.create_dataset_group({"name": "films", "domain": "VIDEO_ON_DEMAND"})
    films.cloud.finish()
    request = {
        "name": "users",
        "schemaArn": schema,
        "datasetGroupArn": created["datasetGroupArn"],
        "datasetType": "Users",
    }

    assert created["domain"] == "VIDEO_ON_DEMAND"
    assert "VIDEO_ON_DEMAND" in refused("InvalidInputException", service.create_dataset, request)
    own = service.create_schema({"name": "own", "schema": SCHEMA, "domain": "VIDEO_ON_DEMAND"})["schemaArn"]
    assert service.create_dataset({**request, "schemaArn": own})


def test_what_others_need_cannot_be_deleted(films: Any) -> None:
    films.load()
    service = films.service
    version = films.train()
    schemas, datasets = service.select("schema"), service.select("dataset")

    assert "solution/" in refused(
        "ResourceInUseException",
        lambda _: (
            [service.delete_dataset({"datasetArn": each.arn}) for each in datasets],
            films.cloud.finish(),
            service.delete_dataset_group({"datasetGroupArn": films.group}),
        ),
        {},
    )
    service.delete_solution({"solutionArn": version["solutionArn"]})
    assert (
        service.describe_solution({"solutionArn": version["solutionArn"]})["solution"]["status"]
        == "DELETE PENDING"
    )
    films.cloud.finish()
    for schema in schemas:
        service.delete_schema({"schemaArn": schema.arn})
    service.delete_dataset_group({"datasetGroupArn": films.group})
    films.cloud.finish()

    assert service.resources == {}
    for call, name in (
        (service.describe_dataset_group, "datasetGroupArn"),
        (service.describe_solution_version, "solutionVersionArn"),
        (service.delete_schema, "schemaArn"),
    ):
        assert refused("ResourceNotFoundException", call, {name: films.group})


def test_a_schema_or_dataset_in_use_stays(films: Any) -> None:
    films.create_group()
    films.create_dataset("Users", SCHEMA)
    service = films.service
    schema, dataset = service.select("schema")[0].arn, service.select("dataset")[0].arn
    films.s3.objects["data", "users.csv"] = b"USER_ID,PLAN\nu1,gold\n"
    service.create_dataset_import_job(
        {
            "jobName": "job",
            "datasetArn": dataset,
            "dataSource": {"dataLocation": "s3://data/users.csv"},
            "roleArn": "arn:aws:iam::123456789012:role/PersonalizeRole",
        }
    )

    assert "used by a dataset" in refused(
        "ResourceInUseException", service.delete_schema, {"schemaArn": schema}
    )
    assert "import-job/job" in refused(
        "ResourceInUseException", service.delete_dataset, {"datasetArn": dataset}
    )
    assert dataset in refused(
        "ResourceInUseException", service.delete_dataset_group, {"datasetGroupArn": films.group}
    )


def test_a_dataset_takes_a_wider_schema_only(films: Any) -> None:
    films.create_group()
    dataset = films.create_dataset("Users", SCHEMA)
    service = films.service
    fields = '{"type":"record","name":"Users","fields":[{"name":"USER_ID","type":"string"},%s]}'
    narrow = service.create_schema(
        {"name": "narrow", "schema": fields % '{"name":"AGE","type":["null","int"]}'}
    )
    wide = service.create_schema(
        {
            "name": "wide",
            "schema": fields % '{"name":"PLAN","type":"string"},{"name":"AGE","type":["null","int"]}',
        }
    )

    assert "PLAN" in refused(
        "InvalidInputException", service.update_dataset, {"datasetArn": dataset, **narrow}
    )
    service.update_dataset({"datasetArn": dataset, **wide})

    shown = service.describe_dataset({"datasetArn": dataset})["dataset"]
    assert shown["schemaArn"] == wide["schemaArn"] == shown["latestDatasetUpdate"]["schemaArn"]


def test_tags_can_be_added_listed_and_removed(films: Any) -> None:
    service = films.service
    arn = service.create_dataset_group({"name": "films", "tags": [{"tagKey": "team", "tagValue": "crm"}]})[
        "datasetGroupArn"
    ]

    service.tag_resource({"resourceArn": arn, "tags": [{"tagKey": "cost", "tagValue": "7"}]})
    service.untag_resource({"resourceArn": arn, "tagKeys": ["team"]})

    assert service.list_tags_for_resource({"resourceArn": arn}) == {
        "tags": [{"tagKey": "cost", "tagValue": "7"}]
    }
    many = [{"tagKey": str(at), "tagValue": ""} for at in range(50)]
    assert refused("TooManyTagsException", service.tag_resource, {"resourceArn": arn, "tags": many})
    assert refused("ResourceNotFoundException", service.list_tags_for_resource, {"resourceArn": "arn:x"})


def test_other_accounts_resources_are_not_listed(films: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    films.service.create_schema({"name": "users", "schema": SCHEMA})
    monkeypatch.setattr(type(films.cloud), "account", "210987654321")

    assert films.service.list_schemas({}) == {"schemas": []}


def test_a_reset_forgets_all_and_outruns_background_work(films: Any) -> None:
    films.service.create_dataset_group({"name": "films"})
    films.service.reset()
    films.cloud.finish()

    assert films.service.list_dataset_groups({}) == {"datasetGroups": []}


def test_a_fault_of_the_stand_in_fails_the_resource_and_is_raised(films: Any) -> None:
    group = films.service.add("datasetGroup", "dataset-group/x", {})
    films.service.advance(group, 1, lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        films.cloud.finish()
    assert group.detail["status"] == "CREATE FAILED"
    assert "internal error" in group.detail["failureReason"]
