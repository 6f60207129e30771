"""A cloud in memory: clock without waiting, S3 in a dict, and a service with data ready to import."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable  # pytest plugins read annotations
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud import AssumeRoleDenied, Cloud
from local.personalize import Personalize

ROLE = "arn:aws:iam::123456789012:role/PersonalizeRole"


class FakeS3:
    """The four calls that Personalize makes; `denied` keys answer AccessDenied."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.denied: set[str] = set()
        self.puts: list[dict[str, Any]] = []

    def list_objects_v2(self, Bucket: str, Prefix: str, ContinuationToken: str = "0") -> dict[str, Any]:  # noqa: N803  # boto3's names
        self._check("ListObjectsV2", Prefix)
        keys = sorted(key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix))
        start = int(ContinuationToken)
        page = {
            "Contents": [{"Key": key} for key in keys[start : start + 2]]
        }  # small pages, to be paged through
        return page if start + 2 >= len(keys) else {**page, "NextContinuationToken": str(start + 2)}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  # boto3's names
        self._check("GetObject", Key)
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def put_object(self, Bucket: str, Key: str, Body: Any, **more: Any) -> None:  # noqa: N803  # boto3's names
        self._check("PutObject", Key)
        self.objects[Bucket, Key] = Body if isinstance(Body, bytes) else Body.read()
        self.puts.append({"Key": Key, **more})

    def _check(self, operation: str, key: str) -> None:
        if key in self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "denied"}}, operation)


class FakeCloud(Cloud):
    """Background work waits in a queue until `finish()`."""

    account, region = "123456789012", "eu-central-1"  # type: ignore[assignment]  # fixed here

    def __init__(self) -> None:
        super().__init__("http://localhost", 0.0)
        self.s3 = FakeS3()
        self.pending: list[Callable[[], None]] = []
        self.waits: list[float] = []
        self.on_wait: Callable[[], None] = lambda: None
        self.assumed: list[tuple[str, str]] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.on_wait()

    def run(self, work: Callable[[], None], name: str) -> None:
        del name
        self.pending.append(work)

    def client(self, service: str, role_arn: str, principal: str) -> Any:
        assert service == "s3"
        self.assumed.append((role_arn, principal))
        if role_arn != ROLE:
            raise AssumeRoleDenied(f"Role {role_arn} does not exist.")
        return self.s3

    def finish(self) -> None:
        """Do the background work that is queued, and what it queues."""
        while self.pending:
            self.pending.pop(0)()


def avro(name: str, **fields: Any) -> str:
    """Return a schema: a field's type as text or list; a text in a tuple is categorical."""
    columns = [
        {"name": column, "type": kind[0], "categorical": True}
        if isinstance(kind, tuple)
        else {"name": column, "type": kind}
        for column, kind in fields.items()
    ]
    return json.dumps({"type": "record", "name": name, "fields": columns, "version": "1.0"})


INTERACTIONS = avro(
    "Interactions",
    USER_ID="string",
    ITEM_ID="string",
    TIMESTAMP="long",
    EVENT_TYPE=["null", "string"],
    EVENT_VALUE=["float", "null"],
)
ITEMS = avro("Items", ITEM_ID="string", GENRES=(["null", "string"],), YEAR="int", TITLE="string")
USERS = avro("Users", USER_ID="string", PLAN=("string",), AGE=["null", "int"])
GENRES = ("Action", "Comedy", "Drama", "Horror")


def write_data(s3: FakeS3, users: int = 200, seed: int = 1) -> dict[str, str]:
    """Put CSV files with planted tastes into S3: most of a user's films are of the favourite genre."""
    draw = random.Random(seed)
    films = {str(number): GENRES[number % 4] for number in range(80)}
    by_genre = {genre: [film for film, own in films.items() if own == genre] for genre in GENRES}
    favourites = {f"u{number}": GENRES[number % 4] for number in range(users)}
    rows = []
    for user, favourite in favourites.items():
        for time in range(draw.randint(6, 14)):
            film = draw.choice(by_genre[favourite]) if draw.random() < 0.7 else draw.choice(list(films))
            rows.append(f"{user},{film},{1_700_000_000 + time},watch,{draw.choice(('', '3.5'))}")
    text = {
        "interactions": ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE", *rows],
        "items": [
            "ITEM_ID,TITLE,YEAR,GENRES",
            *(f"{film},T{film},{1990 + int(film) % 5},{genre}" for film, genre in films.items()),
        ],
        "users": [
            "USER_ID,AGE,PLAN",
            *(f"{user},{20 + at % 50},{('gold', 'free')[at % 2]}" for at, user in enumerate(favourites)),
        ],
    }
    for name, lines in text.items():
        s3.objects["data", f"train/films/{name}.csv"] = ("\n".join(lines) + "\n").encode()
    return favourites


