"""Reads and writes big S3 objects in pieces, and keeps first-come names, for post-processing and imports."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import quote, unquote

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError

from audiences.edges.aws import client
from audiences.errors import AudienceError, DataError, RetryLater, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK_BYTES = 1 << 20
_CSV = "text/csv; charset=utf-8"
_MISSING = ("NoSuchKey", "404", "NotFound", "NoSuchBucket", "NoSuchVersion")
_FORBIDDEN = ("AccessDenied", "403", "Forbidden", "AllAccessDisabled", "KMS.DisabledException")


def split_uri(uri: str) -> tuple[str, str]:
    """Return (bucket, key) of an `s3://bucket/key` URI. Raises DataError for anything else."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise DataError(f"{uri} is no S3 location.", "It must look like s3://bucket/key.")
    return bucket, key


@contextmanager
def s3_errors(where: str) -> Iterator[None]:
    """Turn S3's errors into ours: missing is DataError, forbidden SetupError, everything else RetryLater."""
    try:
        yield
    except ClientError as error:
        raise _translated(where, error) from error
    except S3UploadFailedError as error:
        # boto3 hides S3's answer to upload_file in an error of its own.
        hidden = error.__context__
        if isinstance(hidden, ClientError):
            raise _translated(where, hidden) from error
        raise RetryLater(f"{where} could not be written.", "The upload failed.") from error
    except BotoCoreError as error:
        raise RetryLater(
            f"{where} could not be read.", f"The connection failed: {type(error).__name__}."
        ) from error


def _translated(where: str, error: ClientError) -> AudienceError:
    code = error.response["Error"]["Code"]
    if code in _MISSING:
        return DataError(f"{where} is not there.", f"S3 says {code}.", "Upload the file again.")
    if code in _FORBIDDEN:
        fix = "Check the function's role and the bucket's key."
        return SetupError(f"{where} may not be used.", f"S3 says {code}.", fix)
    return RetryLater(f"{where} could not be used.", f"S3 says {code}.")


def read_chunks(uri: str) -> Iterator[bytes]:
    """Yield an object's bytes in chunks of a megabyte."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        body = client("s3").get_object(Bucket=bucket, Key=key)["Body"]
        yield from body.iter_chunks(CHUNK_BYTES)


class _Download(io.BufferedIOBase):
    """An object's bytes, once, from first to last, with S3's errors as ours: a connection may break half way."""

    def __init__(self, body: Any, uri: str) -> None:
        self._body, self._uri = body, uri

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        with s3_errors(self._uri):
            data: bytes = self._body.read(None if size is None or size < 0 else size)
        return data

    def close(self) -> None:
        self._body.close()
        super().close()


def open_body(uri: str, version: str = "") -> BinaryIO:
    """Return an object (or a version of it) as a stream. Its `read` raises RetryLater when the connection breaks."""
    bucket, key = split_uri(uri)
    wanted = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
    with s3_errors(uri):
        return cast("BinaryIO", _Download(client("s3").get_object(**wanted)["Body"], uri))


def list_keys(uri: str) -> list[str]:
    """Return the URIs below a prefix, in key order; `folders` (keys that end with a slash) are left out."""
    bucket, prefix = split_uri(uri)
    with s3_errors(uri):
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [f"s3://{bucket}/{key}" for key in keys if not key.endswith("/")]


def read_metadata(uri: str) -> dict[str, str]:
    """Return an object's user metadata, decoded, e.g. `{"run-id": "…", "query": "ITEMS.genres = …"}`."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        found = client("s3").head_object(Bucket=bucket, Key=key)["Metadata"]
    return {name: unquote(value) for name, value in found.items()}


def upload_once(path: Path, uri: str, metadata: dict[str, str] | None = None) -> None:
    """Store a file (in parts if it is big), unless an earlier attempt stored the same already.

    A second version of an object would start what it triggers a second time. Metadata is percent-encoded,
    because S3 keeps ASCII only.
    """
    bucket, key = split_uri(uri)
    encoded = _encode(metadata)
    if not _stored(uri, encoded, path.stat().st_size):
        extra = {"ContentType": _CSV, "Metadata": encoded}
        with s3_errors(uri):
            client("s3").upload_file(str(path), bucket, key, ExtraArgs=extra)


def copy_once(source: str, uri: str, metadata: dict[str, str], version: str = "") -> None:
    """Copy an object inside S3 (or a `version` of it) and give it other metadata, unless an earlier attempt did."""
    from_bucket, from_key = split_uri(source)
    bucket, key = split_uri(uri)
    encoded = _encode(metadata)
    wanted = {"Bucket": from_bucket, "Key": from_key, **({"VersionId": version} if version else {})}
    with s3_errors(source):
        size = client("s3").head_object(**wanted)["ContentLength"]
    if not _stored(uri, encoded, size):
        extra = {"ContentType": _CSV, "Metadata": encoded, "MetadataDirective": "REPLACE"}
        with s3_errors(uri):
            client("s3").copy(wanted, bucket, key, ExtraArgs=extra)


def _encode(metadata: dict[str, str] | None) -> dict[str, str]:
    return {name: quote(value, safe="") for name, value in (metadata or {}).items()}


def _stored(uri: str, encoded: dict[str, str], size: int) -> bool:
    """Tell whether the object is there with this metadata and size in bytes."""
    bucket, key = split_uri(uri)
    try:
        head = client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return False
        with s3_errors(uri):
            raise
    return bool(head["Metadata"] == encoded and head["ContentLength"] == size)


def download(uri: str, path: Path) -> None:
    """Fetch an object to a local file."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        client("s3").download_file(bucket, key, str(path))


def delete_all(uris: list[str]) -> None:
    """Delete objects of one bucket, e.g. a finished export. What is gone already is no error."""
    for start in range(0, len(uris), 1000):
        bucket = split_uri(uris[start])[0]
        batch = [{"Key": split_uri(uri)[1]} for uri in uris[start : start + 1000]]
        with s3_errors(f"s3://{bucket}"):
            client("s3").delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})


def write_json(uri: str, value: Any) -> None:
    """Store a small JSON document."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        client("s3").put_object(
            Bucket=bucket, Key=key, Body=json.dumps(value).encode(), ContentType="application/json"
        )


def read_json(uri: str) -> Any:
    """Read a small JSON document."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        return json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def claim(uri: str, owner: str) -> str:
    """Keep the first owner of a URI and return it, whoever asks later.

    Uses S3's conditional write, so that two executions at the same moment cannot both be first:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    bucket, key = split_uri(uri)
    body = json.dumps({"owner": owner}).encode()
    try:
        client("s3").put_object(
            Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json"
        )
    except ClientError as error:
        # 409 is the answer while another writer is not finished: the caller's Retry asks again.
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
            with s3_errors(uri):
                raise
        return str(read_json(uri)["owner"])
    return owner
