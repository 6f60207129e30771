"""Puts parts where AWS's services pick them up: named for an SFTP server, or rewritten for a flow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from audiences.edges.aws import client
from audiences.edges.s3_files import s3_errors, split_uri
from audiences.edges.stepwise_delivery import work_prefix
from audiences.errors import DataError

if TYPE_CHECKING:
    from audiences.delivery.model import Batch, PartFile, Prepared


def put_in_outbox(prepared: Prepared, part: PartFile, name: str) -> str:
    """Copy a part under the name it gets on the server; returns `/bucket/key`, as Transfer Family has it.

    DataError when the part is not as long as the manifest says.
    """
    bucket = os.environ["AUDIENCE_BUCKET"]
    folder = f"lists/{prepared.name}" if "-extra-" in part.file else f"prepared/{prepared.name}"
    source = {"Bucket": bucket, "Key": f"{folder}/{part.file}"}
    target = split_uri(f"{work_prefix(prepared)}outbox/{name}")[1]
    with s3_errors(f"s3://{bucket}/{source['Key']}"):
        if client("s3").head_object(**source)["ContentLength"] != part.bytes:
            raise DataError(
                f"{part.file} is not what was prepared.", "It was changed.", "Prepare the audience again."
            )
        client("s3").copy(source, bucket, target)
    return f"/{bucket}/{target}"


def put_records(prepared: Prepared, batch: Batch, data: bytes) -> tuple[str, str]:
    """Store one file that a flow reads; returns bucket and prefix, where nothing else lies."""
    bucket, prefix = split_uri(f"{work_prefix(prepared)}records/{batch.entry}")
    with s3_errors(f"s3://{bucket}/{prefix}"):
        client("s3").put_object(Bucket=bucket, Key=f"{prefix}/members.csv", Body=data, ContentType="text/csv")
    return bucket, prefix
