"""Pinpoint's import jobs: files in S3 become endpoints and, when wanted, a segment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.pinpoint.endpoint_store import TooManyEndpointsError, user_of
from local.pinpoint.files import Row, UnreadableFileError, read_rows
from local.pinpoint.jobs import JobFailedError, Jobs, note_failure, split_url
from local.pinpoint.segments import Segments
from local.pinpoint.state import App, bad_request, not_found, now, page

if TYPE_CHECKING:
    from botocore.model import Shape

# https://docs.aws.amazon.com/pinpoint/latest/developerguide/quotas.html#quotas-import
MAX_BYTES = 1_000_000_000
MAX_FILES = 10_000
_ENDINGS = {"CSV": (".csv",), "JSON": (".json", ".jsonl", ".ndjson")}


@dataclass
class _Members:
    """Who the imported files name, each once, in the order of the files."""

    endpoint_ids: dict[str, None] = field(default_factory=dict)
    user_ids: dict[str, None] = field(default_factory=dict)


class ImportJobs(Jobs, Segments):
    """CreateImportJob, GetImportJob, GetImportJobs."""

    def create_import_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start an import. `SegmentId` makes the next version of that segment, holding this import only."""
        app, definition = self.app(request), request["ImportJobRequest"]
        split_url(definition["S3Url"])
        if not definition["RoleArn"].startswith("arn:"):
            raise bad_request("RoleArn is not an ARN.")
        if definition.get("SegmentId"):
            self.versions(app, definition["SegmentId"])
        job = self.new_job(app.answer["Id"], "IMPORT", definition)
        app.imports[job["Id"]] = job
        return {"ImportJobResponse": self.start_job(job, lambda s3: self._import(app, job, s3))}

    def get_import_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one import job."""
        job = self.app(request).imports.get(request["JobId"])
        if job is None:
            raise not_found("Import job")
        return {"ImportJobResponse": job}

    def get_import_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the project's import jobs, newest first."""
        jobs = list(reversed(self.app(request).imports.values()))
        return {"ImportJobsResponse": page(jobs, request)}

    def _import(self, app: App, job: dict[str, Any], s3: Any) -> None:
        definition, members = job["Definition"], _Members()
        bucket, prefix = split_url(definition["S3Url"])
        keys = list_files(s3, bucket, prefix, definition["Format"])
        shape = self.model.operation_model("UpdateEndpointsBatch").input_shape
        item: Shape = shape.members["EndpointBatchRequest"].members["Item"].member
        with self.lock:
            job["TotalPieces"] = len(keys)
        for key in keys:
            body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            with self.lock:
                self._import_file(app, job, members, (key, body, item))
        with self.lock:
            if not job["FailedPieces"] and (definition.get("DefineSegment") or definition.get("SegmentId")):
                segment = self.add_version(
                    app, definition, list(members.endpoint_ids), list(members.user_ids)
                )
                definition["SegmentId"] = segment.answer["Id"]

    def _import_file(
        self, app: App, job: dict[str, Any], members: _Members, file: tuple[str, bytes, Shape]
    ) -> None:
        key, body, item = file
        name = key.rsplit("/", 1)[-1]
        try:
            for row in read_rows(body, job["Definition"]["Format"], item):
                job["TotalProcessed"] += 1
                problem = row.problem or self._import_row(app, job["Definition"], members, row)
                if problem:
                    note_failure(job, f"{name} line {row.line}: {problem}.")
        except UnreadableFileError as error:
            job["FailedPieces"] += 1
            note_failure(job, f"{name}: {error}", counted=False)
        else:
            job["CompletedPieces"] += 1

    def _import_row(self, app: App, definition: dict[str, Any], members: _Members, row: Row) -> str:
        """Import one entry and return the problem with it, if any."""
        store = app.endpoints
        if row.only_user:
            user_id = user_of(row.definition)
            if not store.of_user(user_id):
                return "no endpoint has this User.UserId"
            members.user_ids[user_id] = None
            return ""
        change = {k: v for k, v in row.definition.items() if k != "Id"}
        endpoint_id = row.definition.get("Id") or ""
        if store.get(endpoint_id) is None:
            if not (change.get("Address") and change.get("ChannelType")):
                return "a new endpoint needs Address and ChannelType, and no endpoint has this Id"
            endpoint_id = endpoint_id or new_endpoint_id(app.answer["Id"], change)
        # With DefineSegment alone the endpoints are added too: a segment holds endpoints of the project.
        if (
            any(definition.get(wish) for wish in ("RegisterEndpoints", "DefineSegment", "SegmentId"))
            and change
        ):
            try:
                store.put(endpoint_id, change, now())
            except TooManyEndpointsError as error:
                return str(error).rstrip(".")
        members.endpoint_ids[endpoint_id] = None
        return ""


def new_endpoint_id(app_id: str, definition: dict[str, Any]) -> str:
    """Return the id of an endpoint imported without one.

    AWS does not document how it picks it. Here it follows from channel, address and user, so that
    importing a file again updates its endpoints instead of doubling them.
    """
    parts = (app_id, definition["ChannelType"], definition["Address"], user_of(definition))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)))


def list_files(s3: Any, bucket: str, prefix: str, file_format: str) -> list[str]:
    """Return the keys to import: the object named, or all below the prefix that are of the format.

    An object whose ending names the other format is left out. Raises JobFailedError.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    sizes = {o["Key"]: o["Size"] for p in pages for o in p.get("Contents", []) if not o["Key"].endswith("/")}
    if prefix in sizes:
        sizes = {prefix: sizes[prefix]}
    others = tuple(e for name, endings in _ENDINGS.items() if name != file_format for e in endings)
    sizes = {key: size for key, size in sizes.items() if not key.lower().endswith(others)}
    if not sizes:
        raise JobFailedError(f"No {file_format} file at s3://{bucket}/{prefix}.")
    if len(sizes) > MAX_FILES:
        raise JobFailedError(f"An import job takes at most {MAX_FILES} files; there are {len(sizes)}.")
    if sum(sizes.values()) > MAX_BYTES:
        raise JobFailedError(
            f"An import job takes at most {MAX_BYTES} bytes; there are {sum(sizes.values())}."
        )
    return sorted(sizes)
