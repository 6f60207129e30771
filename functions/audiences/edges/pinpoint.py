"""Talks to Amazon Pinpoint about import jobs and segments.

Its answers may quote addresses: nothing raw leaves here.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from audiences.edges.aws import client
from audiences.errors import RetryLater, SetupError

_LATER = ("TooManyRequestsException", "InternalServerErrorException")


def _call(operation: str, **arguments: Any) -> dict[str, Any]:
    """Call one operation, with Pinpoint's errors as ours.

    Throttled or broken is RetryLater, the rest SetupError.
    """
    try:
        answer: dict[str, Any] = getattr(client("pinpoint"), operation)(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _LATER:
            raise RetryLater("Pinpoint is busy.", f"It says {code}.") from error
        raise SetupError(
            "Pinpoint refused a request.",
            f"It says {code}.",
            "Check that the application exists and the role may use it; Pinpoint ended on 2026-10-30.",
        ) from error
    except BotoCoreError as error:
        raise RetryLater("Pinpoint could not be reached.", type(error).__name__) from error
    return answer


def get_import_job(application: str, job: str) -> dict[str, Any]:
    """Return the ImportJobResponse of a job. Its `Failures` may hold personal data."""
    found: dict[str, Any] = _call("get_import_job", ApplicationId=application, JobId=job)["ImportJobResponse"]
    return found


def find_segment(application: str, *, name: str, s3_url: str = "") -> str:
    """Return the id of the newest segment with this name (and imported from this URL, if given).

    Or an empty string.
    """
    newest: dict[str, Any] = {}
    token = ""
    while True:
        more = {"Token": token} if token else {}
        page = _call("get_segments", ApplicationId=application, PageSize="100", **more)["SegmentsResponse"]
        for segment in page["Item"]:
            source = (segment.get("ImportDefinition") or {}).get("S3Url", "")
            fits = segment.get("Name") == name and (not s3_url or source == s3_url)
            if fits and segment["CreationDate"] >= newest.get("CreationDate", ""):
                newest = segment
        token = page.get("NextToken", "")
        if not token:
            return str(newest.get("Id", ""))


def segment_of(application: str, job: dict[str, Any]) -> str:
    """Return the id of the segment an import job made: the job names it, or else its name and file do."""
    definition = job.get("Definition") or {}
    if definition.get("SegmentId"):
        return str(definition["SegmentId"])
    return find_segment(
        application, name=definition.get("SegmentName", ""), s3_url=definition.get("S3Url", "")
    )
