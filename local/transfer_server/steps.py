"""Runs one managed workflow on one uploaded file, as the workflow's execution role.

Steps and the event of a custom step: https://docs.aws.amazon.com/transfer/latest/userguide/transfer-workflows.html
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import AssumeRoleDenied, Cloud

PRINCIPAL = "transfer.amazonaws.com"
DEFAULT_TIMEOUT_SECONDS = 60


class StepError(Exception):
    """A step failed: the API's error type and a sentence."""

    def __init__(self, kind: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.kind, self.message = kind, message


@dataclass(frozen=True)
class Upload:
    """One file as it was uploaded, and by whom."""

    bucket: str
    key: str
    version: str | None
    etag: str
    user: str
    server: str
    session: str

    @property
    def location(self) -> dict[str, str]:
        """Return bucket and key, as steps hand files on."""
        return {"Bucket": self.bucket, "Key": self.key}


@dataclass
class Execution:
    """One run of a workflow: what happened so far, and the custom step that waits for its answer."""

    workflow: dict[str, Any]
    role: str
    upload: Upload
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "IN_PROGRESS"
    results: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"Steps": [], "OnExceptionSteps": []}
    )
    token: str = ""
    answer: str = ""
    answered: threading.Event = field(default_factory=threading.Event)

    def run(self, cloud: Cloud) -> None:
        """Take every step in order; at the first that fails, the exception steps instead of the rest."""
        if self._take("Steps", cloud):
            self.status = "COMPLETED"
            return
        self.status = "HANDLING_EXCEPTION"
        self._take("OnExceptionSteps", cloud)
        self.status = "EXCEPTION"

    def _take(self, which: str, cloud: Cloud) -> bool:
        previous = self.upload.location
        for step in self.workflow.get(which) or []:
            result: dict[str, Any] = {"StepType": step["Type"]}
            self.results[which].append(result)
            try:
                previous = self._step(cloud, step, previous)
            except StepError as error:
                result["Error"] = {"Type": error.kind, "Message": error.message}
                return False
            except AssumeRoleDenied as error:
                result["Error"] = {"Type": "PERMISSION_DENIED", "Message": str(error)}
                return False
            except (ClientError, BotoCoreError) as error:
                denied = "Denied" in str(error)
                result["Error"] = {
                    "Type": "PERMISSION_DENIED" if denied else "INTERNAL_SERVER_ERROR",
                    "Message": str(error),
                }
                return False
        return True

    def _step(self, cloud: Cloud, step: dict[str, Any], previous: dict[str, str]) -> dict[str, str]:
        """Take one step; return the file it made, or the one it was given."""
        kind = step["Type"]
        details = step[f"{kind.title()}StepDetails"]
        original = details.get("SourceFileLocation") == "${original.file}"
        file = self.upload.location if original else previous
        if kind == "CUSTOM":
            self._custom(cloud.client("lambda", self.role, PRINCIPAL), details, file)
            return file
        s3 = cloud.client("s3", self.role, PRINCIPAL)
        if kind == "COPY":
            return self._copy(s3, details, file)
        if kind == "TAG":
            tags = s3.get_object_tagging(**file)["TagSet"]
            new = {tag["Key"] for tag in details["Tags"]}
            kept = [tag for tag in tags if tag["Key"] not in new]
            s3.put_object_tagging(**file, Tagging={"TagSet": kept + details["Tags"]})
        if kind == "DELETE":
            s3.delete_object(**file)
        return file

    def _copy(self, s3: Any, details: dict[str, Any], file: dict[str, str]) -> dict[str, str]:
        wanted = details["DestinationFileLocation"]["S3FileLocation"]
        key = wanted["Key"].replace("${transfer:UserName}", self.upload.user)
        key = key.replace("${transfer:UploadDate}", f"{datetime.now(UTC):%Y-%m-%d}")
        if key.endswith("/"):
            key += file["Key"].rpartition("/")[2]
        made = {"Bucket": wanted["Bucket"], "Key": key}
        if details.get("OverwriteExisting") != "TRUE":
            found = s3.list_objects_v2(Bucket=made["Bucket"], Prefix=key).get("Contents", [])
            if any(item["Key"] == key for item in found):
                raise StepError("ALREADY_EXISTS", f"{key} is there already.")
        s3.copy_object(**made, CopySource=file)
        return made

    def _custom(self, functions: Any, details: dict[str, Any], file: dict[str, str]) -> None:
        self.token, self.answer = secrets.token_hex(16), ""
        self.answered.clear()
        invoked = functions.invoke(
            FunctionName=details["Target"], Payload=json.dumps(self._event(file)).encode()
        )
        if invoked.get("FunctionError"):
            raise StepError("CUSTOM_STEP_FAILED", "The function failed.")
        if not self.answered.wait(details.get("TimeoutSeconds", DEFAULT_TIMEOUT_SECONDS)):
            raise StepError("TIMEOUT", "The function did not call SendWorkflowStepState in time.")
        self.token = ""
        if self.answer != "SUCCESS":
            raise StepError("CUSTOM_STEP_FAILED", "The function answered FAILURE.")

    def _event(self, file: dict[str, str]) -> dict[str, Any]:
        upload = self.upload
        same = file == upload.location
        return {
            "token": self.token,
            "serviceMetadata": {
                "executionDetails": {"workflowId": self.workflow["WorkflowId"], "executionId": self.id},
                "transferDetails": {
                    "sessionId": upload.session,
                    "userName": upload.user,
                    "serverId": upload.server,
                },
            },
            "fileLocation": {
                "domain": "S3",
                "bucket": file["Bucket"],
                "key": file["Key"],
                "eTag": upload.etag if same else None,
                "versionId": upload.version if same else None,
            },
        }

    def described(self) -> dict[str, Any]:
        """Return the execution as DescribeExecution tells it."""
        upload = self.upload
        place = {**upload.location, "Etag": upload.etag}
        if upload.version:
            place["VersionId"] = upload.version
        return {
            **self.listed(),
            "ExecutionRole": self.role,
            "Results": self.results,
            "InitialFileLocation": {"S3FileLocation": place},
        }

    def listed(self) -> dict[str, Any]:
        """Return the execution as ListExecutions tells it."""
        upload = self.upload
        user = {"UserName": upload.user, "ServerId": upload.server, "SessionId": upload.session}
        return {
            "ExecutionId": self.id,
            "Status": self.status,
            "InitialFileLocation": {"S3FileLocation": upload.location},
            "ServiceMetadata": {"UserDetails": user},
        }
