"""The service as MiniStack meets it: all operations, and the ARNs IAM is asked about.

Resource types per action: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpersonalize.html
"""

from __future__ import annotations

from typing import Any

from local.personalize.jobs import JobOperations

# The ARN a Create operation is about to make. A solution version is authorised by its solution.
_CREATES = {
    "CreateSchema": "schema/{name}",
    "CreateDatasetGroup": "dataset-group/{name}",
    "CreateDatasetImportJob": "dataset-import-job/{jobName}",
    "CreateSolution": "solution/{name}",
    "CreateFilter": "filter/{name}",
    "CreateBatchSegmentJob": "batch-segment-job/{jobName}",
}


class Personalize(JobOperations):
    """Amazon Personalize, as far as user segmentation goes."""

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARNs IAM is asked about; List operations know no resource types in AWS."""
        if operation.startswith("List") and operation != "ListTagsForResource":
            return ["*"]
        if operation in _CREATES:
            return [self.arn_of(_CREATES[operation].format_map(request))]
        if operation == "CreateDataset":
            group = str(request["datasetGroupArn"]).rpartition("/")[2]
            return [self.arn_of(f"dataset/{group}/{request['datasetType'].upper()}")]
        named = [value for name, value in request.items() if name.endswith("Arn") and name != "roleArn"]
        return named[:1] or ["*"]

    def list_campaigns(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return none: campaigns cannot be created here."""
        return self.page("ListCampaigns", [], request)

    def list_recommenders(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return none: recommenders cannot be created here."""
        return self.page("ListRecommenders", [], request)

    def list_event_trackers(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return none: event trackers cannot be created here."""
        return self.page("ListEventTrackers", [], request)

    def list_metric_attributions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return none: metric attributions cannot be created here."""
        return self.page("ListMetricAttributions", [], request)
