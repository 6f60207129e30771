"""Pinpoint's export jobs: endpoint definitions as gzipped JSON lines in S3, the source of bulk joins."""

from __future__ import annotations

import gzip
import json
from typing import Any

from local.pinpoint.jobs import Jobs, split_url
from local.pinpoint.state import App, Segment, bad_request, not_found, page

# AWS does not say how many definitions a file holds; a client must read every .gz below the prefix.
ENDPOINTS_PER_FILE = 50_000


class ExportJobs(Jobs):
    """CreateExportJob, GetExportJob, GetExportJobs."""

    def create_export_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start an export of the project's endpoints, or of those in a segment."""
        app, definition = self.app(request), request["ExportJobRequest"]
        split_url(definition["S3UrlPrefix"])
        if not definition["RoleArn"].startswith("arn:"):
            raise bad_request("RoleArn is not an ARN.")
        segment = self._segment(app, definition)
        job = self.new_job(app.answer["Id"], "EXPORT", definition)
        app.exports[job["Id"]] = job
        return {"ExportJobResponse": self.start_job(job, lambda s3: self._export(app, job, segment, s3))}

    def get_export_job(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one export job."""
        job = self.app(request).exports.get(request["JobId"])
        if job is None:
            raise not_found("Export job")
        return {"ExportJobResponse": job}

    def get_export_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the project's export jobs, newest first."""
        jobs = list(reversed(self.app(request).exports.values()))
        return {"ExportJobsResponse": page(jobs, request)}

    def _segment(self, app: App, definition: dict[str, Any]) -> Segment | None:
        if "SegmentId" not in definition:
            return None
        versions = self.versions(app, definition["SegmentId"])
        wanted = int(definition.get("SegmentVersion", len(versions)))
        if not 1 <= wanted <= len(versions):
            raise not_found("Segment version")
        return versions[wanted - 1]

    def _export(self, app: App, job: dict[str, Any], segment: Segment | None, s3: Any) -> None:
        bucket, prefix = split_url(job["Definition"]["S3UrlPrefix"])
        folder = prefix if prefix.endswith("/") or not prefix else prefix + "/"
        with self.lock:
            endpoints = self.members(app, segment) if segment else list(app.endpoints.by_id.values())
            lines = [json.dumps(endpoint, ensure_ascii=False) + "\n" for endpoint in endpoints]
            files = [lines[i : i + ENDPOINTS_PER_FILE] for i in range(0, len(lines), ENDPOINTS_PER_FILE)]
            job["TotalPieces"] = len(files)
        for number, file in enumerate(files, start=1):
            s3.put_object(
                Bucket=bucket,
                Key=f"{folder}{job['Id']}_{number:05}.gz",
                Body=gzip.compress("".join(file).encode(), mtime=0),
            )
            with self.lock:
                job["CompletedPieces"] = number
                job["TotalProcessed"] += len(file)
