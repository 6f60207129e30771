"""Runs of a flow: read the files, map the columns, upsert record by record, keep the refused ones in S3."""

from __future__ import annotations

import csv
import io
import json
import uuid
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.appflow.access import AccessDeniedError, require
from local.appflow.flows import Flows
from local.appflow.salesforce import NoSuchObjectError
from local.appflow.state import Flow, now
from local.key_use import KeyDenied
from local.modelled import ServiceError

SECONDS_OF_A_RUN = 60.0  # a small flow takes about a minute
# https://docs.aws.amazon.com/appflow/latest/userguide/s3.html: a source file may have up to 125 MB
MAX_FILE_BYTES = 125_000_000


class RunFailedError(Exception):
    """The run cannot go on. The text becomes its executionMessage."""


class Runs(Flows):
    """StartFlow and DescribeFlowExecutionRecords."""

    def start_flow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a run; the same client token answers with the run it started before."""
        flow = self.flow(request)
        token = request.get("clientToken", "")
        answer = {"flowArn": flow.answer["flowArn"], "flowStatus": "Active"}
        if token in flow.tokens:
            return {**answer, "executionId": flow.tokens[token]}
        if any(run["executionStatus"] == "InProgress" for run in flow.runs):
            raise ServiceError("ConflictException", f"Flow {request['flowName']} is running.", 409)
        self._require_key(flow)
        run: dict[str, Any] = {
            "executionId": str(uuid.uuid4()),
            "executionStatus": "InProgress",
            "startedAt": now(),
            "lastUpdatedAt": now(),
            "executionResult": {"bytesProcessed": 0, "bytesWritten": 0, "recordsProcessed": 0},
        }
        flow.runs.append(run)
        if token:
            flow.tokens[token] = run["executionId"]
        self.cloud.run(lambda: self._run(flow, run), name=f"appflow-{request['flowName']}")
        return {**answer, "executionId": run["executionId"]}

    def _require_key(self, flow: Flow) -> None:
        """Refuse a run whose files AppFlow may not decrypt."""
        bucket = flow.request["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]["bucketName"]
        key = self.cloud.keys.key_of(f"arn:aws:s3:::{bucket}") if self.cloud.keys else ""
        if key and self.cloud.keys:
            try:
                self.cloud.keys.require("appflow", key, source=flow.answer["flowArn"])
            except KeyDenied as denied:
                raise ServiceError("ValidationException", str(denied)) from denied

    def describe_flow_execution_records(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the runs of a flow, newest first."""
        runs = list(reversed(self.flow(request).runs))
        start, size = int(request.get("nextToken", "0")), int(request.get("maxResults", 20))
        more = {"nextToken": str(start + size)} if start + size < len(runs) else {}
        return {"flowExecutions": runs[start : start + size], **more}

    def _run(self, flow: Flow, run: dict[str, Any]) -> None:
        self.cloud.wait(SECONDS_OF_A_RUN)
        try:
            self._transfer(flow, run)
        except (AccessDeniedError, NoSuchObjectError, RunFailedError, BotoCoreError, ClientError) as error:
            self._end(run, "Error", str(error))
        except Exception:
            self._end(run, "Error", "Internal error.")
            raise
        else:
            self._end(run, "Successful", "")

    def _end(self, run: dict[str, Any], status: str, message: str) -> None:
        with self.lock:
            if message:
                run["executionResult"].setdefault("errorInfo", {"putFailuresCount": 0})[
                    "executionMessage"
                ] = message
            run["lastUpdatedAt"] = now()
            run["executionStatus"] = status

    def s3_client(self) -> Any:
        """Return a client that reads and writes for AppFlow, after the bucket's policy was asked."""
        keys = {
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }  # of the embedded AWS's own account
        config = Config(s3={"addressing_style": "path"})
        return boto3.client(
            "s3", endpoint_url=self.cloud.endpoint, region_name=self.cloud.region, config=config, **keys
        )

    def _transfer(self, flow: Flow, run: dict[str, Any]) -> None:
        s3 = self.s3_client()
        source = flow.request["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]
        target = flow.request["destinationFlowConfigList"][0]["destinationConnectorProperties"]["Salesforce"]
        name, key, mapping = target["object"], target["idFieldNames"][0], _mapping(flow.request["tasks"])
        with self.lock:
            self.org.check(name, key, list(mapping.values()))
        refused: list[dict[str, Any]] = []
        for path, body in self._read(s3, source["bucketName"], source["bucketPrefix"]):
            rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
            absent = [column for column in mapping if column not in (rows.fieldnames or [])]
            if absent:
                raise RunFailedError(f"The source file {path} has no field {absent[0]}.")
            with self.lock:
                for row in rows:
                    record = {field: row[column] for column, field in mapping.items()}
                    run["executionResult"]["recordsProcessed"] += 1
                    problem = self.org.upsert(name, key, record)
                    if problem:
                        refused.append({"error": problem, "record": record})
                run["executionResult"]["bytesProcessed"] += len(body)
                run["executionResult"]["bytesWritten"] += len(body)
        if refused:
            self._keep_refused(s3, target.get("errorHandlingConfig", {}), flow, run, refused)

    def _read(self, s3: Any, bucket: str, prefix: str) -> list[tuple[str, bytes]]:
        require(s3, self.cloud.account, bucket, "s3:ListBucket")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix.rstrip("/") + "/")
        items = [item for found in pages for item in found.get("Contents", []) if item["Size"]]
        if not items:
            raise RunFailedError(f"There are no files below s3://{bucket}/{prefix}.")
        if any(item["Size"] > MAX_FILE_BYTES for item in items):
            raise RunFailedError(f"A source file is larger than {MAX_FILE_BYTES} bytes.")
        for item in items:
            require(s3, self.cloud.account, bucket, "s3:GetObject", item["Key"])
        return [(i["Key"], s3.get_object(Bucket=bucket, Key=i["Key"])["Body"].read()) for i in items]

    def _keep_refused(
        self,
        s3: Any,
        handling: dict[str, Any],
        flow: Flow,
        run: dict[str, Any],
        refused: list[dict[str, Any]],
    ) -> None:
        with self.lock:
            run["executionResult"]["errorInfo"] = {"putFailuresCount": len(refused)}
        if handling.get("failOnFirstDestinationError"):
            raise RunFailedError(refused[0]["error"])
        if bucket := handling.get("bucketName"):
            parts = (
                handling.get("bucketPrefix", "").strip("/"),
                flow.request["flowName"],
                run["executionId"],
            )
            key = "/".join(part for part in parts if part)
            require(s3, self.cloud.account, bucket, "s3:PutObject", key)
            lines = "".join(json.dumps(item) + "\n" for item in refused)
            s3.put_object(Bucket=bucket, Key=key, Body=lines.encode())


def _mapping(tasks: list[dict[str, Any]]) -> dict[str, str]:
    """Return source column -> field of the object."""
    found = {}
    for task in tasks:
        if task["taskType"] == "Map":
            found[task["sourceFields"][0]] = task["destinationField"]
        elif task["taskType"] != "Filter" or task.get("connectorOperator", {}).get("S3") != "PROJECTION":
            raise RunFailedError(f"not implemented here: task {task['taskType']}")
    return found
