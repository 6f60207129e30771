"""Puts Pinpoint's operations together and says which resources IAM is asked about."""

from __future__ import annotations

from typing import Any

from local.pinpoint.apps import Apps
from local.pinpoint.endpoints import Endpoints
from local.pinpoint.export_jobs import ExportJobs
from local.pinpoint.import_jobs import ImportJobs

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_pinpoint.html
_PROJECT = "apps/{ApplicationId}"
_SEGMENT = _PROJECT + "/segments/{SegmentId}"
_ENDPOINT = _PROJECT + "/endpoints/{EndpointId}"
_USER = _PROJECT + "/users/{UserId}"
_RESOURCES = {
    "CreateApp": "apps/*",
    "GetApps": "apps/*",
    "GetSegment": _SEGMENT,
    "GetSegmentVersion": _SEGMENT,
    "GetSegmentVersions": _SEGMENT,
    "GetSegmentImportJobs": _SEGMENT,
    "GetSegmentExportJobs": _SEGMENT,
    "DeleteSegment": _SEGMENT,
    "GetEndpoint": _ENDPOINT,
    "UpdateEndpoint": _ENDPOINT,
    "DeleteEndpoint": _ENDPOINT,
    "GetUserEndpoints": _USER,
    "DeleteUserEndpoints": _USER,
    "GetImportJob": _PROJECT + "/jobs/import/{JobId}",
    "GetExportJob": _PROJECT + "/jobs/export/{JobId}",
}


class Pinpoint(Apps, Endpoints, ImportJobs, ExportJobs):
    """Amazon Pinpoint, as far as audiences need it; no messages are sent."""

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARN IAM is asked about for this request."""
        template = _RESOURCES.get(operation, _PROJECT)
        if "{" in template and "ApplicationId" not in request:
            return ["*"]  # an operation outside projects, which this stand-in does not have
        return [self.cloud.arn("mobiletargeting", template.format_map(request))]
