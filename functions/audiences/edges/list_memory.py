"""How long the suppression lists were when an audience was prepared last: a list that shrinks is noticed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from audiences.edges.aws import client
from audiences.edges.s3_files import read_json, s3_errors, split_uri, write_json
from audiences.errors import DataError
from audiences.preparation.lists_told import Remembered

if TYPE_CHECKING:
    from audiences.preparation.manifest import Manifest
    from audiences.preparation.request import Request


def _uri(bucket: str, request: Request) -> str:
    return f"s3://{bucket}/deliveries/{request.platform}/{request.key}/suppressions.json"


def recall_lists(bucket: str, request: Request) -> Remembered | None:
    """Return the lists of the last preparation of the audience, None when there was none."""
    uri = _uri(bucket, request)
    key = split_uri(uri)[1]
    try:
        client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
            return None
        with s3_errors(uri):
            raise
    value = read_json(uri)
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, dict) or not all(type(count) is int and count >= 0 for count in rows.values()):
        raise DataError(f"{uri} is not as it was written.", "It was changed by hand.", "Delete it.")
    return Remembered(uri, rows)


def remember_lists(bucket: str, made: Manifest) -> None:
    """Write down the lists of a preparation that is published; a dry run and a removal change nothing."""
    if not made.request.dry_run and made.request.mode != "remove":
        write_json(_uri(bucket, made.request), {"rows": made.listed_rows()})
