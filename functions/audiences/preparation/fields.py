"""Finds out what each column of an identities or suppression file is, by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.preparation.headers import find_user_column, user_column

if TYPE_CHECKING:
    from audiences.preparation.sources import Source

_ALIASES = {
    "e_mail": "email",
    "email_address": "email",
    "phone_number": "phone",
    "mobile": "phone",
    "mobile_number": "phone",
    "postal_code": "zip",
    "postcode": "zip",
    "zip_code": "zip",
    "dob": "date_of_birth",
    "birth_date": "date_of_birth",
    "country_code": "country",
    "mobile_ad_id": "maid",
    "mobile_advertising_id": "maid",
    "mobile_advertiser_id": "maid",
    "madid": "maid",
    # The kind stays known: a platform that takes one kind must not get the other.
    "apple_advertising_id": "idfa",
    "ios_idfa": "idfa",
    "aaid": "gaid",
    "gps_adid": "gaid",
    "google_aid": "gaid",
    "google_advertising_id": "gaid",
    "android_advertising_id": "gaid",
    "firstname": "first_name",
    "lastname": "last_name",
}
_HASHED = "_sha256"


@dataclass(frozen=True)
class Layout:
    """Where things stand in a file.

    user      column of the user id, None in a suppression list that has none
    columns   field -> column; consent columns are fields too (`consent_ads`, `consent_region`)
    hashed    fields whose column is named `<field>_sha256`: hashed already
    """

    user: int | None
    columns: dict[str, int]
    hashed: frozenset[str]

    def at(self, name: str) -> int | None:
        """Return the column of a field, None for a file that has none: its rows are blank there.

        Only `external_id` may be missing without being blank: then it is the user id.
        """
        return self.columns.get(name, self.user if name == "external_id" else None)


def read_layout(source: Source, header: list[str], *, user_required: bool = True) -> Layout:
    """Return the layout of a header. DataError when two columns mean the same field, or none is a user id."""
    columns: dict[str, int] = {}
    hashed = set()
    for number, title in enumerate(header):
        name = re.sub(r"[^a-z0-9]+", "_", title.strip().lower()).strip("_")
        if name.endswith(_HASHED):
            name = name.removesuffix(_HASHED)
            hashed.add(_ALIASES.get(name, name))
        name = _ALIASES.get(name, name)
        if name in columns:
            raise DataError(
                f"{source.name} has two columns for {name}: {header[columns[name]]!r} and {title!r}.",
                "It would be a guess which one to send.",
                "Rename or remove one of them.",
            )
        columns[name] = number
    user = find_user_column(source, header) if user_required else user_column(header)
    return Layout(user, columns, frozenset(hashed))
