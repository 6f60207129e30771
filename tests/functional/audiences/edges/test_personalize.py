"""The Personalize edge: real botocore requests against canned answers, and errors that say what to do."""

from datetime import UTC, datetime

import pytest
from audiences.edges import aws
from audiences.edges.personalize import Personalize
from audiences.edges.personalize_model import input_shape
from audiences.errors import RetryLater, SetupError
from audiences.training.resources import KINDS
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

GROUP = "arn:aws:personalize:eu-central-1:123456789012:dataset-group/shop"
SOLUTION = "arn:aws:personalize:eu-central-1:123456789012:solution/affinity"
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def stub(monkeypatch):
    for name, value in (
        ("ACCESS_KEY_ID", "x"),
        ("SECRET_ACCESS_KEY", "x"),
        ("DEFAULT_REGION", "eu-central-1"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    aws.client.cache_clear()
    with Stubber(aws.client("personalize")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
    aws.client.cache_clear()


def test_describe_returns_the_resource_or_none(stub):
    stub.add_response(
        "describe_dataset_group", {"datasetGroup": {"name": "shop"}}, {"datasetGroupArn": GROUP}
    )
    stub.add_client_error("describe_dataset_group", "ResourceNotFoundException")
    service = Personalize()
    assert service.describe(KINDS["dataset-group"], GROUP) == {"name": "shop"}
    assert service.describe(KINDS["dataset-group"], GROUP) is None


def test_create_returns_the_arn_or_none_when_the_name_is_taken(stub):
    stub.add_response("create_dataset_group", {"datasetGroupArn": GROUP}, {"name": "shop"})
    stub.add_client_error("create_dataset_group", "ResourceAlreadyExistsException")
    service = Personalize()
    assert service.create(KINDS["dataset-group"], {"name": "shop"}) == GROUP
    assert service.create(KINDS["dataset-group"], {"name": "shop"}) is None


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("dataset-group", "ThrottlingException", RetryLater),
        ("dataset-group", "ResourceInUseException", RetryLater),
        ("dataset-group", "LimitExceededException", SetupError),
        ("dataset-group", "InvalidInputException", SetupError),
        ("dataset-group", "AccessDeniedException", SetupError),
    ],
)
def test_errors_are_classified(stub, kind, code, expected):
    stub.add_client_error("create_dataset_group", code, "because")
    with pytest.raises(expected, match="because") as caught:
        Personalize().create(KINDS[kind], {"name": "shop"})
    assert code in caught.value.why


def test_a_limit_of_jobs_in_flight_passes_by_itself(stub):
    stub.add_client_error("create_solution_version", "LimitExceededException")
    with pytest.raises(RetryLater):
        Personalize().create(KINDS["solution-version"], {"solutionArn": SOLUTION})


def test_no_answer_is_tried_again(monkeypatch, stub):
    def fail(**_arguments):
        raise EndpointConnectionError(endpoint_url="https://personalize.example.com")

    monkeypatch.setattr(aws.client("personalize"), "describe_schema", fail)
    with pytest.raises(RetryLater, match="did not answer"):
        Personalize().describe(KINDS["schema"], "arn")


def test_find_reads_every_page_and_any_spelling_of_the_list(stub):
    stub.add_response("list_filters", {"Filters": [{"name": "a", "filterArn": "arn:a"}], "nextToken": "t"})
    stub.add_response("list_filters", {"Filters": [{"name": "b", "filterArn": "arn:b"}]})
    assert Personalize().find(KINDS["filter"], "b", GROUP, 0) == "arn:b"


def test_solution_versions_are_found_by_describing_recent_ones_only(stub):
    def version(number, day):
        arn = f"{SOLUTION}/{number}"
        return {"solutionVersionArn": arn, "creationDateTime": AT.replace(day=day), "status": "ACTIVE"}

    stub.add_response("list_solution_versions", {"solutionVersions": [version(1, 1), version(2, 22)]})
    stub.add_response(
        "describe_solution_version",
        {"solutionVersion": {"name": "v"}},
        {"solutionVersionArn": f"{SOLUTION}/2"},
    )
    assert Personalize().find(KINDS["solution-version"], "v", SOLUTION, AT.timestamp()) == f"{SOLUTION}/2"


def test_delete_tells_whether_there_was_something(stub):
    stub.add_response("delete_filter", {}, {"filterArn": "arn"})
    stub.add_client_error("delete_filter", "ResourceNotFoundException")
    service = Personalize()
    assert service.delete(KINDS["filter"], "arn") is True
    assert service.delete(KINDS["filter"], "arn") is False


def test_every_kind_has_its_operations():
    for kind in KINDS.values():
        assert input_shape(f"Create{kind.camel}") is not None
        assert list(input_shape(f"Describe{kind.camel}").members) == [kind.arn_key]
        listed = input_shape(f"List{kind.camel}s").members
        assert kind.parent is None or kind.parent in listed
