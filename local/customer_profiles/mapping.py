"""Maps the fields of an object or a CSV row to a profile, for object types and upload jobs alike.

Field rules: ObjectTypeField, https://docs.aws.amazon.com/customerprofiles/latest/APIReference/API_ObjectTypeField.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.customer_profiles.profile_store import Profile

_TEXTS = {
    "AccountNumber",
    "AdditionalInformation",
    "PartyType",
    "BusinessName",
    "FirstName",
    "MiddleName",
    "LastName",
    "BirthDate",
    "Gender",
    "PhoneNumber",
    "MobilePhoneNumber",
    "HomePhoneNumber",
    "BusinessPhoneNumber",
    "EmailAddress",
    "PersonalEmailAddress",
    "BusinessEmailAddress",
    "PartyTypeString",
    "GenderString",
    "ProfileType",
}
_ADDRESSES = {"Address", "ShippingAddress", "MailingAddress", "BillingAddress"}
_ADDRESS_PARTS = {
    "Address1",
    "Address2",
    "Address3",
    "Address4",
    "City",
    "County",
    "State",
    "Province",
    "Country",
    "PostalCode",
}
_CHOICES = {
    "PartyType": {"INDIVIDUAL", "BUSINESS", "OTHER"},
    "Gender": {"MALE", "FEMALE", "UNSPECIFIED"},
    "ProfileType": {"ACCOUNT_PROFILE", "PROFILE"},
}
_PATTERNS = {
    "EMAIL_ADDRESS": re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"),
    "PHONE_NUMBER": re.compile(r"(?=(?:\D*\d){7,15}\D*$)\+?[\d\s().-]+"),  # E.164 has at most 15 digits
    "NUMBER": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
}
MAX_VALUE = 255  # string1To255 of the model; AdditionalInformation has 1,000


class BadValueError(Exception):
    """A value cannot go where its field points. The text names the field, never the value."""


def target_path(target: str) -> tuple[str, ...]:
    """Return where on the profile a Target points, e.g. ("Attributes", "x"); () for other objects.

    Raises ValueError when a profile has no such place.
    """
    if not target.startswith("_profile."):
        return ()
    first, _, rest = target.removeprefix("_profile.").partition(".")
    known = (
        (first in _TEXTS and not rest)
        or (first in _ADDRESSES and rest in _ADDRESS_PARTS)
        or (first == "Attributes" and rest)
    )
    if not known:
        raise ValueError(f"{target} is not a field of a profile")
    return (first, rest) if rest else (first,)


def check_targets(fields: dict[str, Any]) -> str:
    """Return what is wrong with a field map, or an empty text."""
    for name, field in fields.items():
        try:
            target_path(field.get("Target", ""))
        except ValueError as error:
            return f"Field {name}: {error}."
    return ""


def change_from(values: dict[str, str], fields: dict[str, Any]) -> Profile:
    """Return the change to a profile that `values` (by field name) make. Raises BadValueError."""
    change: Profile = {}
    for name, value in values.items():
        field = fields[name]
        _check_value(name, value, field.get("ContentType", "STRING"), field.get("Target", ""))
        path = target_path(field.get("Target", ""))
        if not path:
            continue
        place = change
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
    return change


def value_at(profile: Profile, path: tuple[str, ...]) -> str | None:
    """Return the text at a path of a profile, or None."""
    place: Any = profile
    for part in path:
        place = place.get(part) if isinstance(place, dict) else None
    return place if isinstance(place, str) else None


def _check_value(name: str, value: str, content_type: str, target: str) -> None:
    limit = 1000 if target == "_profile.AdditionalInformation" else MAX_VALUE
    if len(value) > limit:
        raise BadValueError(f"{name} has more than {limit} characters")
    pattern = _PATTERNS.get(content_type)
    if pattern and not pattern.fullmatch(value):
        raise BadValueError(f"{name} is not of type {content_type}")
    choices = _CHOICES.get(target.removeprefix("_profile."))
    if choices and value not in choices:
        raise BadValueError(f"{name} is none of {', '.join(sorted(choices))}")
