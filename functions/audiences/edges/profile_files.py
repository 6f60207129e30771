"""Builds the CSV parts of an upload to Customer Profiles on local disk, and reads the ledger of members."""

from __future__ import annotations

import csv
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from audiences.edges.audience_files import open_object
from audiences.edges.member_ledgers import (
    lost,
    read_note,
    refuse_older,
    refuse_shared_attribute,
    refuse_shrunk,
)
from audiences.edges.s3_files import list_keys
from audiences.imports.inspection import ENDPOINTS, FileReport
from audiences.imports.profiles import EMAIL_COLUMNS, PHONE_COLUMNS, merge, read_pieces
from audiences.imports.records import read_rows
from audiences.imports.spill import read_spilled, spill
from audiences.imports.upload_plan import (
    LEFT,
    MAX_PART_BYTES,
    MEMBER,
    UNIQUE_KEY,
    attribute_of,
    fields_of,
    membership_rows,
    ordered,
    segment_name,
)
from audiences.preparation.dialect import malformed
from audiences.preparation.sources import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class PartWriter:
    """Writes CSV rows to `part-1.csv`, `part-2.csv`, … in a folder.

    Each below `max_bytes` and with a header.
    """

    def __init__(self, folder: Path, columns: list[str], max_bytes: int = MAX_PART_BYTES) -> None:
        """Keep the columns; files are opened as rows come."""
        self.paths: list[Path] = []
        self.rows = 0
        self._folder, self._columns, self._max_bytes = folder, columns, max_bytes
        self._file: Any = None

    def write(self, row: dict[str, str]) -> None:
        """Add one row; columns it lacks stay empty."""
        if self._file is None or (self.rows % 1000 == 0 and self._file.tell() >= self._max_bytes):
            self.close()
            self.paths.append(self._folder / f"part-{len(self.paths) + 1}.csv")
            self._file = self.paths[-1].open("w", encoding="utf-8", newline="")
            self._writer = csv.DictWriter(self._file, self._columns, restval="", lineterminator="\n")
            self._writer.writeheader()
        self._writer.writerow(row)
        self.rows += 1

    def close(self) -> None:
        """Finish the open part."""
        if self._file is not None:
            self._file.close()
            self._file = None


def write_profiles(
    uri: str, file_format: str, folder: Path
) -> tuple[PartWriter, list[str], FileReport, Counter[str]]:
    """Turn an endpoints file into parts of one row per user; return (parts, columns, report, counts)."""
    report, counts = FileReport(ENDPOINTS, file_format), Counter[str]()
    columns = {UNIQUE_KEY, *EMAIL_COLUMNS[:1]}

    def pieces() -> Iterator[tuple[str, Any]]:
        for user, piece in read_pieces(read_rows(open_object(uri), file_format), report, counts):
            columns.update(piece["attributes"])
            yield user, piece

    buckets = spill(pieces(), folder / "endpoints")
    for bucket in buckets:
        for profile in merge(read_spilled(bucket)).values():
            columns.update(EMAIL_COLUMNS[: len(profile.emails)], PHONE_COLUMNS[: len(profile.phones)])
    parts = PartWriter(folder, ordered(columns))
    for bucket in buckets:
        for user, profile in merge(read_spilled(bucket)).items():
            parts.write(profile.as_row(user, counts))
        bucket.unlink()
    parts.close()
    return parts, ordered(columns), report, counts


