"""Segment snapshots: the members of a segment written to S3, acting as the role the caller passes."""

from __future__ import annotations

import copy
import csv
import io
import json
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import AssumeRoleDenied
from local.customer_profiles.segments import Segments
from local.customer_profiles.state import Domain, bad_request, not_found, not_implemented

if TYPE_CHECKING:
    from local.customer_profiles.profile_store import Profile

PRINCIPAL = "profile.amazonaws.com"
SNAPSHOT_SECONDS = 60.0  # real ones take minutes; their duration is not documented


class Snapshots(Segments):
    """CreateSegmentSnapshot, GetSegmentSnapshot."""

    def create_segment_snapshot(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start writing a segment's members to `DestinationUri` as CSV or JSONL."""
        domain = self.domain(request)
        self.segment(domain, request["SegmentDefinitionName"])
        if request["DataFormat"] == "ORC":
            raise not_implemented("snapshots in ORC")
        if "DestinationUri" not in request or "RoleArn" not in request:
            raise bad_request("DestinationUri and RoleArn are needed outside the Connect console.")
        if not request["DestinationUri"].startswith("s3://"):
            raise bad_request("DestinationUri must look like s3://bucket-name/folder-name.")
        snapshot = {**request, "SnapshotId": uuid.uuid4().hex, "Status": "IN_PROGRESS"}
        domain.snapshots[snapshot["SnapshotId"]] = snapshot
        self.cloud.run(
            lambda: self._run_snapshot(domain, snapshot),
            name=f"customer-profiles-snapshot-{snapshot['SnapshotId']}",
        )
        return {"SnapshotId": snapshot["SnapshotId"]}

    def get_segment_snapshot(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a snapshot: IN_PROGRESS, COMPLETED, or FAILED with the reason."""
        snapshot = self.domain(request).snapshots.get(request["SnapshotId"])
        if snapshot is None or snapshot["SegmentDefinitionName"] != request["SegmentDefinitionName"]:
            raise not_found("Segment snapshot", request["SnapshotId"])
        return snapshot

    def _run_snapshot(self, domain: Domain, snapshot: dict[str, Any]) -> None:
        self.cloud.wait(SNAPSHOT_SECONDS)
        try:
            with self.lock:
                definition = self.segment(domain, snapshot["SegmentDefinitionName"])
                members = copy.deepcopy(
                    self.find_members(domain, definition["SegmentGroups"], definition.get("SegmentSort"))
                )
            self._write(snapshot, members)
        except (AssumeRoleDenied, BotoCoreError, ClientError) as error:
            self._end(snapshot, "FAILED", str(error)[:1000])
        except Exception:
            self._end(snapshot, "FAILED", "Internal error.")
            raise
        else:
            self._end(snapshot, "COMPLETED")

    def _write(self, snapshot: dict[str, Any], members: list[Profile]) -> None:
        bucket, _, prefix = snapshot["DestinationUri"].removeprefix("s3://").partition("/")
        ending = "csv" if snapshot["DataFormat"] == "CSV" else "jsonl"
        folder = prefix.rstrip("/") + "/" if prefix else ""
        encryption = {}
        if "EncryptionKey" in snapshot:
            encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": snapshot["EncryptionKey"]}
        self.cloud.client("s3", snapshot["RoleArn"], PRINCIPAL).put_object(
            Bucket=bucket,
            # AWS does not document the object's name below DestinationUri; a client must list.
            Key=f"{folder}{snapshot['SegmentDefinitionName']}-{snapshot['SnapshotId']}.{ending}",
            Body=(as_csv(members) if ending == "csv" else as_json_lines(members)).encode(),
            **encryption,
        )

    def _end(self, snapshot: dict[str, Any], status: str, message: str = "") -> None:
        with self.lock:
            if message:
                snapshot["StatusMessage"] = message
            snapshot["Status"] = status


def as_csv(members: list[Profile]) -> str:
    """Return profiles as CSV: `ProfileId` and every attribute in use, nested ones with a dot."""
    flat = [dict(_flatten(member)) for member in members]
    columns = ["ProfileId", *sorted({name for row in flat for name in row} - {"ProfileId"})]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def as_json_lines(members: list[Profile]) -> str:
    """Return profiles as JSON, one a line."""
    return "".join(json.dumps(member, ensure_ascii=False) + "\n" for member in members)


def _flatten(profile: Profile, prefix: str = "") -> list[tuple[str, str]]:
    pairs = []
    for name, value in profile.items():
        if isinstance(value, dict):
            pairs += _flatten(value, f"{prefix}{name}.")
        else:
            pairs.append((prefix + name, value if isinstance(value, str) else json.dumps(value)))
    return pairs
