"""Keeps an older file, or another segment, from replacing the members that Customer Profiles has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.edges.aws import client
from audiences.edges.s3_files import list_keys, read_metadata, s3_errors, split_uri
from audiences.errors import DataError
from audiences.imports.upload_plan import attribute_of
from audiences.segments.times import made_at

if TYPE_CHECKING:
    from collections.abc import Mapping


def refuse_shared_attribute(ledgers: str, segment: str) -> None:
    """Stop when another segment marks its members by the same attribute: each would take the other's out.

    ledgers: prefix of all ledgers. DataError names the other: dashes become underscores in attributes.
    """
    known = (uri.removeprefix(ledgers).removesuffix(".csv") for uri in list_keys(ledgers))
    attribute = attribute_of(segment)
    other = next((name for name in known if name != segment and attribute_of(name) == attribute), None)
    if other is not None:
        raise DataError(
            f"The segments {segment} and {other} would have the same members.",
            f"Both are kept in the attribute {attribute}, where dashes are underscores.",
            "Give the file another name.",
        )


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
