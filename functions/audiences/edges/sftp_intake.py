"""Reads the file a managed workflow was started for, and tells the workflow how its custom step ended."""

from __future__ import annotations

from typing import Any

from audiences.edges.aws import client
from audiences.edges.s3_files import copy_once, open_body, read_json, s3_errors
from audiences.errors import DataError
from audiences.intake.drop import SOURCE, Drop
from audiences.preparation.sources import Source
from audiences.runs import StageResult


def read_drop(event: dict[str, Any]) -> Drop:
    """Return the file of a custom step's event, with what S3 says of it. DataError when it is gone."""
    place = event["fileLocation"]
    wanted = {"Bucket": place["bucket"], "Key": place["key"]}
    if place.get("versionId"):
        wanted["VersionId"] = place["versionId"]
    with s3_errors(f"s3://{place['bucket']}/{place['key']}"):
        head = client("s3").head_object(**wanted)
    return Drop.of(event, head["ContentLength"], head["LastModified"].isoformat())


def open_drop(drop: Drop) -> Source:
    """Return the uploaded file as a source: the version that was uploaded, whatever came after it."""
    return Source(drop.file_name, lambda: open_body(drop.uri, drop.version))


def hand_over(drop: Drop, key: str) -> None:
    """Copy the checked version to `key`, once; the copy belongs to the upload's run."""
    metadata = {"run-id": drop.run_id, "segment-name": drop.segment, "source": SOURCE}
    copy_once(drop.uri, f"s3://{drop.bucket}/{key}", metadata, drop.version)


def load_result(bucket: str, run_id: str, stage: str, name: str) -> StageResult | None:
    """Return what the run record says of a piece of work; None when it says nothing yet."""
    key = StageResult(stage=stage, name=name, status="pending").key(run_id)
    try:
        return StageResult.from_json(read_json(f"s3://{bucket}/{key}"))
    except DataError:
        return None


def answer_step(event: dict[str, Any], status: str) -> None:
    """Tell the workflow that its custom step ended: SUCCESS, or FAILURE, which starts the exception steps."""
    execution = event["serviceMetadata"]["executionDetails"]
    client("transfer").send_workflow_step_state(
        WorkflowId=execution["workflowId"],
        ExecutionId=execution["executionId"],
        Token=event["token"],
        Status=status,
    )
