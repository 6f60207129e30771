"""The audience bucket as preparation sees it: sources to read, inputs to find, a folder to publish."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from audiences.edges.aws import client
from audiences.edges.s3_files import list_keys, open_body, s3_errors, split_uri
from audiences.preparation import manifest
from audiences.preparation.sources import Source

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Stored:
    """One object: its key, size in bytes and the time it was stored (ISO 8601)."""

    key: str
    size: int
    modified: str


def open_object(uri: str) -> Source:
    """Return an object as a source; each `open` begins a new download. Spark's workers call this too."""
    return Source(split_uri(uri)[1], lambda: open_body(uri))


def is_folder(uri: str) -> bool:
    """Tell whether an object is only what "Create folder" of the S3 console leaves: empty, ending in a slash.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html
    """
    bucket, key = split_uri(uri)
    if not key.endswith("/"):
        return False
    with s3_errors(uri):
        return not client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"]


def describe_object(uri: str) -> tuple[str, str]:
    """Return the run an object belongs to, empty for none, and what tells its versions apart."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        head = client("s3").head_object(Bucket=bucket, Key=key)
    version = head.get("VersionId") or f"{head['ETag'].strip(chr(34))}-{head['LastModified']:%Y%m%dT%H%M%S}"
    return unquote(head["Metadata"].get("run-id", "")), version


def list_objects(bucket: str, prefix: str) -> list[Stored]:
    """Return what lies below a prefix, in key order; empty objects and `folders` are left out."""
    with s3_errors(f"s3://{bucket}/{prefix}"):
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [
            Stored(item["Key"], item["Size"], item["LastModified"].isoformat())
            for page in pages
            for item in page.get("Contents", [])
            if item["Size"] and not item["Key"].endswith("/")
        ]


def publish_folder(folder: Path, uri: str) -> None:
    """Store a folder's files below `uri` (it ends with a slash), the manifest last: it starts the delivery.

    What an earlier attempt stored there under other names is deleted first.
    """
    bucket, prefix = split_uri(uri)
    names = {path.name for path in folder.iterdir()}
    stale = [
        key
        for key in (split_uri(found)[1] for found in list_keys(uri))
        if key.removeprefix(prefix) not in names
    ]
    for key in stale:
        with s3_errors(uri):
            client("s3").delete_object(Bucket=bucket, Key=key)
    for path in sorted(folder.iterdir(), key=lambda path: path.name in (manifest.NAME, manifest.PLAN)):
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with s3_errors(uri):
            client("s3").upload_file(str(path), bucket, prefix + path.name, ExtraArgs={"ContentType": kind})
