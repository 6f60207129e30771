"""Says where each segment's files go, what they carry as metadata, and what the stage reports. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from audiences.errors import DataError, RecordRejected
from audiences.runs import StageResult

if TYPE_CHECKING:
    from audiences.segments.split import FailedQuery, Segment

STAGE = "segment-postprocessing"
SOURCE = "personalize"
PINPOINT = "pinpoint"
CUSTOMER_PROFILES = "customer-profiles"
TARGETS: dict[str, tuple[str, ...]] = {
    "CustomerProfiles": (CUSTOMER_PROFILES,),
    "Pinpoint": (PINPOINT,),
    "Both": (PINPOINT, CUSTOMER_PROFILES),
    "None": (),
}
# Bytes of the percent-encoded query, nine for a Chinese character: an object may have 2 KB of metadata.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
MAX_METADATA_QUERY = 1_200


@dataclass(frozen=True)
class ImportFile:
    """One file that will be put into the import bucket: for which segment and service, and how many rows."""

    segment: Segment
    target: str
    uri: str
    rows: int

    @property
    def stage_and_name(self) -> list[str]:
        """Return the `[stage, name]` pair of the import that this file starts."""
        return [f"{self.target}-import", self.uri.split("/", 3)[3]]


def segment_uri(bucket: str, name: str, file_name: str) -> str:
    """Return where a segment's user ids are kept in the audience bucket."""
    return f"s3://{bucket}/segments/{SOURCE}/{name}/{file_name}.csv"


def import_uri(bucket: str, pinpoint_prefix: str, target: str, file_name: str) -> str:
    """Return where a segment's import file goes. Pinpoint names the segment after the file."""
    prefix = pinpoint_prefix if target == PINPOINT else "customer-profiles/"
    return f"s3://{bucket}/{prefix}{file_name}.csv"


def plan_imports(
    segments: list[Segment],
    targets: tuple[str, ...],
    *,
    bucket: str,
    pinpoint_prefix: str,
    endpoints: dict[str, int] | None,
) -> list[ImportFile]:
    """Return the files to write: one per segment and service that has at least one row.

    `endpoints` are the rows of the endpoint files by file name, or None when Pinpoint takes user ids.
    """
    files = []
    for segment in segments:
        for target in targets:
            resolved = target == PINPOINT and endpoints is not None
            rows = endpoints[segment.file_name] if resolved and endpoints else segment.users
            uri = import_uri(bucket, pinpoint_prefix, target, segment.file_name)
            files.append(ImportFile(segment, target, uri, 0 if resolved and not endpoints else rows))
    return [file for file in files if file.rows]


def metadata(run_id: str, segment: str, query: str, target: str = "") -> dict[str, str]:
    """Return the user metadata of a segment's files, so that what reads them knows run, segment and query."""
    found = {"run-id": run_id, "segment-name": segment, "query": _beginning(query), "source": SOURCE}
    return {**found, "target": target} if target else found


def _beginning(query: str) -> str:
    """Return as many letters of a query as fit into metadata."""
    sizes = accumulate(len(quote(letter, safe="")) for letter in query)
    return query[: sum(size <= MAX_METADATA_QUERY for size in sizes)]


def require_output(segments: list[Segment], failed: list[FailedQuery], where: str) -> None:
    """Raise DataError when a batch output answers nothing at all, not even with an error."""
    if not segments and not failed:
        raise DataError(
            "The batch segment job's output is empty.",
            f"No .out file with a line in it was found below {where}.",
            "Check the job's input file: it needs one JSON query per line.",
        )


def _preparation_of(segment: Segment) -> list[str]:
    """Return what audience preparation will say of a segment's file, be it that no activation wants it."""
    return ["audience-preparation", segment.file.removeprefix("s3://").partition("/")[2]]


def stage_result(
    job: str,
    segments: list[Segment],
    failed: list[FailedQuery],
    imports: list[ImportFile],
    *,
    without_endpoint: dict[str, int] | None = None,
    failure: dict[str, str] | None = None,
    targets: tuple[str, ...] = (),
) -> StageResult:
    """Return the stage's final word; it promises an import per import file and each segment's preparation.

    `without_endpoint` counts, by file name, the users Pinpoint cannot reach; `failure` is what went wrong
    with a whole target. Status: failed when nothing is usable, partial when a query or a target failed, else
    succeeded.
    """
    rows = []
    for segment in segments:
        uris = [file.uri for file in imports if file.segment == segment]
        row: dict[str, Any] = {
            "name": segment.name,
            "query": segment.query,
            "users": segment.users,
            "file": segment.file,
            "imports": uris,
        }
        if without_endpoint is not None:
            row["users_without_endpoint"] = without_endpoint.get(segment.file_name, 0)
        if targets and len(uris) < len(targets) and not failure:
            row["note"] = "Nobody to import: " + (
                "the segment is empty." if not segment.users else "none of its users has a usable endpoint."
            )
        rows.append(row)
    usable = bool(segments) and not (failure and not imports)
    status = "failed" if not usable else "partial" if failed or failure else "succeeded"
    return StageResult(
        stage=STAGE,
        name=job,
        status=status,
        data={"job": job, "segments": rows, "failed_queries": [query.as_json() for query in failed]},
        expects=[file.stage_and_name for file in imports] + [_preparation_of(s) for s in segments],
        failure=failure or _failure_of(failed, usable=usable),
    )


def _failure_of(failed: list[FailedQuery], *, usable: bool) -> dict[str, str] | None:
    if not failed:
        return None
    what = "Some queries have no segment." if usable else "No query has a segment."
    why = "; ".join(f"{query.query}: {query.reason}" for query in failed[:10])
    fix = "Correct these queries in job_config.json and upload it again."
    return RecordRejected(what, why, fix).as_failure()