class Films:
    """A service with everything needed for a segment job, one step a method."""

    def __init__(self) -> None:
        self.cloud = FakeCloud()
        self.s3 = self.cloud.s3
        self.service = Personalize(self.cloud)
        self.group = "arn:aws:personalize:eu-central-1:123456789012:dataset-group/films"

    def create_group(self) -> None:
        self.service.create_dataset_group({"name": "films"})
        self.cloud.finish()

    def create_dataset(self, kind: str, schema: str) -> str:
        name = f"films-{kind.lower()}"
        schema_arn = self.service.create_schema({"name": name, "schema": schema})["schemaArn"]
        arn = self.service.create_dataset(
            {"name": name, "schemaArn": schema_arn, "datasetGroupArn": self.group, "datasetType": kind}
        )["datasetArn"]
        self.cloud.finish()
        return str(arn)

    def import_data(self, kind: str, location: str, name: str | None = None, **more: Any) -> dict[str, Any]:
        """Run an import job and return its description."""
        arn = self.service.create_dataset_import_job(
            {
                "jobName": name or f"import-{kind.lower()}-{len(self.service.resources)}",
                "datasetArn": f"{self.group.replace('dataset-group', 'dataset')}/{kind.upper()}",
                "dataSource": {"dataLocation": location},
                "roleArn": ROLE,
                **more,
            }
        )["datasetImportJobArn"]
        self.cloud.finish()
        return dict(
            self.service.describe_dataset_import_job({"datasetImportJobArn": arn})["datasetImportJob"]
        )

    def load(self) -> dict[str, str]:
        """Create the group, the datasets and their data; return each user's favourite genre."""
        favourites = write_data(self.s3)
        self.create_group()
        for kind, schema in (("Interactions", INTERACTIONS), ("Items", ITEMS), ("Users", USERS)):
            self.create_dataset(kind, schema)
            job = self.import_data(kind, f"s3://data/train/films/{kind.lower()}.csv")
            assert job["status"] == "ACTIVE", job
        return favourites

    def train(self, recipe: str = "aws-item-attribute-affinity", **more: Any) -> dict[str, Any]:
        """Create a solution and a version; return the version's description."""
        solution = self.service.create_solution(
            {
                "name": f"solution-{len(self.service.resources)}",
                "recipeArn": f"arn:aws:personalize:::recipe/{recipe}",
                "datasetGroupArn": self.group,
                "performAutoTraining": False,
                **more,
            }
        )["solutionArn"]
        self.cloud.finish()
        arn = self.service.create_solution_version({"solutionArn": solution})["solutionVersionArn"]
        self.cloud.finish()
        return dict(self.service.describe_solution_version({"solutionVersionArn": arn})["solutionVersion"])

    def ask(self, version: str, *lines: Any, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Run a batch segment job over one input file; return its description and its output lines."""
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        self.s3.objects["data", "batch/films/queries.json"] = text.encode()
        arn = self.start(version, "s3://data/batch/films/queries.json", **more)
        self.cloud.finish()
        job = self.service.describe_batch_segment_job({"batchSegmentJobArn": arn})["batchSegmentJob"]
        output = self.s3.objects.get(("out", "films/queries.json.out"), b"")
        return job, [json.loads(line) for line in output.splitlines()]

    def start(self, version: str, source: str, **more: Any) -> str:
        request = {
            "jobName": f"job-{len(self.service.resources)}",
            "solutionVersionArn": version,
            "jobInput": {"s3DataSource": {"path": source}},
            "jobOutput": {"s3DataDestination": {"path": "s3://out/films"}},
            "roleArn": ROLE,
            **more,
        }
        return str(self.service.create_batch_segment_job(request)["batchSegmentJobArn"])


@pytest.fixture
def films() -> Films:
    """An empty service."""
    return Films()
