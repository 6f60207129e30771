"""The audience bucket as a delivery sees it: journal, receipt, ledger with its history, prepared parts."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from audiences.delivery.in_force import in_force
from audiences.delivery.model import PartFile, Prepared
from audiences.edges.audience_files import list_objects, open_object
from audiences.edges.aws import client
from audiences.edges.ledgers import S3Lists, read_if_there, upload
from audiences.edges.s3_files import read_json, s3_errors, split_uri, write_json
from audiences.errors import DataError
from audiences.preparation.ledger import read_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from audiences.delivery.store import LedgerState

_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


def read_prepared(bucket: str, key: str) -> Prepared:
    """Read `prepared/<platform>/<audience>/<run>/manifest.json`.

    DataError when it is none, or not where it says.
    """
    parts = key.split("/")
    uri = f"s3://{bucket}/{key}"
    if len(parts) != 5 or parts[0] != "prepared" or parts[4] != "manifest.json":
        raise DataError(
            f"{uri} is no manifest.", "", "It must be prepared/<platform>/<audience>/<run>/manifest.json."
        )
    with s3_errors(uri):
        answer = client("s3").get_object(Bucket=bucket, Key=key)
        text, at = answer["Body"].read(), answer["LastModified"].isoformat(timespec="milliseconds")
    try:
        value = json.loads(text)
    except ValueError:
        raise DataError(
            f"{uri} is not JSON.", "It was changed or cut.", "Prepare the audience again."
        ) from None
    prepared = Prepared.from_json(value, run=parts[3], prepared_at=at)
    if (prepared.platform, prepared.key) != (parts[1], parts[2]):
        raise DataError(
            f"{uri} is of {prepared.platform}/{prepared.key}.",
            "It was copied.",
            "Prepare the audience again.",
        )
    return prepared


class S3Store:
    """Implements `audiences.delivery.Store` for one delivery."""

    def __init__(self, bucket: str, prepared: Prepared) -> None:
        """Keep what names nobody below deliveries/, lists of people below lists/, which expires.

        The ledger is where preparation looks for it.
        """
        audience = f"{prepared.platform}/{prepared.key}"
        home = f"s3://{bucket}/deliveries/{audience}"
        self._bucket, self._home, self._run = bucket, home, f"{home}/{prepared.run}"
        self._extra = f"s3://{bucket}/lists/{audience}/{prepared.run}"
        self._prepared = f"s3://{bucket}/prepared/{prepared.name}"
        self._lists = S3Lists(bucket, prepared.platform, prepared.key)

    def uri(self, what: str) -> str:
        """Return where `receipt`, `manifest`, `audience` or `ledger` lies."""
        return {
            "receipt": f"{self._run}.json",
            "manifest": f"{self._prepared}/manifest.json",
            "audience": self._lists.uri("audience"),
            "ledger": self._lists.uri("ledger"),
        }[what]

    def receipt(self) -> Mapping[str, Any] | None:
        """Return the receipt, None when there is none."""
        return read_if_there(self.uri("receipt"))

    def put_receipt(self, receipt: Mapping[str, Any]) -> None:
        """Write the receipt."""
        write_json(self.uri("receipt"), receipt)

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return the journal, read eight objects at a time."""
        prefix = f"{self._run}/journal/"
        keys = [item.key for item in list_objects(self._bucket, split_uri(prefix)[1])]
        with ThreadPoolExecutor(8) as pool:
            values = pool.map(lambda key: read_json(f"s3://{self._bucket}/{key}"), keys)
            return {
                key.rpartition("/")[2].removesuffix(".json"): value
                for key, value in zip(keys, values, strict=True)
            }

    def note(self, name: str, entry: Mapping[str, Any], *, again: bool = False) -> None:
        """Write an entry; the first writer of a name wins unless `again`."""
        uri = f"{self._run}/journal/{name}.json"
        if again:
            write_json(uri, entry)
        else:
            _write_new(uri, entry)

    def read_part(self, part: PartFile) -> bytes:
        """Return a part's bytes."""
        folder = self._extra if "-extra-" in part.file else self._prepared
        bucket, key = split_uri(f"{folder}/{part.file}")
        with s3_errors(f"s3://{bucket}/{key}"):
            return cast("bytes", client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    def put_extra(self, folder: Path) -> None:
        """Store the parts of a folder."""
        for path in sorted(folder.iterdir()):
            upload(path, f"{self._extra}/{path.name}")

    def audience(self) -> Mapping[str, Any] | None:
        """Return what is known of the audience."""
        return read_if_there(f"{self._home}/audience.json")

    def keep_audience(self, known: Mapping[str, Any]) -> None:
        """Write what is known of the audience."""
        write_json(f"{self._home}/audience.json", known)

    def ledger(self) -> LedgerState:
        """Return the state of the list in force."""
        return in_force(self._lists)

    def note_ledger(self, state: LedgerState) -> None:
        """Note which list the platform holds."""
        self._lists.note(state)

    def base_at(self, time: str) -> str:
        """Return the digest of the last ledger that came into force at or before a time."""
        now = self.ledger()
        ledgers = [*self._lists.past(), (now.delivered_at, now.sha256)]
        before = [sha256 for at, sha256 in ledgers if at <= time]
        return before[-1] if before else ""

    def ledger_lines(self, sha256: str) -> Iterator[str]:
        """Yield the lines of the ledger, or of one that it replaced."""
        where = self._lists.find(sha256)
        if not where:
            raise DataError(
                f"The list that {self._prepared} was compared with is not kept any more.",
                "It was prepared long ago, and others delivered to the audience since; or the ledger is lost.",
                "Upload the segment again.",
            )
        return read_ledger(open_object(where))

    def wanted_lines(self) -> Iterator[str]:
        """Yield the lines of wanted.tsv.gz."""
        return read_ledger(open_object(f"{self._prepared}/wanted.tsv.gz"))

    def unfinished(self) -> list[str]:
        """Return runs with a journal and without a receipt, whose list is still there."""
        bucket, prefix = split_uri(f"{self._home}/")
        runs, receipts = set(), set()
        with s3_errors(self._home):
            pages = (
                client("s3")
                .get_paginator("list_objects_v2")
                .paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
            )
            for page in pages:
                runs |= {row["Prefix"][len(prefix) : -1] for row in page.get("CommonPrefixes", ())}
                receipts |= {row["Key"][len(prefix) :] for row in page.get("Contents", ())}
        own = self._run.rpartition("/")[2]
        open_runs = sorted(run for run in runs if run != own and f"{run}.json" not in receipts)
        return [run for run in open_runs if list_objects(bucket, split_uri(self._wanted(run))[1])]

    def _wanted(self, run: str) -> str:
        return f"{self._prepared.rpartition('/')[0]}/{run}/wanted.tsv.gz"

    def plan_of(self, run: str) -> Mapping[str, Any]:
        """Return another run's plan."""
        return read_if_there(f"{self._home}/{run}/journal/plan.json") or {}

    def wanted_by(self, run: str) -> Iterator[str]:
        """Yield the lines of another run's wanted.tsv.gz."""
        return read_ledger(open_object(self._wanted(run)))

    def overtake(self, run: str, by: str) -> None:
        """Write a note in place of another run's receipt."""
        write_json(f"{self._home}/{run}.json", {"status": "skipped", "overtaken_by": by})

    def put_ledger(self, state: LedgerState, file: Path | None) -> None:
        """Replace the ledger; the list it replaces is kept first, so that each can be read by its digest."""
        self._lists.keep(state, f"{self._prepared}/wanted.tsv.gz" if file is None else file)

    def put_rejects(self, text: str) -> str:
        """Write `file,row,reason` lines beside the receipt."""
        uri = f"{self._run}/rejects.csv"
        bucket, key = split_uri(uri)
        with s3_errors(uri):
            client("s3").put_object(
                Bucket=bucket, Key=key, Body=text.encode(), ContentType="text/csv; charset=utf-8"
            )
        return uri


def _write_new(uri: str, value: Mapping[str, Any]) -> None:
    bucket, key = split_uri(uri)
    body = json.dumps(value).encode()
    try:
        client("s3").put_object(
            Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TAKEN:
            with s3_errors(uri):
                raise
