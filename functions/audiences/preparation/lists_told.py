"""What people are told of the suppression lists: an opt-out that finds nobody must not pass for one that is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.preparation.forms import DIGEST, MATCHED, USER, matched_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from audiences.preparation.customers import Customers
    from audiences.preparation.digest_set import Keys
    from audiences.preparation.suppress import Suppression

_LEAST_LEFT = 0.5  # of the rows of last time: half a list vanishes by mistake more often than by intention


@dataclass(frozen=True)
class Remembered:
    """The lists of the last preparation of an audience. where: what to delete to forget them; rows by file."""

    where: str
    rows: Mapping[str, int]

    @classmethod
    def of_manifest(cls, path: Path) -> Remembered | None:
        """Read the `manifest.json` of an earlier preparation; None where there is none that tells of lists."""
        try:
            files = json.loads(path.read_text(encoding="utf-8"))["suppressions"]["files"]
            pairs = [(str(one["file"]), int(one["rows"])) for one in files]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        rows: dict[str, int] = {}
        for file, count in pairs:
            rows[file] = rows.get(file, 0) + count
        return cls(str(path), rows)


def check_lists(suppression: Suppression, last: Remembered | None, customers: Customers | None) -> list[str]:
    """Return warnings about lists as a whole. DataError when they name far fewer people than last time.

    customers: None where not all are known.
    """
    told = [f"{file} names nobody." for file, rows in suppression.files.items() if not rows]
    if last is not None:
        told += _compare(suppression.files, last)
    if customers is not None:
        told += _tell_fields(suppression, customers)
    return [*told, *_tell_unread(suppression)]


def _compare(now: Mapping[str, int], last: Remembered) -> Iterator[str]:
    rows, before = sum(now.values()), sum(last.rows.values())
    less = [
        f"{file} ({count:,} rows then, {f'{now[file]:,} now' if file in now else 'now gone'})"
        for file, count in sorted(last.rows.items())
        if now.get(file, 0) < count
    ]
    if rows < _LEAST_LEFT * before:
        raise DataError(
            f"The suppression lists have {rows:,} rows, and had {before:,} last time: {', '.join(less)}.",
            "Whoever is no longer listed would be sent again.",
            f"Upload the lists again. If it is meant so, delete {last.where} and start the preparation again.",
        )
    halved = any(file in now and now[file] < _LEAST_LEFT * count for file, count in last.rows.items())
    if rows < before or halved:
        yield (
            "The suppression lists are shorter than last time, and who is no longer listed is sent again:"
            f" {', '.join(less)}."
        )


def _tell_fields(suppression: Suppression, customers: Customers) -> Iterator[str]:
    """Tell of entries that cannot be compared with the customers, or with some of them."""
    have = matched_columns(customers.layout.columns)
    for name in MATCHED:
        if name not in suppression.entries and name + DIGEST not in suppression.entries:
            continue
        columns = [column for column, field in have.items() if field == name]
        if not columns:
            yield f"The suppression lists name people by {name}, which no identities file has: it finds nobody."
            continue
        if lacking := [file for file, gap in customers.gaps.items() if gap.issuperset(columns)]:
            yield f"The {name} of the suppression lists finds nobody in {', '.join(lacking)}: there is no such column."
        if customers.layout.hashed.intersection(columns):
            yield (
                f"The customers' {name} is hashed, and nobody can tell in which form: opt-outs by {name} are found if"
                " it is the platform's own or the usual one. List these people by user_id to be sure."
            )


def _tell_unread(suppression: Suppression) -> Iterator[str]:
    for (file, column), unread in suppression.unread.items():
        lines = f"line{'s' if unread.count > 1 else ''} {', '.join(map(str, unread.lines))}"
        if unread.count > len(unread.lines):
            lines += ", …"
        if column:
            yield (
                f"{unread.count:,} cells of {column} in {file} are not understood, so nobody was found by them:"
                f" {lines}."
            )
        else:
            yield f"{unread.count:,} lines of {file} name nobody: {lines}."


def tell_matches(suppression: Suppression, matched: Mapping[str, Keys], *, held: bool) -> list[str]:
    """Return warnings about entries that met nobody; `held`: the platform holds people."""
    told = [
        f"None of the {len(keys):,} hashes of {kind.removesuffix(DIGEST)} in the suppression lists is anybody's here."
        " If they are salted, or not SHA-256 of the usual form, they protect nobody."
        for kind, keys in suppression.entries.items()
        if kind.endswith(DIGEST) and kind not in matched
    ]
    gone = unknown_users(suppression, matched)
    if gone and held:
        told.append(
            f"{gone:,} user ids of the suppression lists are not in the identities: what the platform may hold of"
            " them cannot be found. List these people by e-mail address or phone number too."
        )
    return told


def unknown_users(suppression: Suppression, matched: Mapping[str, Keys]) -> int:
    """Return how many listed user ids no customer has."""
    return len(suppression.entries.get(USER, ())) - len(matched.get(USER, ()))


def describe_lists(
    suppression: Suppression, matched: Mapping[str, Keys], *, removing: bool
) -> dict[str, object]:
    """Return what the manifest says of the lists. `removing`: nobody was compared with them."""
    return {
        "files": [{"file": file, "rows": rows} for file, rows in suppression.files.items()],
        "entries": dict(sorted(suppression.counts.items())),
        "matched": {} if removing else {kind: len(keys) for kind, keys in sorted(matched.items())},
        "unreadable": suppression.unreadable,
        "unknown_user_ids": 0 if removing else unknown_users(suppression, matched),
    }
