"""One delivery of an audience at a time: a lease in S3, because a rule cannot queue by audience.

EventBridge gives every message of a rule the same group of a FIFO queue, so FIFO would deliver all audiences
of a platform one after the other. Conditional writes decide who holds a lease
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html); it ends by itself, with the
longest time its function can live, so a killed function blocks nobody for good.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from audiences.edges.aws import client
from audiences.edges.s3_files import s3_errors, split_uri
from audiences.errors import RetryLater

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE_SECONDS = 1_800.0  # other runs let a run that broke off come back before they overtake it
_LOST = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409", "NoSuchKey", "404")


class Lease:
    """The right to deliver to one audience. Times are seconds since the epoch."""

    def __init__(self, uri: str, owner: str, clock: Callable[[], float] = time.time) -> None:
        """Name the lease's object and who asks for it (the run: its own repeats take over at once)."""
        self._uri, self._owner, self._clock = uri, owner, clock
        self._etag = ""

    def take(self, holder: str, seconds: float) -> None:
        """Take it for `seconds`.

        holder: this invocation. RetryLater while another run, or a living twin, has it.
        """
        found = self._read()
        if found is None:
            self._write(holder, seconds, {"IfNoneMatch": "*"})
            return
        value, etag = found
        left = float(value["until"]) - self._clock()
        if value["owner"] == self._owner:
            left = 0.0 if value["holder"] in ("", holder) else left
        elif value["unfinished"]:
            left += GRACE_SECONDS
        if left > 0:
            raise RetryLater(
                f"{self._uri} is held by the delivery {value['owner']}.",
                "Deliveries to one audience go one after the other.",
                retry_after=min(left, 60.0),
            )
        self._write(holder, seconds, {"IfMatch": etag})

    def keep_for(self, seconds: float) -> None:
        """Put the work down for a while; only this run may take it up."""
        self._write("", seconds, {"IfMatch": self._etag})

    def release(self) -> None:
        """Let the next delivery begin."""
        self._write("", 0.0, {"IfMatch": self._etag}, unfinished=False)

    def _read(self) -> tuple[dict[str, Any], str] | None:
        bucket, key = split_uri(self._uri)
        try:
            answer = client("s3").get_object(Bucket=bucket, Key=key)
            return json.loads(answer["Body"].read()), answer["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            with s3_errors(self._uri):
                raise

    def _write(
        self, holder: str, seconds: float, condition: dict[str, str], *, unfinished: bool = True
    ) -> None:
        bucket, key = split_uri(self._uri)
        until = self._clock() + seconds
        value = {"owner": self._owner, "holder": holder, "until": until, "unfinished": unfinished}
        try:
            answer = client("s3").put_object(
                Bucket=bucket,
                Key=key,
                Body=json.dumps(value).encode(),
                ContentType="application/json",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                raise RetryLater(f"{self._uri} was taken by another delivery.", retry_after=5.0) from None
            with s3_errors(self._uri):
                raise
        self._etag = answer["ETag"]
