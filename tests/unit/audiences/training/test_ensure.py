"""Describe-or-create: safe to repeat, says each change once, waits or stops as it should."""

from datetime import UTC, datetime, timedelta

import pytest
from audiences.errors import RetryLater, SetupError
from audiences.training.ensure import Ensurer, Record
from audiences.training.prepare import prepare
from audiences.training.resources import KINDS

from .conftest import ACCOUNT, PREFIX, MemoryStore, uploaded

JOB = "batch-segment-job/batch_affinity_2026_11_22_10_00_00"
VERSION = "solution-version/affinity"
GROUP = "dataset-group/shop"
NOW = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)


class FakeService:
    """Resources in a dict; statuses are set by the test. Names are unique in a kind, as in Personalize."""

    def __init__(self):
        self.resources = {}
        self.requests = []
        self.refusal = None

    def add(self, kind, arn, status="CREATE PENDING", created=NOW, **members):
        self.resources[arn] = {
            "kind": kind,
            kind.arn_key: arn,
            "status": status,
            "creationDateTime": created,
            "lastUpdatedDateTime": created + timedelta(seconds=90),
            **members,
        }

    def describe(self, _kind, arn):
        return self.resources.get(arn)

    def find(self, kind, name, _parent_arn, _since):
        for arn, found in self.resources.items():
            if found["kind"] is kind and found.get(kind.name_key) == name:
                return arn
        return None

    def create(self, kind, request):
        if self.refusal:
            raise self.refusal
        self.requests.append((kind.camel, request))
        name = request[kind.name_key]
        if self.find(kind, name, None, 0):
            return None
        arn = f"{PREFIX}:{kind.path}/{name}"
        if kind.camel == "SolutionVersion":
            arn = f"{request['solutionArn']}/1a2b3c4d"
        elif kind.camel == "Dataset":
            arn = f"{PREFIX}:dataset/shop/{request['datasetType'].upper()}"
        self.add(kind, arn, **request)
        return arn

    def update_training(self, arn, *, automatic):
        self.resources[arn]["performAutoTraining"] = automatic


class FakeRecords:
    """Records in a dict; published events in a list."""

    def __init__(self):
        self.kept = {}
        self.published = []

    def load(self, resource):
        return self.kept.get(resource) or Record()

    def save(self, resource, record):
        self.kept[resource] = record

    def publish(self, resource, record, event):
        self.published.append((event["resource"], event["status"]))
        record.events.append(event)
        self.save(resource, record)


@pytest.fixture
def service():
    return FakeService()


@pytest.fixture
def records():
    return FakeRecords()


@pytest.fixture
def ensurer(config, run, service, records):
    plan = prepare(run, ACCOUNT, MemoryStore(uploaded(config)), 1 << 30)
    return Ensurer(plan, service, records, run.started)


def make_active(service, records, identity=VERSION, arn=f"{PREFIX}:solution/affinity/1a2b3c4d"):
    service.add(KINDS[identity.split("/")[0]], arn, "ACTIVE")
    records.kept[identity] = Record(arn, "ACTIVE")
    return arn


def test_a_missing_resource_is_created_waited_for_and_reported_once(ensurer, service, records):
    for _ in range(3):
        with pytest.raises(RetryLater):
            ensurer.ensure(GROUP)
    assert [name for name, _ in service.requests] == ["DatasetGroup"]
    service.resources[f"{PREFIX}:{GROUP}"]["status"] = "ACTIVE"
    for _ in range(2):
        assert ensurer.ensure(GROUP)["status"] == "ACTIVE"
    assert records.published == [("Dataset Group", "CREATING"), ("Dataset Group", "ACTIVE")]
    assert records.kept[GROUP].events[1]["duration_seconds"] == 90


def test_a_failure_is_an_event_with_its_reason(ensurer, service, records):
    """M1: the predecessor published no failure."""
    make_active(service, records)
    with pytest.raises(RetryLater):
        ensurer.ensure(JOB)
    found = service.resources[f"{PREFIX}:{JOB}"]
    found |= {"status": "CREATE FAILED", "failureReason": "The column does not exist."}
    for _ in range(2):
        with pytest.raises(SetupError, match="The column does not exist"):
            ensurer.ensure(JOB)
    assert records.published == [("Batch Segment Job", "CREATING"), ("Batch Segment Job", "CREATE FAILED")]
    assert records.kept[JOB].events[-1]["failure_reason"] == "The column does not exist."
    assert len(service.requests) == 1


def test_what_an_earlier_run_made_is_used_in_silence(ensurer, service, records):
    """M5: no event for what did not change in this run, however long the process has been warm."""
    service.add(
        KINDS["dataset-group"],
        f"{PREFIX}:{GROUP}",
        "ACTIVE",
        NOW - timedelta(days=1),
        domain="VIDEO_ON_DEMAND",
    )
    assert ensurer.ensure(GROUP)["status"] == "ACTIVE"
    assert records.published == []
    assert records.kept[GROUP].status == "ACTIVE"


