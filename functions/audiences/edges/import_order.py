"""Keeps an older file of a segment from replacing the newer one that Customer Profiles has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.edges.aws import client
from audiences.edges.s3_files import list_keys, read_metadata, s3_errors, split_uri
from audiences.errors import DataError
from audiences.segments.times import made_at

if TYPE_CHECKING:
    from collections.abc import Mapping


def refuse_older(uri: str, ledger: str) -> dict[str, str]:
    """Return what the ledger is to say of the file at `uri`: its name, and when it was made.

    DataError when the ledger has the members of a newer file. One of a former version does not say.
    """
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        stored = client("s3").head_object(Bucket=bucket, Key=key)["LastModified"].isoformat()
    name = key.rpartition("/")[2]
    made = made_at(name, stored)
    held: Mapping[str, str] = read_metadata(ledger) if ledger in list_keys(ledger) else {}
    if held.get("made", "") > made:
        raise DataError(
            f"{name} is older than {held.get('file')}, whose members Customer Profiles has.",
            f"It is of {made}, the other of {held['made']}, by the time in the name or when it was stored.",
            "Nothing, if it was only late. To go back to this list, upload it under a newer name.",
        )
    return {"file": name, "made": made}
