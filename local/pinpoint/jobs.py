"""How Pinpoint's import and export jobs pass through their states, in the background."""

from __future__ import annotations

import copy
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import AssumeRoleDenied
from local.pinpoint.state import PinpointState, bad_request, now

if TYPE_CHECKING:
    from collections.abc import Callable

PRINCIPAL = "pinpoint.amazonaws.com"
# A job of three endpoints took 12 s on AWS: six waits of 2 s.
# https://docs.aws.amazon.com/pinpoint/latest/developerguide/audience-define-import.html (its example)
SECONDS_PER_STATE = 2.0
MAX_FAILURES = 100  # texts a job keeps; it counts all of them (Failures in the API reference)


class JobFailedError(Exception):
    """The job cannot go on. The text is for whoever reads the job."""


class Jobs(PinpointState):
    """The state machine shared by both kinds of job."""

    def new_job(self, app_id: str, kind: str, definition: dict[str, Any]) -> dict[str, Any]:
        """Return a job in state CREATED, in the API's response shape. `kind` is IMPORT or EXPORT."""
        return {
            "ApplicationId": app_id,
            "Id": uuid.uuid4().hex,
            "Type": kind,
            "JobStatus": "CREATED",
            "CreationDate": now(),
            "Definition": copy.deepcopy(definition),
            "TotalPieces": 0,
            "CompletedPieces": 0,
            "FailedPieces": 0,
            "TotalProcessed": 0,
            "TotalFailures": 0,
            "Failures": [],
        }

    def start_job(self, job: dict[str, Any], work: Callable[[Any], None]) -> dict[str, Any]:
        """Start the job in the background; `work` gets an S3 client acting as the job's role.

        Return the job as it is now, which is what the create operation answers.
        """
        answer = copy.deepcopy(job)
        self.cloud.run(lambda: self._run(job, work), name=f"pinpoint-{job['Type']}-{job['Id']}".lower())
        return answer

    def _run(self, job: dict[str, Any], work: Callable[[Any], None]) -> None:
        try:
            self._enter(job, "PREPARING_FOR_INITIALIZATION", "INITIALIZING", "PROCESSING")
            work(self.cloud.client("s3", job["Definition"]["RoleArn"], PRINCIPAL))
            self._enter(job, "PENDING_JOB", "COMPLETING")
        except (AssumeRoleDenied, JobFailedError, BotoCoreError) as error:
            self._fail(job, str(error))
        except ClientError as error:
            about = error.response["Error"]
            self._fail(job, f"{error.operation_name}: {about.get('Code')}: {about.get('Message')}")
        except Exception:
            self._fail(job, "Internal error.")
            raise
        else:
            failed = job["FailedPieces"] > 0
            self._enter(job, "FAILING", "FAILED") if failed else self._enter(job, "COMPLETED")

    def _fail(self, job: dict[str, Any], text: str) -> None:
        with self.lock:
            note_failure(job, text, counted=False)
        self._enter(job, "FAILING", "FAILED")

    def _enter(self, job: dict[str, Any], *states: str) -> None:
        for state in states:
            self.cloud.wait(SECONDS_PER_STATE)
            with self.lock:
                if state in ("COMPLETED", "FAILED"):
                    job["CompletionDate"] = now()
                job["JobStatus"] = state


def note_failure(job: dict[str, Any], text: str, *, counted: bool = True) -> None:
    """Keep the text of a failed entry (the first 100) and count it, unless it is about a whole piece."""
    job["TotalFailures"] += counted
    if len(job["Failures"]) < MAX_FAILURES:
        job["Failures"].append(text)


def split_url(url: str) -> tuple[str, str]:
    """Return bucket and key or prefix of `s3://bucket/key`. Raises BadRequestException."""
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise bad_request("The S3 location must look like s3://bucket-name/folder-name/file-name.")
    return bucket, key
