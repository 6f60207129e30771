"""Turns endpoints in Pinpoint's format into profiles.

One person with all addresses, instead of one row per address.

Addresses of opted-out endpoints are not carried over, so that nobody who left can be reached through the new
service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audiences.imports.inspection import ENDPOINTS, problem_with

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from audiences.imports.inspection import FileReport
    from audiences.imports.records import Row

EMAIL_COLUMNS = ("email", "email_2")
PHONE_COLUMNS = ("phone", "phone_2", "phone_3")
PHONE_CHANNELS = ("SMS", "VOICE")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?\d[\d ().-]{5,20}")
# Where the standard profile has a place of its own; every other attribute keeps its name under Attributes.
# https://docs.aws.amazon.com/connect/latest/adminguide/standard-profile-definition.html
_STANDARD = {
    "Location.City": "city",
    "Location.Region": "state",
    "Location.PostalCode": "zip",
    "Location.Country": "country",
    "User.UserAttributes.FirstName": "first_name",
    "User.UserAttributes.LastName": "last_name",
}
_NOT_CARRIED = frozenset(
    [
        "Address",
        "ApplicationId",
        "ChannelType",
        "CohortId",
        "CreationDate",
        "EffectiveDate",
        "EndpointStatus",
        "Id",
        "OptOut",
        "RequestId",
        "User.UserId",
        "Location.Latitude",
        "Location.Longitude",
    ]
)
_CUSTOM_PREFIXES = ("User.UserAttributes.", "Attributes.", "Metrics.", "Demographic.")


@dataclass
class Profile:
    """One person being put together from endpoints; addresses keep the order of the file."""

    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def add(self, piece: dict[str, Any]) -> None:
        """Add one endpoint's piece. The later row wins where two say different things about the person."""
        for name, found in (("email", self.emails), ("phone", self.phones)):
            if piece.get(name) and piece[name] not in found:
                found.append(piece[name])
        self.attributes.update(piece["attributes"])

    def as_row(self, user_id: str, counts: Counter[str]) -> dict[str, str]:
        """Return the CSV row by column, counting addresses that have no place in a profile."""
        row = {"user_id": user_id, **self.attributes}
        for columns, found in ((EMAIL_COLUMNS, self.emails), (PHONE_COLUMNS, self.phones)):
            row.update(zip(columns, found, strict=False))
            counts["addresses_without_place"] += max(len(found) - len(columns), 0)
        return row


def read_pieces(
    rows: Iterable[Row], report: FileReport, counts: Counter[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (user id, piece of a profile) for each usable row; reject the others by line number in `report`.

    `counts` gets `opted_out` and `no_address` (push tokens and inactive endpoints have no place in a
    profile).
    """
    for row in rows:
        report.rows += 1
        problem = row.problem or problem_with(row.values, ENDPOINTS) or _problem(row.values)
        if problem:
            report.reject(row.line, problem)
            continue
        yield row.values["User.UserId"], _piece(row.values, counts)


def _problem(values: dict[str, str]) -> str:
    channel, address = values.get("ChannelType", "").upper(), values.get("Address", "")
    if not values.get("User.UserId"):
        return "it has no User.UserId, so it cannot be matched to a person"
    if len(values["User.UserId"]) > 255:
        return "its User.UserId is longer than 255 characters"
    if channel == "EMAIL" and address and not _EMAIL.fullmatch(address):
        return "its Address is no e-mail address"
    if channel in PHONE_CHANNELS and address and not _PHONE.fullmatch(address):
        return "its Address is no phone number"
    return ""


def _piece(values: dict[str, str], counts: Counter[str]) -> dict[str, Any]:
    channel, address = values.get("ChannelType", "").upper(), values.get("Address", "")
    kind = "email" if channel == "EMAIL" else "phone" if channel in PHONE_CHANNELS else ""
    piece: dict[str, Any] = {"attributes": {}}
    if values.get("OptOut", "").upper() == "ALL":
        counts["opted_out"] += 1
    elif kind and address and values.get("EndpointStatus", "ACTIVE").upper() in ("", "ACTIVE"):
        piece[kind] = address
    else:
        counts["no_address"] += 1
    for name, value in values.items():
        if value and name not in _NOT_CARRIED:
            piece["attributes"][column_of(name)] = value[:255]
    return piece


def column_of(name: str) -> str:
    """Return the upload column for a Pinpoint attribute.

    A standard one, or the attribute's own name made safe.
    """
    if name in _STANDARD:
        return _STANDARD[name]
    for prefix in _CUSTOM_PREFIXES:
        name = name.removeprefix(prefix)
    safe = re.sub(r"[^A-Za-z0-9_]", "_", name)[:50]
    return f"attribute_{safe}"


def merge(pieces: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Profile]:
    """Put the pieces of each user together.

    Memory holds all profiles given, so give one spilled file at a time.
    """
    profiles: dict[str, Profile] = {}
    for user_id, piece in pieces:
        profiles.setdefault(user_id, Profile()).add(piece)
    return profiles