def write_membership(
    uri: str, file_format: str, ledger: str, segment: str, folder: Path
) -> tuple[PartWriter, list[str], Counter[str], dict[str, str]]:
    """Turn a user-id file into parts that say who is a member and who left since the ledger was written.

    Also writes `members.csv` and `everyone.csv` (members and leavers) into `folder`, the ledger's next
    content. Returns (parts, columns, counts, digests): users counted as member, left and `before`; the digest
    of each list, `before` (the ledger as it was, "" without one), `members` and `everyone`.
    """
    columns = [UNIQUE_KEY, attribute_of(segment)]
    lists = {name: sha256() for name in ("before", "members", "everyone")}

    def digested(name: str, users: Iterable[str]) -> Iterator[str]:
        for user in users:
            lists[name].update(f"{user}\n".encode())
            yield user

    held = digested("before", _users_of_ledger(ledger))
    before = spill(((user, None) for user in held), folder / "before")
    now = spill(((user, None) for user in _users(uri, file_format)), folder / "now")
    parts, counts = PartWriter(folder, columns), Counter[str]()
    with _open_csv(folder / "members.csv") as members, _open_csv(folder / "everyone.csv") as everyone:
        for old, new in zip(before, now, strict=True):
            rows = membership_rows(
                (user for user, _ in read_spilled(old)), (user for user, _ in read_spilled(new))
            )
            for user, state in rows:
                parts.write({columns[0]: user, columns[1]: state})
                counts[state] += 1
                for name, file in (("everyone", everyone), ("members", members)):
                    if name == "everyone" or state == MEMBER:
                        lists[name].update(f"{user}\n".encode())
                        csv.writer(file, lineterminator="\n").writerow([user])
            counts["before"] += len({user for user, _ in read_spilled(old)})
    parts.close()
    counts.setdefault(LEFT, 0)
    digests = {name: found.hexdigest() for name, found in lists.items()}
    return parts, columns, counts, {**digests, "before": digests["before"] if counts["before"] else ""}


def _open_csv(path: Path) -> Any:
    return path.open("w", encoding="utf-8", newline="")


def _users(uri: str, file_format: str) -> Iterator[str]:
    for row in read_rows(open_object(uri), file_format):
        user = row.values.get("User.UserId", "")
        if user and not row.problem:
            yield user


def _users_of_ledger(uri: str) -> Iterator[str]:
    """Yield the users the service holds as members, one a line; none when the segment is new."""
    if uri in list_keys(uri):
        held = open_object(uri)
        rows = csv.reader(read_lines(held), strict=True)
        try:
            yield from (row[0] for row in rows if row)
        except csv.Error as error:
            raise malformed(held, rows.line_num, error) from None


def write_parts(
    file: dict[str, Any], ledgers: str, notes: str, folder: Path
) -> tuple[list[Path], dict[str, Any]]:
    """Write the parts for an inspected file into `folder`; return their paths and the upload's plan.

    The plan holds `fields`, `unique_key`, `rows`, `rejected`, `problems`, `counts`, `note`, and for user ids
    the `segment`, its `ledger` (an object below `ledgers`) and what that is to say of the file (`held`), its
    `note` (below `notes`), the members `before`, the lists' `digests`, and what to tell of a ledger that is `lost`.
    DataError for a file that is older than what the ledger has, for a name too like another's, and for the fuse.
    """
    plan: dict[str, Any] = {"title": file["segment_name"], "unique_key": UNIQUE_KEY, "segment": ""}
    if file["kind"] == ENDPOINTS:
        parts, columns, report, counts = write_profiles(file["file"], file["format"], folder)
        rejected, problems = report.bad_rows, report.problems
        plan["note"] = (
            f"Not carried over: {counts['opted_out']} opted-out endpoints, "
            f"{counts['no_address']} without e-mail or phone, "
            f"{counts['addresses_without_place']} addresses too many."
        )
    else:
        segment = segment_name(file["segment_name"], file["run_segment"])
        ledger = f"{ledgers}{segment}.csv"
        refuse_shared_attribute(ledgers, segment)
        plan["held"] = refuse_older(file["file"], ledger)
        noted = read_note(f"{notes}{segment}.json")
        parts, columns, counts, digests = write_membership(
            file["file"], file["format"], ledger, segment, folder
        )
        before = noted["people"] if noted else counts["before"]
        refuse_shrunk(file, segment, before=before, after=counts[MEMBER])
        plan |= {"note_uri": f"{notes}{segment}.json", "before": before, "digests": digests}
        plan["lost"] = lost(segment, ledger, noted, digests["before"])
        rejected, problems = file["bad_rows"], file["problems"]
        plan |= {"segment": segment, "ledger": ledger, "note": f"{counts[LEFT]} users left the segment."}
    plan |= {"fields": fields_of(columns), "counts": dict(counts), "rows": parts.rows}
    return parts.paths, plan | {"rejected": rejected, "problems": problems}
