"""Reads and writes the S3 objects of training: configurations, data, query files, plans and records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from audiences.edges.aws import client
from audiences.errors import DataError

_CHUNK = 1 << 20  # bytes


class TrainingStore:
    """One bucket."""

    def __init__(self, bucket: str) -> None:
        """Work on `bucket`."""
        self._bucket = bucket

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size in bytes of each object under a prefix, by key."""
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def read(self, key: str) -> bytes:
        """Return an object's content. Raises DataError when it is not there."""
        content = self.find(key)
        if content is None:
            raise DataError(
                f"There is no {key} in the bucket {self._bucket}.", "", "Upload it and try again."
            )
        return content

    def find(self, key: str) -> bytes | None:
        """Return an object's content, or None when it is not there."""
        try:
            body: bytes = client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return body

    def stream(self, key: str, most_bytes: int) -> Iterator[bytes]:
        """Yield an object's first `most_bytes` bytes, in chunks of a mebibyte."""
        body = client("s3").get_object(Bucket=self._bucket, Key=key)["Body"]
        left = most_bytes
        for chunk in body.iter_chunks(_CHUNK):
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                body.close()
                return

    def write(self, key: str, text: str) -> None:
        """Write an object."""
        client("s3").put_object(Bucket=self._bucket, Key=key, Body=text.encode())

    def read_json(self, key: str) -> dict[str, Any] | None:
        """Return a JSON object, or None when it is not there."""
        content = self.find(key)
        value: dict[str, Any] | None = None if content is None else json.loads(content)
        return value

    def write_json(self, key: str, value: dict[str, Any]) -> str:
        """Write a JSON object and return its S3 URI."""
        body = json.dumps(value).encode()
        client("s3").put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return f"s3://{self._bucket}/{key}"
