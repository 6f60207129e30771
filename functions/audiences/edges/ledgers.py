"""The lists of one audience in the bucket: the ledger, what the last delivery noted of it, and its copies."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from audiences.delivery.in_force import Base, choose_base, in_force
from audiences.delivery.store import LedgerState
from audiences.delivery.uploader import uploaders
from audiences.edges.audience_files import list_objects, open_object
from audiences.edges.aws import client
from audiences.edges.s3_files import read_json, s3_errors, split_uri, write_json
from audiences.errors import DataError
from audiences.preparation.plan import Inputs
from audiences.preparation.shape import find_shape

if TYPE_CHECKING:
    from pathlib import Path

    from audiences.preparation.request import Request

_GZIP = {"ContentType": "application/gzip"}
_NO_RECEIPTS = ("/audience.json", "/lease.json", "/ledger.json", ".dry-run.json")


class S3Lists:
    """Implements `delivery.in_force.Lists`."""

    def __init__(self, bucket: str, platform: str, folder: str) -> None:
        """Look at one audience. The ledger is below ledger/, its copies below lists/ and prepared/, which expire."""
        self.name = f"{platform}/{folder}"
        self._bucket = bucket
        self._home = f"s3://{bucket}/deliveries/{self.name}"
        self._past = f"s3://{bucket}/lists/{self.name}/past"
        self._prepared = f"s3://{bucket}/prepared/{self.name}"
        self._uris = {
            "ledger": f"s3://{bucket}/ledger/{self.name}.tsv.gz",
            "audience": f"{self._home}/audience.json",
            "note": f"{self._home}/ledger.json",
        }

    def uri(self, what: str) -> str:
        """Return where `ledger`, `audience` or `note` lies."""
        return self._uris[what]

    def at_hand(self) -> LedgerState | None:
        """Return what the ledger's metadata say; None without a ledger."""
        bucket, key = split_uri(self.uri("ledger"))
        try:
            kept = client("s3").head_object(Bucket=bucket, Key=key)["Metadata"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            with s3_errors(self.uri("ledger")):
                raise
        return LedgerState(
            kept.get("sha256", ""), kept.get("run", ""), kept.get("newest", ""), kept.get("delivered-at", ""),
            kept.get("home", ""), int(kept.get("people", 0)),
        )  # fmt: skip

    def last(self) -> LedgerState | None:
        """Return what the last delivery noted. Former versions noted nothing: their last receipt tells it."""
        noted = read_if_there(self.uri("note"))
        if noted is not None:
            return LedgerState.from_json(noted, self.uri("note"))
        at_hand = self.at_hand()
        if (at_hand and at_hand.sha256) or not self.knows_audience():
            return None
        return self._last_receipt()

    def _last_receipt(self) -> LedgerState | None:
        found = list_objects(self._bucket, split_uri(f"{self._home}/")[1])
        receipts = [
            item for item in found if item.key.count("/") == 3 and not item.key.endswith(_NO_RECEIPTS)
        ]
        for item in sorted(receipts, key=lambda item: (item.modified, item.key), reverse=True):
            told: dict[str, Any] = read_json(f"s3://{self._bucket}/{item.key}")
            if told.get("ledger"):
                run = item.key.rpartition("/")[2].removesuffix(".json")
                people = int(told.get("audience_size") or 0)
                at = str(told.get("delivered_at", ""))
                return LedgerState(told["ledger"], run, "", at, self.name, people)
        return None

    def knows_audience(self) -> bool:
        """Tell whether audience.json is there."""
        return bool(list_objects(self._bucket, split_uri(self.uri("audience"))[1]))

    def past(self) -> list[tuple[str, str]]:
        """Return (when it came into force, digest) of each ledger that another has replaced, oldest first."""
        found = list_objects(self._bucket, split_uri(f"{self._past}/")[1])
        names = sorted(item.key.rpartition("/")[2].removesuffix(".tsv.gz") for item in found)
        return [(name.partition("_")[0], name.partition("_")[2]) for name in names]

    def find(self, sha256: str) -> str:
        """Return the URI of a list: the ledger, one that it replaced, or what the last delivery had prepared."""
        at_hand = self.at_hand()
        if at_hand and at_hand.sha256 == sha256:
            return self.uri("ledger")
        times = [at for at, past in self.past() if past == sha256]
        if times:
            return f"{self._past}/{times[-1]}_{sha256}.tsv.gz"
        last = self.last()
        prepared = f"{self._prepared}/{last.run}" if last and last.sha256 == sha256 else ""
        manifest = read_if_there(f"{prepared}/manifest.json") if prepared else None
        wanted = (manifest or {}).get("files", {}).get("wanted.tsv.gz", {})
        return f"{prepared}/wanted.tsv.gz" if wanted.get("sha256_unpacked") == sha256 else ""

    def keep(self, state: LedgerState, source: str | Path) -> None:
        """Replace the ledger by an object or a file, and note it; the list it replaces is kept first."""
        held = in_force(self)
        where = self.find(held.sha256) if held.sha256 else ""
        if where and not where.startswith(self._past):
            copy(where, f"{self._past}/{held.delivered_at}_{held.sha256}.tsv.gz", {})
        state = replace(state, home=self.name)
        told = {name.replace("_", "-"): str(value) for name, value in asdict(state).items()}
        if isinstance(source, str):
            copy(source, self.uri("ledger"), told)
        else:
            upload(source, self.uri("ledger"), {"Metadata": told, **_GZIP})
        self.note(state)

    def note(self, state: LedgerState) -> None:
        """Note which list the platform holds."""
        write_json(self.uri("note"), asdict(state))


def find_base(bucket: str, request: Request) -> Base:
    """Return what to compare a request's segment with."""
    uploader = uploaders().get(request.platform)
    lists = S3Lists(bucket, request.platform, request.key)
    whole = find_shape(request.platform).whole
    return choose_base(lists, request, uploader.replace if uploader else "", whole=whole)


def with_base(inputs: Inputs, base: Base) -> Inputs:
    """Return the inputs of a preparation with the list to compare with. Raises the base's problem."""
    if base.problem:
        raise base.problem
    ledger = open_object(base.where) if base.where else None
    return replace(inputs, ledger=ledger, ledger_sha256=base.sha256, before=base.before, notes=base.notes)


def read_if_there(uri: str) -> dict[str, Any] | None:
    """Return a JSON object, None when there is none. DataError when it is not JSON."""
    bucket, key = split_uri(uri)
    try:
        body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        with s3_errors(uri):
            raise
    try:
        value: dict[str, Any] = json.loads(body)
    except ValueError:
        raise DataError(
            f"{uri} is not JSON.", "It was changed by hand.", "Restore an earlier version."
        ) from None
    return value


def upload(path: Path, uri: str, settings: dict[str, Any] | None = None) -> None:
    """Store a file."""
    bucket, key = split_uri(uri)
    with s3_errors(uri):
        client("s3").upload_file(str(path), bucket, key, ExtraArgs=settings)


def copy(source: str, uri: str, metadata: dict[str, str]) -> None:
    """Store an object again, as gzip and with other metadata."""
    from_bucket, from_key = split_uri(source)
    bucket, key = split_uri(uri)
    extra = {"Metadata": metadata, "MetadataDirective": "REPLACE", **_GZIP}
    with s3_errors(source):
        client("s3").copy({"Bucket": from_bucket, "Key": from_key}, bucket, key, ExtraArgs=extra)
