"""From a checked configuration to the requests the workflow makes: names, ARNs, parameters and order."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from audiences.training.config import Config
from audiences.training.names import Run, dated_name, job_name
from audiences.training.queries import Query
from audiences.training.schemas import as_schema


@dataclass(frozen=True)
class Account:
    """Where resources are made. arn_prefix: `arn:<partition>:personalize:<region>:<account>`."""

    arn_prefix: str
    role_arn: str
    kms_key_arn: str | None = None


@dataclass(frozen=True)
class JobInput:
    """One input file of a batch segment job: its full key in the Personalize bucket, and its queries."""

    solution: int
    entry: int
    key: str
    queries: list[Query]
    is_original: bool = False


@dataclass
class Plan:
    """What a run does.

    resources: by id (`<kind>/<name>`) `{kind, name, arn, create, needs}`: `create` holds the request's
    parameters, `needs` parameters that become known later, as ids. The lists hold ids in order. notes: lines
    for the mail.
    """

    run_id: str
    group: str
    dataset_group: str
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    schemas: list[str] = field(default_factory=list)
    datasets: list[dict[str, str]] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    solutions: list[dict[str, str]] = field(default_factory=list)
    segment_jobs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def job_names(self) -> list[str]:
        """Return the names of the batch segment jobs."""
        return [str(self.resources[job]["name"]) for job in self.segment_jobs]

    def as_json(self) -> dict[str, Any]:
        """Return the form kept in S3."""
        return asdict(self)

    def steps(self) -> dict[str, Any]:
        """Return what the state machine needs: ids only."""
        names = ("dataset_group", "schemas", "datasets", "filters", "solutions", "segment_jobs")
        return {name: getattr(self, name) for name in names}


class Planner:
    """Builds the plan of one run, part by part."""

    def __init__(self, config: Config, run: Run, account: Account) -> None:
        """Take what the plan is made of."""
        self._config = config
        self._run = run
        self._account = account
        self._resources: dict[str, dict[str, Any]] = {}

    def build(self, locations: dict[str, str], inputs: list[JobInput]) -> Plan:
        """Return the plan. `locations`: S3 URI of the data by dataset; `inputs`: of the segment jobs."""
        service = self._config.value["datasetGroup"]["serviceConfig"]
        group = self._add("dataset-group", self._config.group, dict(service))
        plan = Plan(self._run.run_id, self._config.group, group, self._resources)
        for kind, dataset in self._config.datasets.items():
            schema = self._add_schema(dataset["schema"]["serviceConfig"], service.get("domain"))
            plan.schemas.append(schema)
            plan.datasets.append(
                self._add_dataset(kind, dataset["dataset"]["serviceConfig"], schema, locations[kind])
            )
        plan.filters = [
            self._add(
                "filter", entry["serviceConfig"]["name"], {**entry["serviceConfig"], **self._in_group()}
            )
            for entry in self._config.value.get("filters", [])
        ]
        plan.solutions = [self._add_solution(solution) for solution in self._config.solutions]
        for number, ids in enumerate(plan.solutions):
            own = [entry for entry in inputs if entry.solution == number]
            plan.segment_jobs += self._add_jobs(self._config.solutions[number], ids["version"], own)
        plan.notes = [*self._config.warnings, *self._config.not_run]
        return plan

    def _add(
        self,
        kind: str,
        name: str,
        create: dict[str, Any],
        path: str | None = None,
        *,
        needs: dict[str, str] | None = None,
        identity: str = "",
    ) -> str:
        """Register one resource and return its id. `path`: of its ARN when that is not `<kind>/<name>`."""
        identity = identity or f"{kind}/{name}"
        tags = create.get("tags", self._config.value.get("tags"))
        if tags and kind != "schema":  # CreateSchema takes no tags
            create = {**create, "tags": tags}
        self._resources[identity] = {
            "kind": kind,
            "name": name,
            "arn": self._arn(path or f"{kind}/{name}"),
            "create": create,
            "needs": needs or {},
        }
        return identity

    def _arn(self, path: str) -> str:
        return f"{self._account.arn_prefix}:{path}"

    def _in_group(self) -> dict[str, str]:
        return {"datasetGroupArn": self._arn(f"dataset-group/{self._config.group}")}

    def _add_schema(self, service: dict[str, Any], domain: str | None) -> str:
        create = {"name": service["name"], "schema": json.dumps(as_schema(service["schema"]))}
        if domain:
            create["domain"] = domain
        return self._add("schema", service["name"], create)

    def _add_dataset(self, kind: str, service: dict[str, Any], schema: str, location: str) -> dict[str, str]:
        path = f"dataset/{self._config.group}/{kind.upper()}"
        create = {**service, **self._in_group(), "datasetType": kind.title(), "schemaArn": self._arn(schema)}
        dataset = self._add("dataset", service["name"], create, path)
        settings = self._config.value["datasets"].get("serviceConfig", {})
        name = dated_name(f"import_{service['name']}", self._run.time)
        request = {
            "importMode": "FULL",
            **settings,
            "jobName": name,
            "datasetArn": self._arn(path),
            "dataSource": {"dataLocation": location},
            "roleArn": self._account.role_arn,
        }
        return {"dataset": dataset, "import": self._add("dataset-import-job", name, request)}

    def _add_solution(self, solution: dict[str, Any]) -> dict[str, str]:
        service = dict(solution["serviceConfig"])
        version = dict(service.pop("solutionVersion", {}))
        service.pop("performAutoML", None)
        name = service["name"]
        # Personalize would train every week at the owner's cost unless told not to (the default is true):
        # https://docs.aws.amazon.com/personalize/latest/dg/API_CreateSolution.html
        service.setdefault("performAutoTraining", "autoTrainingConfig" in service.get("solutionConfig", {}))
        identity = self._add("solution", name, {**service, **self._in_group()})
        version["name"] = dated_name(str(version.get("name", name)), self._run.time)
        version["solutionArn"] = self._arn(identity)
        if "tags" not in version and "tags" in service:
            version["tags"] = service["tags"]
        # The service chooses the last part of a version's ARN; it is found by name instead.
        path = f"solution/{name}/"
        key = self._add(
            "solution-version", version["name"], version, path, identity=f"solution-version/{name}"
        )
        return {"solution": identity, "version": key}

    def _add_jobs(self, solution: dict[str, Any], version: str, inputs: list[JobInput]) -> list[str]:
        name = solution["serviceConfig"]["name"]
        jobs = []
        for number, part in enumerate(inputs, start=1):
            service = dict(solution["batchSegmentJobs"][part.entry]["serviceConfig"])
            service.pop("filterValues", None)  # already in each query
            job = job_name(name, number, self._run.time)
            output = f"batch/{self._config.group}/{name}/{job}/"
            request = {
                **service,
                "jobName": job,
                "jobInput": {"s3DataSource": self._s3(part.key)},
                "jobOutput": {"s3DataDestination": self._s3(output)},
                "roleArn": self._account.role_arn,
            }
            request.pop("solutionVersionArn", None)
            jobs.append(self._add("batch-segment-job", job, request, needs={"solutionVersionArn": version}))
        return jobs

    def _s3(self, key: str) -> dict[str, str]:
        place = {"path": f"s3://{self._run.bucket}/{key}"}
        return {**place, "kmsKeyArn": self._account.kms_key_arn} if self._account.kms_key_arn else place
