"""Pinpoint's segments as imports make them: one new version each time, never edited."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from local.pinpoint.state import App, PinpointState, Segment, not_found, now, page


class Segments(PinpointState):
    """GetSegment(s), GetSegmentVersion(s), DeleteSegment, and the jobs of a segment."""

    def get_segment(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a segment's newest version."""
        return {"SegmentResponse": self.versions(self.app(request), request["SegmentId"])[-1].answer}

    def get_segment_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one version of a segment."""
        for segment in self.versions(self.app(request), request["SegmentId"]):
            if str(segment.answer["Version"]) == request["Version"]:
                return {"SegmentResponse": segment.answer}
        raise not_found("Segment version")

    def get_segments(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the newest version of every segment, oldest segment first."""
        newest = [versions[-1].answer for versions in self.app(request).segments.values()]
        return {"SegmentsResponse": page(newest, request)}

    def get_segment_versions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return every version of a segment, newest first."""
        versions = self.versions(self.app(request), request["SegmentId"])
        return {"SegmentsResponse": page([v.answer for v in reversed(versions)], request)}

    def delete_segment(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a segment; its endpoints stay."""
        answer = self.get_segment(request)
        del self.app(request).segments[request["SegmentId"]]
        return answer

    def get_segment_import_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the import jobs that made a segment's versions."""
        app = self.app(request)
        return {"ImportJobsResponse": page(self._jobs(app, app.imports, request), request)}

    def get_segment_export_jobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the export jobs of a segment."""
        app = self.app(request)
        return {"ExportJobsResponse": page(self._jobs(app, app.exports, request), request)}

    def _jobs(
        self, app: App, jobs: dict[str, dict[str, Any]], request: dict[str, Any]
    ) -> list[dict[str, Any]]:
        self.versions(app, request["SegmentId"])
        return [job for job in jobs.values() if job["Definition"].get("SegmentId") == request["SegmentId"]]

    def add_version(
        self, app: App, definition: dict[str, Any], endpoint_ids: list[str], user_ids: list[str]
    ) -> Segment:
        """Make the segment an import job defines, or the next version of the one it names; return it.

        `Size` counts the definitions imported (users in a file of user ids), `ChannelCounts` the
        endpoints they reach now.
        """
        segment_id = definition.get("SegmentId") or uuid.uuid4().hex
        versions = app.segments.setdefault(segment_id, [])
        name = definition.get("SegmentName")
        segment = Segment({}, endpoint_ids, user_ids)
        channels = Counter(e["ChannelType"] for e in self.members(app, segment) if "ChannelType" in e)
        moment = now()
        segment.answer = {
            "ApplicationId": app.answer["Id"],
            "Arn": self.cloud.arn("mobiletargeting", f"apps/{app.answer['Id']}/segments/{segment_id}"),
            "CreationDate": versions[0].answer["CreationDate"] if versions else moment,
            "LastModifiedDate": moment,
            "Id": segment_id,
            "Name": name or (versions[-1].answer["Name"] if versions else definition["S3Url"].split("/")[-1]),
            "SegmentType": "IMPORT",
            "Version": len(versions) + 1,
            "tags": {},
            "ImportDefinition": {
                "ChannelCounts": dict(channels),
                "ExternalId": definition.get("ExternalId", ""),
                "Format": definition["Format"],
                "RoleArn": definition["RoleArn"],
                "S3Url": definition["S3Url"],
                "Size": len(endpoint_ids) + len(user_ids),
            },
        }
        versions.append(segment)
        return segment
