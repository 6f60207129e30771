"""Keeps an older file, another segment or a torn list from replacing the members that Customer Profiles has.

Beside the ledger, a note says how many members the last import left, so that a lost ledger is noticed.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from audiences.edges.aws import client
from audiences.edges.s3_files import list_keys, read_json, read_metadata, s3_errors, split_uri, write_json
from audiences.errors import DataError
from audiences.imports.upload_plan import MEMBER, attribute_of
from audiences.preparation.guards import blow_fuse
from audiences.segments.times import made_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FUSE = 0.5  # smallest share of the members that may stay: as of an audience


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


def read_note(uri: str) -> dict[str, Any] | None:
    """Return what the last import noted of its ledger: `{people, sha256, run}`; None before the first."""
    if uri not in list_keys(uri):
        return None
    try:
        note: dict[str, Any] = read_json(uri)
        return {"people": int(note["people"]), "sha256": str(note["sha256"]), "run": str(note["run"])}
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{uri} is not what an import noted of its members.",
            "It was changed by hand.",
            "Restore an earlier version, or delete it: the ledger then counts alone.",
        ) from None


def note_members(plan: Mapping[str, Any], *, complete: bool, failed: bool) -> None:
    """Note how many members an import left, and which list it wrote. A plan of a former version does not say.

    complete: all rows were taken, so the ledger has the members alone. failed: none was.
    """
    if "digests" in plan:
        digest = plan["digests"]["members" if complete else "everyone"]
        people = plan["before"] if failed else plan["counts"].get(MEMBER, 0)
        write_json(plan["note_uri"], {"people": people, "sha256": digest, "run": plan["file"]["run_id"]})


def refuse_shrunk(file: Mapping[str, Any], segment: str, *, before: int, after: int) -> None:
    """Raise DataError when a segment would lose more members than the fuse lets go.

    The file's metadata `fuse` lowers it for this once, from 0 to 1.
    """
    try:
        fuse = float(file.get("fuse") or FUSE)
    except ValueError:
        fuse = -1
    if not 0 <= fuse <= 1:
        raise DataError(
            f"The metadata `fuse` of {file['file']} is no number from 0 to 1.",
            "It is the smallest share of the members that may stay.",
            "Upload the file again with fuse=0, or without it.",
        )
    told = {"fuse": "0", "segment-name": file.get("run_segment"), "target": "customer-profiles"}
    metadata = ",".join(f"{name}={quote(value, safe='')}" for name, value in told.items() if value)
    uri = shlex.quote(file["file"])
    lower = (
        f"upload it once more with the metadata `fuse` lowered: aws s3 cp {uri} {uri} "
        f"--metadata-directive REPLACE --metadata {metadata}"
    )
    blown = blow_fuse(f"The segment {segment}", "an import", lower, before=before, after=after, fuse=fuse)
    if blown:
        raise blown


def lost(segment: str, ledger: str, note: Mapping[str, Any] | None, sha256: str) -> dict[str, str]:
    """Return the failure to tell when the ledger is not what the last import wrote, else an empty one.

    sha256: of the lines that were read, "" without a ledger.
    """
    if note is None or note["sha256"] == sha256:
        return {}
    is_gone = not sha256
    people = "1 member" if note["people"] == 1 else f"{note['people']:,} members"
    return DataError(
        f"The list of who is in the segment {segment} {'is gone' if is_gone else 'is not what the last import wrote'}.",
        f"{ledger}: run {note['run']} left {people}. Who is not on the list, and not in the file, stays a member in "
        "Customer Profiles.",
        "Restore the list's version of before this import and upload the file again: it then takes out who is on it "
        "and not in the file." + ("" if is_gone else " If you have just restored it, that is done."),
    ).as_failure()
