"""Upload jobs: create, fetch the path, PUT the file, start, and read the counts."""

from __future__ import annotations

import base64
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

from local.customer_profiles.mapping import check_targets
from local.customer_profiles.state import Domain, ProfilesState, Upload, bad_request, not_found, now, page
from local.customer_profiles.upload_files import InvalidUploadError, ingest, unique_fields
from local.customer_profiles.upload_urls import UploadError, check_key, check_signature, make_url, xml_error

# Two weeks unless DataExpiry says otherwise (API reference of CreateUploadJob).
DEFAULT_EXPIRY_DAYS = 14
# Real jobs take minutes; their duration is not documented.
JOB_SECONDS = 60.0
# Uploads must be smaller than 1 GB (see upload_files).
MAX_BYTES = 1_000_000_000


class Uploads(ProfilesState):
    """Create, path, start, stop, get and list upload jobs, and the place the path leads to."""

    def create_upload_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a job; it waits for a file and a start."""
        domain = self.domain(request)
        problem = check_targets(request["Fields"])
        if problem:
            raise bad_request(problem)
        try:
            unique_fields(request["UniqueKey"], request["Fields"])
        except ValueError as error:
            raise bad_request(f"{error}.") from error
        job_id = uuid.uuid4().hex
        answer = {
            "JobId": job_id,
            "DisplayName": request["DisplayName"],
            "Status": "CREATED",
            "CreatedAt": now(),
            "Fields": request["Fields"],
            "UniqueKey": request["UniqueKey"],
            "DataExpiry": request.get("DataExpiry", DEFAULT_EXPIRY_DAYS),
        }
        domain.uploads[job_id] = Upload(answer, base64.b64encode(secrets.token_bytes(32)).decode())
        return {"JobId": job_id}

    def get_upload_job_path(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a signed URL of this emulator for the file, the key to send with it, and until when."""
        upload = self._upload(self.domain(request), request)
        url, expires = make_url(self.cloud.endpoint, request["JobId"], self.url_secret)
        return {
            "Url": url,
            "ClientToken": upload.client_token,
            "ValidUntil": datetime.fromtimestamp(expires, UTC),
        }

    def start_upload_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a job whose file has been put."""
        domain = self.domain(request)
        upload = self._upload(domain, request)
        if upload.answer["Status"] != "CREATED":
            raise bad_request(f"The upload job is {upload.answer['Status']}; only a CREATED one can start.")
        if upload.body is None:
            raise bad_request("No file has been put to the upload job's path.")
        upload.answer["Status"] = "IN_PROGRESS"
        self.cloud.run(
            lambda: self._run_upload(domain, upload), name=f"customer-profiles-upload-{request['JobId']}"
        )
        return {}

    def stop_upload_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Stop a job that has not ended."""
        upload = self._upload(self.domain(request), request)
        if upload.answer["Status"] not in ("CREATED", "IN_PROGRESS"):
            raise bad_request(f"The upload job is {upload.answer['Status']} already.")
        upload.answer |= {"Status": "STOPPED", "CompletedAt": now()}
        return {}

    def get_upload_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a job."""
        return self._upload(self.domain(request), request).answer

    def list_upload_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the domain's jobs, newest first."""
        return page([u.answer for u in reversed(self.domain(request).uploads.values())], request)

    async def handle_upload(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        """Take the file PUT to a job's path, as S3 would: 200, or an XML error (400, 403, 404, 405)."""
        job_id = path.rstrip("/").rsplit("/", 1)[-1]
        try:
            check_signature(job_id, query, self.url_secret)
            with self.lock:
                self._take_file(method, job_id, {k.lower(): v for k, v in headers.items()}, body)
        except UploadError as error:
            return xml_error(error)
        return 200, {}, b""

    def _take_file(self, method: str, job_id: str, headers: dict[str, str], body: bytes) -> None:
        upload = next((d.uploads[job_id] for d in self.domains.values() if job_id in d.uploads), None)
        if upload is None:
            raise UploadError(404, "NoSuchKey", "The upload job does not exist any more.")
        if method != "PUT":
            raise UploadError(405, "MethodNotAllowed", "The specified method is not allowed.")
        check_key(headers, upload.client_token)
        if len(body) >= MAX_BYTES:
            raise UploadError(400, "EntityTooLarge", "The file must be smaller than 1 GB.")
        upload.body = body

    def _upload(self, domain: Domain, request: dict[str, Any]) -> Upload:
        if request["JobId"] not in domain.uploads:
            raise not_found("Upload job", request["JobId"])
        return domain.uploads[request["JobId"]]

    def _run_upload(self, domain: Domain, upload: Upload) -> None:
        self.cloud.wait(JOB_SECONDS)
        with self.lock:
            job = upload.answer
            if job["Status"] != "IN_PROGRESS":
                return
            try:
                counts = ingest(upload.body or b"", job, domain.profiles)
            except InvalidUploadError:
                job |= {"Status": "FAILED", "StatusReason": "VALIDATION_FAILURE", "CompletedAt": now()}
                return
            except Exception:
                job |= {"Status": "FAILED", "StatusReason": "INTERNAL_FAILURE", "CompletedAt": now()}
                raise
            done = counts.created + counts.updated
            job["ResultsSummary"] = {
                "CreatedRecords": counts.created,
                "UpdatedRecords": counts.updated,
                "FailedRecords": counts.failed,
            }
            job["CompletedAt"] = now()
            if not done:
                job["StatusReason"] = "VALIDATION_FAILURE"
            job["Status"] = ("PARTIALLY_SUCCEEDED" if counts.failed else "SUCCEEDED") if done else "FAILED"
