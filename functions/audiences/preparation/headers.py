"""Reads the first line of a file as names, and says by number, never by content, what is wrong with it.

A file without a header has a person where names should be.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audiences.preparation.sources import Source

# In the order in which one of them is taken. Beyond the first line: what shops and CRMs call a customer's number.
_USER_NAMES = (
    ("useruserid", "userid", "user"),
    (
        "customerid", "customernumber", "customerno", "memberid", "membernumber",
        "kundenid", "kundennummer", "kundennr", "kundenr", "benutzerid", "nutzerid", "mitgliedsnummer",
        "idclient", "numeroclient", "numclient", "idutilisateur", "codeclient",
        "idcliente", "clienteid", "numerocliente", "numerodecliente", "codigocliente", "idusuario", "usuarioid",
        "idutente", "utenteid", "codicecliente",
        "klantid", "klantnummer", "klantnr", "gebruikersid",
        "idklienta", "numerklienta", "kundid", "kundnummer", "asiakasnumero",
    ),
)  # fmt: skip


def check_names(source: Source, header: Sequence[str]) -> list[str]:
    """Return the header without blanks around its names. DataError when a name is missing or there twice."""
    names = [name.strip() for name in header]
    first: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if not name:
            raise DataError(
                f"Column {number} of {source.name} has no name.", "", "Name it in the first line."
            )
        if name in first:
            raise DataError(
                f"Columns {first[name]} and {number} of {source.name} have the same name.",
                "It would be a guess which one is meant.",
                "Rename or remove one of them.",
            )
        first[name] = number
    return names


def user_column(header: Sequence[str]) -> int | None:
    """Return the column of user ids, None where no name says so: `User.UserId`, `user_id`, `Kundennummer`.

    `Id` is a name of it where it is the only column.
    """
    plain = [re.sub(r"[\W_]", "", fold(name)) for name in header]
    for wanted in _USER_NAMES[0]:
        if plain.count(wanted) == 1:
            return plain.index(wanted)
    others = [number for number, name in enumerate(plain) if name in _USER_NAMES[1]]
    if len(others) == 1:
        return others[0]
    return 0 if plain == ["id"] else None


def find_user_column(source: Source, header: Sequence[str]) -> int:
    """Return the column of user ids. DataError where there is none: the only column may begin with a person."""
    found = user_column(header)
    if found is not None:
        return found
    count = len(header)
    raise DataError(
        f"{source.name} has no column of user ids.",
        "Its only column is not named so: the first line may be a person, or columns are not separated by , ; | or tab."
        if count == 1
        else f"None of the {count} names in its first line is one of user ids.",
        "Name the column of the ids user_id. If the file begins without a line of names, write one above:"
        f" sed -i '1i user_id{'' if count == 1 else ',…'}' {source.name}",
    )


def fold(name: str) -> str:
    """Return a name in small letters without accents: `Prénom` is `prenom`, `Straße` `strasse`."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", name.strip().casefold())
        if not unicodedata.combining(character)
    )
