"""Operations on the data side: schemas, dataset groups, datasets, dataset import jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.key_use import KeyDenied, bucket_of
from local.personalize.errors import in_use, invalid_input, limit_exceeded
from local.personalize.imports import Imported, import_table
from local.personalize.s3_files import parse_location
from local.personalize.schemas import Schema, check_schema, parse_schema
from local.personalize.state import UNFINISHED, Resource, ResourceService

if TYPE_CHECKING:
    from local.personalize.tables import Table

# Quotas: https://docs.aws.amazon.com/personalize/latest/dg/limits.html
MOST_SCHEMAS = 500
MOST_DATASET_GROUPS = 5
MOST_IMPORTS_IN_FLIGHT = 5
# Typical durations in AWS, in seconds.
GROUP_SECONDS, DATASET_SECONDS, IMPORT_SECONDS, DELETE_SECONDS = 60, 30, 300, 60
_CHILDREN_OF_GROUP = ("dataset", "solution", "filter")


class DataOperations(ResourceService):
    """Schemas, dataset groups, datasets and their imports."""

    def create_schema(self, request: dict[str, Any]) -> dict[str, Any]:
        """Store an Avro schema that Personalize can use."""
        if len(self.select("schema")) >= MOST_SCHEMAS:
            raise limit_exceeded(f"More than {MOST_SCHEMAS} schemas. Please delete some and try again.")
        try:
            schema = parse_schema(request["schema"], request.get("domain"))
        except ValueError as error:
            raise invalid_input(str(error)) from error
        created = self.add("schema", f"schema/{request['name']}", request)
        created.content = schema
        return {"schemaArn": created.arn}

    def describe_schema(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a schema."""
        return self.describe("schema", request)

    def list_schemas(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the account's schemas."""
        return self.page("ListSchemas", self.select("schema"), request)

    def delete_schema(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a schema at once, unless a dataset uses it."""
        schema = self.find("schema", request["schemaArn"])
        if self.select("dataset", schemaArn=schema.arn):
            raise in_use(f"{schema.arn} is used by a dataset; delete that first.")
        del self.resources[schema.arn]
        return {}

    def create_dataset_group(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a custom or domain dataset group."""
        if len(self.select("datasetGroup")) >= MOST_DATASET_GROUPS:
            raise limit_exceeded(
                f"More than {MOST_DATASET_GROUPS} resources in ACTIVE state. Delete some and try again."
            )
        if ("kmsKeyArn" in request) != ("roleArn" in request):
            raise invalid_input("kmsKeyArn and roleArn must be given together.")
        self.require_key(request.get("kmsKeyArn", ""), request.get("roleArn", ""))
        tags = request.pop("tags", None)
        group = self.add("datasetGroup", f"dataset-group/{request['name']}", request, tags)
        self.advance(group, GROUP_SECONDS)
        answer = {"datasetGroupArn": group.arn}
        return {**answer, "domain": request["domain"]} if "domain" in request else answer

    def key_of(self, uri: str) -> str:
        """Return the customer key of the bucket of `s3://…`; blank for none."""
        return self.cloud.keys.key_of(bucket_of(uri)) if self.cloud.keys else ""

    def require_key(self, key: str, role: str = "") -> None:
        """Refuse a request whose data Personalize, or its role, may not encrypt and decrypt.

        https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-key-access.html
        """
        if not key or not self.cloud.keys:
            return
        try:
            self.cloud.keys.require("personalize", key)
            if role:
                self.cloud.keys.require_role(role, key)
        except KeyDenied as denied:
            raise invalid_input(str(denied)) from denied

    def describe_dataset_group(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a dataset group."""
        return self.describe("datasetGroup", request)

    def list_dataset_groups(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the account's dataset groups."""
        return self.page("ListDatasetGroups", self.select("datasetGroup"), request)

    def delete_dataset_group(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a group in the background; its datasets, solutions and filters must be gone."""
        group = self.find("datasetGroup", request["datasetGroupArn"])
        for kind in _CHILDREN_OF_GROUP:
            children = self.select(kind, datasetGroupArn=group.arn)
            if children:
                names = ", ".join(child.arn for child in children)
                raise in_use(f"{group.arn} still has {names}; delete these first.")
        self.remove(group, DELETE_SECONDS)
        return {}

    def create_dataset(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create the group's dataset of a type; schema, type and domain must fit together."""
        group = self.find_active("datasetGroup", request["datasetGroupArn"])
        schema = self.find("schema", request["schemaArn"])
        dataset_type = request["datasetType"].upper()
        domain = group.detail.get("domain")
        if schema.content.domain != domain:
            raise invalid_input(f"The domain of the schema must be that of the dataset group, {domain}.")
        self._check_schema(schema.content, dataset_type)
        tags = request.pop("tags", None)
        path = f"dataset/{group.detail['name']}/{dataset_type}"
        dataset = self.add("dataset", path, {**request, "datasetType": dataset_type}, tags)
        dataset.content = Imported()
        self.advance(dataset, DATASET_SECONDS)
        return {"datasetArn": dataset.arn}

    def _check_schema(self, schema: Schema, dataset_type: str) -> None:
        try:
            check_schema(schema, dataset_type)
        except ValueError as error:
            raise invalid_input(str(error)) from error

    def describe_dataset(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a dataset."""
        return self.describe("dataset", request)

    def list_datasets(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return datasets, of one group if asked."""
        return self.page("ListDatasets", self.select("dataset", **_only(request, "datasetGroupArn")), request)

    def update_dataset(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give a dataset a new schema, which must keep the existing fields and add nullable ones only."""
        dataset = self.find_active("dataset", request["datasetArn"])
        new = self.find("schema", request["schemaArn"])
        old = self.find("schema", dataset.detail["schemaArn"])
        self._check_schema(new.content, dataset.detail["datasetType"])
        kept = {field.name for field in new.content.fields}
        lost = [field.name for field in old.content.fields if field.name not in kept]
        names = {field.name for field in old.content.fields}
        firm = [field.name for field in new.content.fields if field.name not in names and not field.nullable]
        if lost or firm:
            raise invalid_input(
                f"The new schema must keep the fields {lost} and make new fields nullable: {firm}."
            )
        now = datetime.now(UTC)
        dataset.detail["latestDatasetUpdate"] = {
            "schemaArn": new.arn,
            "status": "ACTIVE",
            "creationDateTime": now,
            "lastUpdatedDateTime": now,
        }
        dataset.detail.update(schemaArn=new.arn, lastUpdatedDateTime=now)
        return {"datasetArn": dataset.arn}

    def delete_dataset(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a dataset in the background, unless an import or a training is using it."""
        dataset = self.find("dataset", request["datasetArn"])
        imports = self.select("datasetImportJob", datasetArn=dataset.arn)
        trainings = self.unfinished("solutionVersion", datasetGroupArn=dataset.detail["datasetGroupArn"])
        busy = [job.arn for job in imports if job.status in UNFINISHED] + [each.arn for each in trainings]
        if busy:
            raise in_use(f"{dataset.arn} is used by {', '.join(busy)}, which is still being created.")
        self.remove(dataset, DELETE_SECONDS, *imports)
        return {}

    def create_dataset_import_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Import CSV files from S3, acting as the role."""
        dataset = self.find_active("dataset", request["datasetArn"])
        if "roleArn" not in request:
            raise invalid_input("roleArn is required.")
        try:
            parse_location(request["dataSource"].get("dataLocation", ""))
        except ValueError as error:
            raise invalid_input(str(error)) from error
        self.require_key(self.key_of(request["dataSource"]["dataLocation"]))
        self.check_in_flight("datasetImportJob", MOST_IMPORTS_IN_FLIGHT)
        tags = request.pop("tags", None)
        detail = {"importMode": "FULL", "publishAttributionMetricsToS3": False, **request}
        job = self.add("datasetImportJob", f"dataset-import-job/{request['jobName']}", detail, tags)
        self._start_import(job, dataset)
        return {"datasetImportJobArn": job.arn}

    def _start_import(self, job: Resource, dataset: Resource) -> None:
        schema = self.find("schema", dataset.detail["schemaArn"]).content
        mode = job.detail["importMode"]

        def work() -> None:
            job.content = import_table(
                self.cloud,
                job.detail["roleArn"],
                job.detail["dataSource"]["dataLocation"],
                schema=schema,
                dataset_type=dataset.detail["datasetType"],
                mode=mode,
            )

        def finish() -> None:
            dataset.content.take(job.content, mode)
            job.content = None

        self.advance(job, IMPORT_SECONDS, work, finish)

    def describe_dataset_import_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return an import job."""
        return self.describe("datasetImportJob", request)

    def list_dataset_import_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return import jobs, of one dataset if asked."""
        jobs = self.select("datasetImportJob", **_only(request, "datasetArn"))
        return self.page("ListDatasetImportJobs", jobs, request)

    def bulk_data(self, group_arn: str, dataset_type: str) -> tuple[Schema, Table | None] | None:
        """Return the schema and FULL data of a group's dataset, or None when there is no such dataset."""
        for dataset in self.select("dataset", datasetGroupArn=group_arn, datasetType=dataset_type):
            return self.find("schema", dataset.detail["schemaArn"]).content, dataset.content.full
        return None


def _only(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: request[name] for name in names if name in request}
