"""Operations on the result side: filters and batch segment jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.personalize.datasets import DELETE_SECONDS
from local.personalize.errors import QueryError, in_use, invalid_input, limit_exceeded
from local.personalize.filters import Clause, parse_filter
from local.personalize.segments import SegmentJob, locations, run_segment_job
from local.personalize.solutions import SolutionOperations

if TYPE_CHECKING:
    from local.personalize.state import Resource

# Quotas: https://docs.aws.amazon.com/personalize/latest/dg/limits.html
MOST_FILTERS = 10  # per dataset group
MOST_SEGMENT_JOBS_IN_FLIGHT = 5
MOST_USERS = 5_000_000  # per segment: API_CreateBatchSegmentJob.html
DEFAULT_USERS = 25  # what the console proposes; the API reference names no default
FILTER_SECONDS, SEGMENT_SECONDS = 30, 900


class JobOperations(SolutionOperations):
    """Filters and batch segment jobs."""

    def create_filter(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a filter of user segments; filters of recommendations are not for this stand-in."""
        group = self.find_active("datasetGroup", request["datasetGroupArn"])
        if len(self.select("filter", datasetGroupArn=group.arn)) >= MOST_FILTERS:
            raise limit_exceeded(f"More than {MOST_FILTERS} filters in {group.arn}.")
        try:
            clauses = parse_filter(request["filterExpression"])
        except QueryError as error:
            raise invalid_input(f"Could not create filter. {error}") from error
        tags = request.pop("tags", None)
        created = self.add("filter", f"filter/{request['name']}", request, tags)
        created.content = clauses
        self.advance(created, FILTER_SECONDS)
        return {"filterArn": created.arn}

    def describe_filter(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a filter."""
        return self.describe("filter", request)

    def list_filters(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return filters, of one dataset group if asked."""
        where = {name: request[name] for name in ("datasetGroupArn",) if name in request}
        return self.page("ListFilters", self.select("filter", **where), request)

    def delete_filter(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a filter in the background, unless a job is using it."""
        unwanted = self.find("filter", request["filterArn"])
        jobs = self.unfinished("batchSegmentJob", filterArn=unwanted.arn)
        if jobs:
            raise in_use(f"{unwanted.arn} is used by {jobs[0].arn}, which is still being created.")
        self.remove(unwanted, DELETE_SECONDS)
        return {}

    def create_batch_segment_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer the queries of input files in S3 with user segments, acting as the role."""
        version = self.find_active("solutionVersion", request["solutionVersionArn"])
        most = request.get("numResults", DEFAULT_USERS)
        if not 1 <= most <= MOST_USERS:
            raise invalid_input(f"numResults must be between 1 and {MOST_USERS}.")
        clauses: tuple[Clause, ...] = ()
        if "filterArn" in request:
            chosen = self.find_active("filter", request["filterArn"])
            if chosen.detail["datasetGroupArn"] != version.detail["datasetGroupArn"]:
                raise invalid_input("The filter must be of the solution version's dataset group.")
            clauses = chosen.content
        target = request["jobOutput"]["s3DataDestination"]
        try:
            read, write = locations(request["jobInput"]["s3DataSource"]["path"], target["path"])
        except ValueError as error:
            raise invalid_input(str(error)) from error
        for uri in (request["jobInput"]["s3DataSource"]["path"], target["path"]):
            self.require_key(self.key_of(uri), request["roleArn"])
        self.check_in_flight("batchSegmentJob", MOST_SEGMENT_JOBS_IN_FLIGHT)
        tags = request.pop("tags", None)
        detail = {**request, "numResults": most}
        job = self.add("batchSegmentJob", f"batch-segment-job/{request['jobName']}", detail, tags)
        tables = {
            name: found[1]
            for name in ("USERS", "INTERACTIONS")
            if (found := self.bulk_data(version.detail["datasetGroupArn"], name))
        }
        plan = SegmentJob(
            version.content, request["roleArn"], read, write, most, target.get("kmsKeyArn"), clauses, tables
        )
        self._start_job(job, plan)
        return {"batchSegmentJobArn": job.arn}

    def _start_job(self, job: Resource, plan: SegmentJob) -> None:
        self.advance(job, SEGMENT_SECONDS, lambda: run_segment_job(self.cloud, plan))

    def describe_batch_segment_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a batch segment job."""
        return self.describe("batchSegmentJob", request)

    def list_batch_segment_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return batch segment jobs, of one solution version if asked."""
        where = {name: request[name] for name in ("solutionVersionArn",) if name in request}
        return self.page("ListBatchSegmentJobs", self.select("batchSegmentJob", **where), request)
