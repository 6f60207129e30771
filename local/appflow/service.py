"""Puts AppFlow's operations together, says which resources IAM is asked about, and shows the org to tests."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from local.appflow.runs import Runs
from local.modelled import Response

_PROFILES = ("CreateConnectorProfile", "DeleteConnectorProfile", "UpdateConnectorProfile")


class AppFlow(Runs):
    """Amazon AppFlow, from S3 to Salesforce."""

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARN IAM is asked about.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonappflow.html
        """
        if operation in _PROFILES:
            return [self.cloud.arn("appflow", f"connectorprofile/{request['connectorProfileName']}")]
        if "flowName" in request and operation != "CreateFlow":
            return [self.cloud.arn("appflow", f"flow/{request['flowName']}")]
        return ["*"]

    async def handle_records(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        """Serve `/_local/salesforce/<object>`: the records of the org, for the demo and tests."""
        del method, headers, body, query
        return await asyncio.to_thread(self._records, path.rsplit("/", 1)[-1])

    def _records(self, name: str) -> Response:
        with self.lock:
            found = self.org.objects.get(name)
            body = json.dumps(list(found.records.values()) if found else None)
        return 200 if found else 404, {"Content-Type": "application/json"}, body.encode()
