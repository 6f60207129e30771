"""Stores the people of one custom channel invocation once: a second version would deliver them again."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from audiences.edges.aws import client
from audiences.edges.s3_files import s3_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAKEN = ("PreconditionFailed", "412")


def store_members(bucket: str, key: str, users: Sequence[str]) -> None:
    """Write a segment file with the column `User.UserId`, unless it is there."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["User.UserId"], *([user] for user in users)])
    try:
        client("s3").put_object(
            Bucket=bucket, Key=key, Body=text.getvalue().encode(), IfNoneMatch="*", ContentType="text/csv"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TAKEN:
            with s3_errors(f"s3://{bucket}/{key}"):
                raise
