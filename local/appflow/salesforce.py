"""The Salesforce org that flows write to: typed fields, upserts by external id, refusals per record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class NoSuchObjectError(Exception):
    """The org has no such object or field; the text is what the flow run shows."""


@dataclass(frozen=True)
class Field:
    """A field: `kind` is text or email, `most` the number of characters it takes."""

    kind: str = "text"
    most: int = 255
    required: bool = False
    external_id: bool = False


@dataclass
class SObject:
    """One object of the org, with its records by external id."""

    fields: dict[str, Field]
    records: dict[str, dict[str, str]] = field(default_factory=dict)


def _members() -> SObject:
    """Return the custom object that docs/how-to/deliver-to-salesforce.md has an administrator make."""
    return SObject(
        {
            "Membership_Key__c": Field(most=64, required=True, external_id=True),
            "Audience__c": Field(required=True),
            "Status__c": Field(most=40, required=True),
            "External_Id__c": Field(),
            "Email__c": Field("email", most=80),
            "Phone__c": Field(most=40),
            "First_Name__c": Field(most=40),
            "Last_Name__c": Field(most=80),
            "City__c": Field(most=40),
            "State__c": Field(most=80),
            "Zip__c": Field(most=20),
            "Country__c": Field(most=80),
        }
    )


class Org:
    """One Salesforce org, reached through a connection."""

    def __init__(self) -> None:
        """Start with the object audiences are written to, and no records."""
        self.objects = {"Audience_Member__c": _members()}

    def check(self, name: str, key: str, columns: list[str]) -> None:
        """Refuse a write that names an object, a key or a field the org does not have."""
        found = self.objects.get(name)
        if found is None:
            raise NoSuchObjectError(f"NOT_FOUND: The requested resource {name} does not exist.")
        unknown = [column for column in columns if column not in found.fields]
        if unknown:
            raise NoSuchObjectError(f"INVALID_FIELD: No such column '{unknown[0]}' on entity '{name}'.")
        if key not in found.fields or not found.fields[key].external_id:
            raise NoSuchObjectError(f"INVALID_FIELD: '{key}' is no external id of '{name}'.")

    def upsert(self, name: str, key: str, values: dict[str, str]) -> str:
        """Write one record and return what is wrong with it, or "". Empty values are left alone."""
        target = self.objects[name]
        given = {column: value for column, value in values.items() if value}
        known = target.records.get(given.get(key, ""), {})
        for column, rule in target.fields.items():
            value = given.get(column, "")
            if rule.required and not value and column not in known:
                return f"REQUIRED_FIELD_MISSING:{column}"
            if len(value) > rule.most:
                return f"STRING_TOO_LONG:{column}"
            if rule.kind == "email" and value and not _EMAIL.fullmatch(value):
                return f"INVALID_EMAIL_ADDRESS:{column}"
        target.records[given[key]] = {**known, **given}
        return ""