def test_a_crash_between_creating_and_saying_so_loses_no_event(ensurer, service, records):
    make_active(service, records)
    with pytest.raises(RetryLater):
        ensurer.ensure(JOB)
    records.kept.pop(JOB)
    records.published.clear()
    service.resources[f"{PREFIX}:{JOB}"]["status"] = "ACTIVE"
    ensurer.ensure(JOB)
    assert records.published == [("Batch Segment Job", "ACTIVE")]


@pytest.mark.parametrize("status", ["INACTIVE", "CREATE IN_PROGRESS", "CREATE STOPPING"])
def test_a_status_is_compared_as_a_whole(ensurer, service, records, status):
    """M6: the predecessor looked for substrings."""
    service.add(KINDS["dataset-group"], f"{PREFIX}:{GROUP}", status, domain="VIDEO_ON_DEMAND")
    with pytest.raises(RetryLater):
        ensurer.ensure(GROUP)
    assert ("Dataset Group", "ACTIVE") not in records.published


def test_a_schema_is_there_at_once(ensurer, service, records):
    service_status = ensurer.ensure("schema/shop_items_schema")
    assert service_status["status"] == "ACTIVE"
    assert records.published == [("Schema", "CREATING"), ("Schema", "ACTIVE")]


def test_a_schema_with_other_content_is_refused_and_spacing_does_not_matter(ensurer, service):
    ensurer.ensure("schema/shop_items_schema")
    found = service.resources[f"{PREFIX}:schema/shop_items_schema"]
    found["schema"] = found["schema"].replace(" ", "\n ")
    ensurer.ensure("schema/shop_items_schema")
    found["schema"] = found["schema"].replace("GENRES", "KINDS")
    with pytest.raises(SetupError, match="exists already with another schema"):
        ensurer.ensure("schema/shop_items_schema")


def test_a_solution_of_another_recipe_is_refused(ensurer, service):
    with pytest.raises(RetryLater):
        ensurer.ensure("solution/affinity")
    service.resources[f"{PREFIX}:solution/affinity"]["recipeArn"] = "arn:aws:personalize:::recipe/aws-sims"
    with pytest.raises(SetupError, match="another recipeArn"):
        ensurer.ensure("solution/affinity")


def test_automatic_training_of_an_existing_solution_is_switched_off(ensurer, service, records):
    request = ensurer._plan.resources["solution/affinity"]["create"]
    service.add(
        KINDS["solution"],
        f"{PREFIX}:solution/affinity",
        "ACTIVE",
        NOW - timedelta(days=9),
        **request | {"performAutoTraining": True},
    )
    for _ in range(2):
        ensurer.ensure("solution/affinity")
    assert service.resources[f"{PREFIX}:solution/affinity"]["performAutoTraining"] is False
    assert records.published == [("Solution", "UPDATING"), ("Solution", "ACTIVE")]


def test_a_name_taken_elsewhere_is_told(ensurer, service):
    service.create = lambda _kind, _request: None
    with pytest.raises(SetupError, match="not part of this dataset group"):
        ensurer.ensure("solution/affinity")


def test_a_solution_version_is_found_by_name_and_made_once(ensurer, service, records):
    with pytest.raises(RetryLater):
        ensurer.ensure(VERSION)
    records.kept.clear()  # as after a crash: only the service knows
    with pytest.raises(RetryLater):
        ensurer.ensure(VERSION)
    assert len(service.requests) == 1
    assert records.kept[VERSION].arn == f"{PREFIX}:solution/affinity/1a2b3c4d"


def test_a_segment_job_gets_the_version_of_this_run(ensurer, service, records):
    arn = make_active(service, records)
    with pytest.raises(RetryLater):
        ensurer.ensure(JOB)
    assert service.requests[0][1]["solutionVersionArn"] == arn


def test_a_segment_job_of_a_failed_version_says_why(ensurer, service, records):
    records.kept[VERSION] = Record(
        "arn", "CREATE FAILED", [{"status": "CREATE FAILED", "failure_reason": "Too few."}]
    )
    with pytest.raises(SetupError, match="Too few"):
        ensurer.ensure(JOB)
    assert service.requests == []


def test_a_refused_creation_is_a_failure_with_its_reason_too(ensurer, service, records):
    """M1: whatever stops a resource reaches the bus."""
    service.refusal = SetupError("Refused.", "A quota is used up.")
    with pytest.raises(SetupError):
        ensurer.ensure(GROUP)
    assert records.published == [("Dataset Group", "CREATE FAILED")]
    assert "quota" in records.kept[GROUP].events[0]["failure_reason"]


def test_a_creation_that_has_to_wait_publishes_nothing(ensurer, service, records):
    service.refusal = RetryLater("busy")
    with pytest.raises(RetryLater):
        ensurer.ensure(GROUP)
    assert records.published == []
