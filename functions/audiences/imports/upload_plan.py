"""Describes an upload to Customer Profiles.

Columns, where they go, and the one lasting segment on an attribute.

A segment definition cannot be updated (the API has create, get and delete only), and campaigns point at its
ARN. So the definition never changes: it selects profiles whose attribute `aff_<segment>` says `member`. A
refresh uploads the members as `member` and those who were members before and are not now as `left`. Deleting
and creating the definition again instead would break campaigns and leave minutes without a segment.
https://docs.aws.amazon.com/customerprofiles/latest/APIReference/API_CreateSegmentDefinition.html
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNIQUE_KEY = "user_id"
MEMBER, LEFT = "member", "left"
# An upload must stay below 1 GB:
# https://docs.aws.amazon.com/connect/latest/adminguide/customer-segments-imported-files.html
MAX_PART_BYTES = 900_000_000
MAX_SEGMENT_NAME = 55
_TARGETS = {
    "user_id": ("AccountNumber", "STRING"),
    "email": ("EmailAddress", "EMAIL_ADDRESS"),
    "email_2": ("PersonalEmailAddress", "EMAIL_ADDRESS"),
    "phone": ("PhoneNumber", "PHONE_NUMBER"),
    "phone_2": ("MobilePhoneNumber", "PHONE_NUMBER"),
    "phone_3": ("HomePhoneNumber", "PHONE_NUMBER"),
    "first_name": ("FirstName", "NAME"),
    "last_name": ("LastName", "NAME"),
    "city": ("Address.City", "STRING"),
    "state": ("Address.State", "STRING"),
    "zip": ("Address.PostalCode", "STRING"),
    "country": ("Address.Country", "STRING"),
}


def fields_of(columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return CreateUploadJob's `Fields` for CSV columns.

    Each column's source, its place in the profile, its type.
    """
    fields = {}
    for column in columns:
        target, content = _TARGETS.get(column, (f"Attributes.{column.removeprefix('attribute_')}", "STRING"))
        fields[column] = {
            "Source": f"_source.{column}",
            "Target": f"_profile.{target}",
            "ContentType": content,
        }
    return fields


def ordered(columns: Iterable[str]) -> list[str]:
    """Return columns in a fixed order: the standard ones as listed here, then the others by name."""
    standard = list(_TARGETS)
    return sorted(
        columns, key=lambda name: (standard.index(name) if name in standard else len(standard), name)
    )


def segment_name(file_name: str, stable: str | None) -> str:
    """Return the lasting name of a segment.

    From the file's metadata, or its file name without date and ending.

    Matches `[A-Za-z0-9_-]{1,55}`, which Customer Profiles asks for; a name that had to be changed gets a
    short hash.
    """
    name = stable or re.sub(r"(_\d{8}-\d{6})?\.[A-Za-z]+$", "", file_name)
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
    if safe == name and len(safe) <= MAX_SEGMENT_NAME:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{safe[: MAX_SEGMENT_NAME - 9] or 'segment'}-{digest}"


def attribute_of(segment: str) -> str:
    """Return the profile attribute that carries membership of a segment."""
    return "aff_" + segment.replace("-", "_")


def segment_groups(segment: str) -> dict[str, Any]:
    """Return the condition `aff_<segment> = member` in the API's form.

    For the definition and for the estimate.
    """
    condition = {attribute_of(segment): {"DimensionType": "INCLUSIVE", "Values": [MEMBER]}}
    group = {"Dimensions": [{"ProfileAttributes": {"Attributes": condition}}], "Type": "ALL"}
    return {"Groups": [group], "Include": "ALL"}


def membership_rows(before: Iterable[str], now: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (user id, `member` or `left`), each user once.

    Memory holds both lists, so give one spilled file each.
    """
    members = dict.fromkeys(now)
    for user in members:
        yield user, MEMBER
    for user in dict.fromkeys(before):
        if user not in members:
            yield user, LEFT
