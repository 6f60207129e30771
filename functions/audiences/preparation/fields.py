"""Finds out what each column of an identities or suppression file is, by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity.blanks import BLANKS
from audiences.preparation.column_names import FIELDS, MOBILE, read_name, show_names, squeeze
from audiences.preparation.headers import find_user_column, user_column

if TYPE_CHECKING:
    from audiences.preparation.sources import Source

_HASHED = re.compile(r"(?:sha_?256|hashed)_(.+)|(.+)_(?:sha_?256|hash|hashed)").fullmatch
_CONSENT = "consent"
_FURTHER = "#"  # between a field and the number of a further column of it; no column's name keeps it


@dataclass(frozen=True)
class Layout:
    """Where things stand in a file.

    user      column of the user id, None in a suppression list that has none
    columns   field -> column; consent columns are fields too (`consent_ads`, `consent_region`). Further columns
              of a field are `phone#2` and so on: `fill` takes from them, and all are compared with opt-outs
    hashed    fields whose column is named `<field>_sha256` or `hashed_<field>`: SHA-256 already
    unknown   columns that are no field, in words that can be told
    """

    user: int | None
    columns: dict[str, int]
    hashed: frozenset[str]
    unknown: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Tell whether a field has further columns."""
        return any(_FURTHER in name for name in self.columns)

    def fill(self, rows: list[list[str]]) -> None:
        """Put into the blank cells of each field what its next column holds."""
        for name, at in self.columns.items():
            if _FURTHER in name:
                first = self.columns[field_of(name)]
                for row in rows:
                    if not row[first].strip(BLANKS):
                        row[first] = row[at]

    def at(self, name: str) -> int | None:
        """Return the column of a field, None for a file that has none: its rows are blank there.

        Only `external_id` may be missing without being blank: then it is the user id.
        """
        return self.columns.get(name, self.user if name == "external_id" else None)


def field_of(column: str) -> str:
    """Return the field of a key of `Layout.columns`: `phone` of `phone#2`."""
    return column.partition(_FURTHER)[0]


def read_layout(source: Source, header: list[str], *, user_required: bool = True) -> Layout:
    """Return the layout of a header.

    DataError when none is a user id, a consent is there twice, or a field plain and hashed.
    """
    user = find_user_column(source, header) if user_required else user_column(header)
    names = [squeeze(title) for title in header]
    others = frozenset(names)
    columns: dict[str, int] = {}
    found: dict[str, list[tuple[int, int]]] = {}  # field -> (which is taken first, column)
    hashed: dict[str, bool] = {}
    unknown = []
    for number, name in enumerate(names):
        packed = _HASHED(name)
        plain = (packed[1] or packed[2]) if packed else name
        read = read_name(plain, others)
        field = "phone" if read == MOBILE else read
        if field in FIELDS:
            found.setdefault(field, []).append((0 if read == MOBILE else 1 if plain == field else 2, number))
            if hashed.setdefault(field, plain != name) != (plain != name):
                raise DataError(
                    f"{source.name} has plain and hashed columns of {field}.",
                    "One audience cannot mix them.",
                    f"Remove one: column {found[field][0][1] + 1} or column {number + 1}.",
                )
        elif name in columns and name.startswith(_CONSENT):
            raise DataError(
                f"Columns {columns[name] + 1} and {number + 1} of {source.name} are of one consent.",
                "It would be a guess which one is the answer.",
                "Rename or remove one of them.",
            )
        elif name:
            columns.setdefault(name, number)
        if field not in FIELDS and number != user and not name.startswith(_CONSENT):
            unknown.append((number + 1, header[number].strip()))
    for field, ranked in found.items():
        for place, (_, number) in enumerate(sorted(ranked), start=1):
            columns[field if place == 1 else f"{field}{_FURTHER}{place}"] = number
    are_hashed = frozenset(name for name in columns if hashed.get(field_of(name)))
    return Layout(user, columns, are_hashed, tuple(show_names(unknown)))
