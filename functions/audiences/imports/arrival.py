"""Reads what arrived in the import bucket: which file, in which run, and which services answer for it.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audiences.imports.outcome import PINPOINT_STAGE, PROFILES_STAGE
from audiences.imports.run_context import own_run_id

RUN_PREFIX = "import-"
_TARGET_OF = {PINPOINT_STAGE: "pinpoint", PROFILES_STAGE: "customer-profiles"}


@dataclass(frozen=True)
class Arrival:
    """One object that arrived. `metadata` is its decoded user metadata."""

    bucket: str
    key: str
    size: int
    execution_key: str
    time: str
    metadata: dict[str, str]

    @classmethod
    def of(cls, event: dict[str, Any], metadata: dict[str, str]) -> Arrival:
        """Read an EventBridge `Object Created` event; its keys are not URL-encoded and are taken as they are.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        """
        detail = event["detail"]
        size = int(detail["object"].get("size", 0))
        key = detail["object"]["key"]
        return cls(detail["bucket"]["name"], key, size, event["execution_key"], event["time"], metadata)

    @property
    def uri(self) -> str:
        """Return the object's S3 URI."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def file_name(self) -> str:
        """Return the last part of the key: the name that Pinpoint shows for the segment."""
        return self.key.rsplit("/", 1)[-1]

    @property
    def own_run(self) -> bool:
        """Tell whether nobody announced this file, so that it starts a run of its own."""
        return "run-id" not in self.metadata

    @property
    def run_id(self) -> str:
        """Return the run of the file's metadata, or its own; both import stages find the same one."""
        return self.metadata.get("run-id") or own_run_id(self.execution_key, self.time, RUN_PREFIX)

    def is_for(self, stage: str) -> bool:
        """Tell whether a stage answers for this file.

        Not for a folder marker, nor for another service's file.
        """
        return (
            not self.key.endswith("/") and self.metadata.get("target", _TARGET_OF[stage]) == _TARGET_OF[stage]
        )

    def expects(self, stage: str, engagement_target: str, pinpoint_prefix: str) -> list[list[str]]:
        """Return the other service's import, if it takes the same file, so that one report waits for both."""
        both = (
            engagement_target == "Both"
            and self.key.startswith(pinpoint_prefix)
            and "target" not in self.metadata
        )
        other = PROFILES_STAGE if stage == PINPOINT_STAGE else PINPOINT_STAGE
        return [[other, self.key]] if both else []

    def as_file(self) -> dict[str, Any]:
        """Return what later steps and the report need.

        `{file, segment_name, run_segment, fuse, kind, problems}`.
        """
        return {
            "file": self.uri,
            "segment_name": self.file_name,
            "run_segment": self.metadata.get("segment-name"),
            "fuse": self.metadata.get("fuse", ""),
            "kind": "unknown",
            "problems": [],
        }
