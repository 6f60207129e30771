"""Tells before a row is read whether the files have the columns that answer an activation's purposes.

A purpose nobody was asked about looks like a purpose nobody refused: a typing error in a column's name would send
everybody who said no.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from audiences.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Collection

    from audiences.preparation.consent import ConsentRule
    from audiences.preparation.customers import Customers

_REGION = "consent_region"
_MARKS = ("consent", "optin", "optout", "einwilligung", "consentement")
_NAME = re.compile(
    r"[a-z_]{1,40}"
).fullmatch  # a header cell that may be told: letters only, so nobody's number
_ALIKE = 0.75  # of difflib: one or two letters of a name differ


def check_consent_columns(rule: ConsentRule, customers: Customers) -> list[str]:
    """Return warnings about consent that no file, or not every file, answers.

    SetupError for a purpose that was asked for, or is answered under another name, and has no column at all.
    """
    columns = customers.layout.columns
    wanted = [f"consent_{purpose}" for purpose in rule.purposes]
    missing = [name for name in wanted if name not in columns]
    near = find_near(missing, columns)
    if missing and (rule.asked or near or len(missing) < len(wanted)):
        names = " and ".join(missing)
        hint = f" There is {', '.join(near)}: is that the column?" if near else ""
        raise SetupError(
            f"No identities file has the column {names}, which the consent of this audience is read from.{hint}",
            "Without it a person who refused looks like one who was not asked.",
            f"Name the column {missing[0]}, or correct `consent.purposes` in the activation (--consent).",
        )
    told = []
    if missing:
        told.append(
            f"No identities file has the column {missing[0]}, so nobody's consent is known: a no is not seen, and"
            " who must be asked is not sent."
        )
    for file, gap in customers.gaps.items():
        if lacking := [name for name in wanted if name in gap]:
            told.append(
                f"{file} has no column {', '.join(lacking)}: the people of its rows count as not asked."
            )
    return told


def find_near(missing: Collection[str], columns: Collection[str]) -> list[str]:
    """Return columns that are likely meant by the missing names, or that tell of consent in other words."""
    spare = [name for name in columns if name != _REGION and name not in missing and _NAME(name)]
    found = {name for name in spare if any(mark in name.replace("_", "") for mark in _MARKS)}
    for name in missing:
        found.update(get_close_matches(name, spare, cutoff=_ALIKE))
    return sorted(found) if missing else []
