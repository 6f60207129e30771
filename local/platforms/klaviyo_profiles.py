"""The profiles of the Klaviyo stand-in, found again by address, phone or own id: an import is an upsert."""

from __future__ import annotations

from typing import Any

_NAMES = ("email", "phone_number", "external_id")


class Profiles:
    """All profiles of an account."""

    def __init__(self) -> None:
        """Start empty."""
        self.by_id: dict[str, dict[str, Any]] = {}
        self.suppressed: set[str] = set()
        self._ids: dict[tuple[str, str], str] = {}

    def save(self, attributes: dict[str, Any]) -> str:
        """Create or update a profile; return its id."""
        marks = [(name, str(attributes[name])) for name in _NAMES if attributes.get(name)]
        profile_id = next((self._ids[mark] for mark in marks if mark in self._ids), None)
        if profile_id is None:
            profile_id = f"P{len(self.by_id) + 1:07d}"
            self.by_id[profile_id] = {}
        self.by_id[profile_id].update(attributes)
        for mark in marks:
            self._ids[mark] = profile_id
        return profile_id

    def find(self, name: str, value: str) -> str | None:
        """Return the id of the profile with that email, phone_number or external_id."""
        return self._ids.get((name, value))

    def identity(self, profile_id: str) -> str:
        """Return what a profile is best known by."""
        profile = self.by_id[profile_id]
        return next(str(profile[name]) for name in _NAMES if profile.get(name))

    def describe(self, profile_id: str, base: str) -> dict[str, Any]:
        """Return a profile resource."""
        links = {"self": f"{base}/api/profiles/{profile_id}"}
        return {
            "type": "profile",
            "id": profile_id,
            "attributes": self.by_id[profile_id],
            "relationships": {},
            "links": links,
        }
