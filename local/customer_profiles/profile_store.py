"""Keeps the profiles of one domain and finds them by search key, with the rules all writers share."""

from __future__ import annotations

import copy
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

Profile = dict[str, Any]

_EMAILS = ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress")
_PHONES = ("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber")
# Search keys every domain has; those of connectors this stand-in lacks find nothing.
# https://docs.aws.amazon.com/customerprofiles/latest/APIReference/API_SearchProfiles.html
STANDARD_KEYS = frozenset(
    [
        "_account",
        "_profileId",
        "_assetId",
        "_caseId",
        "_orderId",
        "_fullName",
        "_phone",
        "_email",
        "_ctrContactId",
        "_marketoLeadId",
        "_salesforceAccountId",
        "_salesforceContactId",
        "_salesforceAssetId",
        "_zendeskUserId",
        "_zendeskExternalId",
        "_zendeskTicketId",
        "_serviceNowSystemId",
        "_serviceNowIncidentId",
        "_segmentUserId",
        "_shopifyCustomerId",
        "_shopifyOrderId",
    ]
)


class ProfileStore:
    """The profiles of one domain, in the API's Profile shape, by id."""

    def __init__(self) -> None:
        """Start empty."""
        self.by_id: dict[str, Profile] = {}
        self.expires_at: dict[str, datetime] = {}
        self._keys: dict[str, set[tuple[str, str]]] = {}  # what was added to a profile beside its own values
        self._found: dict[tuple[str, str], dict[str, None]] = {}
        self._next_expiry = datetime.max.replace(tzinfo=UTC)

    def create(self, change: Profile, days: int) -> str:
        """Create a profile that lives for `days` and return its id (32 hex digits)."""
        profile_id = uuid.uuid4().hex
        self.by_id[profile_id] = {"ProfileId": profile_id}
        self._keys[profile_id] = set()
        self.update(profile_id, change, days)
        return profile_id

    def update(self, profile_id: str, change: Profile, days: int = 0) -> None:
        """Merge a change into a profile (an empty text removes the value) and let it live `days` more.

        A profile's expiry is never brought forward.
        """
        self._unindex(profile_id)
        self.by_id[profile_id] = merge(self.by_id[profile_id], change)
        self._index(profile_id)
        until = datetime.now(UTC) + timedelta(days=days)
        if profile_id not in self.expires_at or until > self.expires_at[profile_id]:
            self.expires_at[profile_id] = until
            self._next_expiry = min(self._next_expiry, until)

    def delete(self, profile_id: str) -> bool:
        """Delete a profile; return whether there was one."""
        if profile_id not in self.by_id:
            return False
        self._unindex(profile_id)
        for table in (self.by_id, self.expires_at, self._keys):
            table.pop(profile_id)
        return True

    def add_key(self, profile_id: str, name: str, value: str) -> None:
        """Let a profile be found by a search key that is not one of its own values."""
        self._unindex(profile_id)
        self._keys[profile_id].add((name, value))
        self._index(profile_id)

    def find(self, name: str, value: str) -> list[str]:
        """Return the ids of the profiles with a search key, oldest first."""
        if name == "_profileId":
            return [value] if value in self.by_id else []
        return list(self._found.get((name, comparable(name, value)), {}))

    def key_names(self) -> set[str]:
        """Return the names of the search keys in use."""
        return {name for (name, _), ids in self._found.items() if ids}

    def drop_expired(self, now: datetime) -> None:
        """Delete the profiles whose time is over."""
        if now < self._next_expiry:
            return
        for profile_id in [p for p, until in self.expires_at.items() if until <= now]:
            self.delete(profile_id)
        self._next_expiry = min(self.expires_at.values(), default=datetime.max.replace(tzinfo=UTC))

    def _index(self, profile_id: str) -> None:
        for key in self._all_keys(profile_id):
            self._found.setdefault(key, {})[profile_id] = None

    def _unindex(self, profile_id: str) -> None:
        for key in self._all_keys(profile_id):
            self._found.get(key, {}).pop(profile_id, None)

    def _all_keys(self, profile_id: str) -> set[tuple[str, str]]:
        profile = self.by_id[profile_id]
        keys = {("_email", profile[name]) for name in _EMAILS if name in profile}
        keys |= {("_phone", profile[name]) for name in _PHONES if name in profile}
        if "AccountNumber" in profile:
            keys.add(("_account", profile["AccountNumber"]))
        full_name = " ".join(profile[name] for name in ("FirstName", "LastName") if name in profile)
        if full_name:
            keys.add(("_fullName", full_name))
        return {(name, comparable(name, value)) for name, value in keys | self._keys[profile_id]}


def comparable(key_name: str, value: str) -> str:
    """Return the form in which two values of a search key are the same."""
    if key_name == "_phone":
        return re.sub(r"\D", "", value)
    return value.strip().lower() if key_name in ("_email", "_fullName") else value


def merge(old: Any, change: Any) -> Any:
    """Return a profile (or an address, or attributes) with a change applied; empty texts remove."""
    if not (isinstance(old, dict) and isinstance(change, dict)):
        return copy.deepcopy(change)
    merged = dict(old)
    for key, value in change.items():
        new = merge(merged.get(key, {}), value) if isinstance(value, dict) else copy.deepcopy(value)
        if new in ("", {}):
            merged.pop(key, None)
        else:
            merged[key] = new
    return merged
