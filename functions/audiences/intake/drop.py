"""Reads a managed workflow's event: which file, whose, which segment it becomes. Pure.

The event of a custom step: https://docs.aws.amazon.com/transfer/latest/userguide/custom-step-details.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from audiences.errors import DataError, SetupError
from audiences.imports.run_context import own_run_id, parse_time

DROP, REFUSED, SOURCE = "drop/", "refused/", "sftp"
RUN_PREFIX = "intake-"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_USER = re.compile(r"[A-Za-z0-9_.-]{3,100}")
_ENDINGS = (".csv", ".csv.gz")


@dataclass(frozen=True)
class Drop:
    """One uploaded file. size: bytes. arrived: when it was stored, ISO 8601. version: empty if S3 keeps none."""

    bucket: str
    key: str
    version: str
    user: str
    execution: str
    size: int
    arrived: str

    @classmethod
    def of(cls, event: dict[str, Any], size: int, arrived: str) -> Drop:
        """Read the event of a custom step; `size` and `arrived` are what S3 says of the file."""
        place, service = event["fileLocation"], event["serviceMetadata"]
        return cls(
            bucket=place["bucket"],
            key=place["key"],
            version=place.get("versionId") or "",
            user=service["transferDetails"]["userName"],
            execution=service["executionDetails"]["executionId"],
            size=size,
            arrived=arrived,
        )

    @property
    def uri(self) -> str:
        """Return where the file was dropped."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def file_name(self) -> str:
        """Return the last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def run_id(self) -> str:
        """Return the run this file begins: the same for each step of its workflow."""
        return own_run_id(self.execution, self.arrived, RUN_PREFIX)

    @property
    def name(self) -> str:
        """Return what the run record calls this piece of work: `<user>/<file>`."""
        return self.key.removeprefix(DROP)

    @property
    def refused_uri(self) -> str:
        """Return where the workflow's exception steps keep a file that is refused."""
        return f"s3://{self.bucket}/{REFUSED}{self.user}/{self.file_name}"

    @property
    def segment(self) -> str:
        """Return `<user>.<file name without its ending>`: nobody can write another user's segment.

        Raises DataError for a name or a folder that no segment can have, SetupError for such a user.
        """
        if not _USER.fullmatch(self.user):
            raise SetupError(
                "The SFTP user's name cannot be a part of a segment's.",
                "Segments take letters, digits, dots, dashes and underscores.",
                "Make a user with such a name; see docs/how-to/receive-segments-by-sftp.md.",
            )
        if self.key != f"{DROP}{self.user}/{self.file_name}":
            raise DataError(
                "The file is not in the user's own folder.",
                f"Files are taken from {DROP}<user>/ and from no folder in it.",
                "Upload it beside the others, without a folder.",
            )
        name = next((self.file_name.removesuffix(e) for e in _ENDINGS if self.file_name.endswith(e)), "")
        if not _NAME.fullmatch(name):
            raise DataError(
                "The file's name cannot be a segment's.",
                "It must be <segment>.csv or <segment>.csv.gz, the segment of letters, digits, - and _.",
                "Rename it, and switch off your client's temporary names for uploads.",
            )
        return f"{self.user}.{name}"

    @property
    def target_key(self) -> str:
        """Return the key the segment gets, one for each upload. Errors as of `segment`."""
        segment = self.segment
        ending = ".csv.gz" if self.file_name.endswith(".gz") else ".csv"
        moment = f"{parse_time(self.arrived):%Y%m%d-%H%M%S}"
        return f"segments/{SOURCE}/{segment}/{segment}_{moment}-{self.run_id[-6:]}{ending}"
