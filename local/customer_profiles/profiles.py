"""Profiles themselves: created, updated, found and read one by one."""

from __future__ import annotations

from typing import Any

from local.customer_profiles.profile_store import STANDARD_KEYS
from local.customer_profiles.state import Domain, ProfilesState, bad_request, given, not_found, page


class Profiles(ProfilesState):
    """CreateProfile, UpdateProfile, DeleteProfile, BatchGetProfile, SearchProfiles, AddProfileKey."""

    def create_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a profile that lives as long as the domain says."""
        domain = self.domain(request)
        days = domain.answer["DefaultExpirationDays"]
        return {"ProfileId": domain.profiles.create(given(request, "DomainName"), days)}

    def update_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Change what the request names; an empty text removes a value."""
        domain = self.domain(request)
        self._existing(domain, request["ProfileId"])
        change = given(request, "DomainName", "ProfileId")
        domain.profiles.update(request["ProfileId"], change, domain.answer["DefaultExpirationDays"])
        return {"ProfileId": request["ProfileId"]}

    def delete_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a profile and its objects."""
        domain = self.domain(request)
        self._existing(domain, request["ProfileId"])
        domain.profiles.delete(request["ProfileId"])
        for name, table in domain.objects.items():
            domain.objects[name] = {k: o for k, o in table.items() if o.profile_id != request["ProfileId"]}
        return {"Message": "The profile was deleted."}

    def batch_get_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return up to 20 profiles, and an error for each that is not there."""
        stored = self.domain(request).profiles.by_id
        wanted = request["ProfileIds"]
        return {
            "Profiles": [stored[p] for p in wanted if p in stored],
            "Errors": [
                {"Code": "404", "Message": "The profile does not exist.", "ProfileId": p}
                for p in wanted
                if p not in stored
            ],
        }

    def search_profiles(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the profiles with the search keys given (any of them, or all with AND)."""
        domain = self.domain(request)
        asked = [request, *request.get("AdditionalSearchKeys", [])]
        known = STANDARD_KEYS | domain.profiles.key_names()
        known |= {name for kind in domain.object_types.values() for name in kind.get("Keys", {})}
        found: list[dict[str, list[str]]] = []  # per key: profile id -> the values it was found by
        for key in asked:
            if key["KeyName"] not in known:
                raise bad_request(f"{key['KeyName']} is not a search key of this domain.")
            hits: dict[str, list[str]] = {}
            for value in key["Values"]:
                for profile_id in domain.profiles.find(key["KeyName"], value):
                    hits.setdefault(profile_id, []).append(value)
            found.append(hits)
        ids = list(dict.fromkeys(profile_id for hits in found for profile_id in hits))
        if request.get("LogicalOperator") == "AND":
            ids = [p for p in ids if all(p in hits for hits in found)]
        items = []
        for profile_id in ids:
            by = [
                {"KeyName": key["KeyName"], "Values": hits[profile_id]}
                for key, hits in zip(asked, found, strict=True)
                if profile_id in hits
            ]
            items.append({**domain.profiles.by_id[profile_id], "FoundByItems": by})
        return page(items, request, default=20)

    def add_profile_key(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let a profile be found by another key."""
        domain = self.domain(request)
        self._existing(domain, request["ProfileId"])
        for value in request["Values"]:
            domain.profiles.add_key(request["ProfileId"], request["KeyName"], value)
        return {"KeyName": request["KeyName"], "Values": request["Values"]}

    def _existing(self, domain: Domain, profile_id: str) -> None:
        if profile_id not in domain.profiles.by_id:
            raise not_found("Profile", profile_id)
