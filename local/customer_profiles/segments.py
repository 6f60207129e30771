"""Segment definitions, estimates and membership: who is in a segment, computed when asked."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from local.customer_profiles.segment_rules import (
    Groups,
    UnsupportedSegmentError,
    check_groups,
    is_member,
    sorted_members,
    source_names,
)
from local.customer_profiles.state import (
    Domain,
    ProfilesState,
    bad_request,
    given,
    not_found,
    not_implemented,
    now,
    page,
)

if TYPE_CHECKING:
    from local.customer_profiles.profile_store import Profile

ESTIMATE_SECONDS = 5.0  # an estimate is asked for while a person waits; AWS gives no figure


class Segments(ProfilesState):
    """Segment definitions, estimates and GetSegmentMembership."""

    def create_segment_definition(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a segment from SegmentGroups."""
        domain, name = self.domain(request), request["SegmentDefinitionName"]
        if name in domain.segments:
            raise bad_request(f"Segment definition {name} already exists.")
        self._check(domain, request, "SegmentGroups")
        domain.segments[name] = {
            **given(request, "DomainName"),
            "CreatedAt": now(),
            "SegmentDefinitionArn": self.domain_arn(request["DomainName"], f"/segment-definitions/{name}"),
            "SegmentType": "CLASSIC",
        }
        return domain.segments[name]

    def get_segment_definition(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one segment definition."""
        return self.segment(self.domain(request), request["SegmentDefinitionName"])

    def list_segment_definitions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the domain's segment definitions, oldest first."""
        return page(list(self.domain(request).segments.values()), request)

    def delete_segment_definition(self, request: dict[str, Any]) -> dict[str, Any]:
        """Delete a segment no other one builds on."""
        domain, name = self.domain(request), request["SegmentDefinitionName"]
        self.segment(domain, name)
        users = [s for s, d in domain.segments.items() if name in source_names(d["SegmentGroups"])]
        if users:
            raise bad_request(f"Segment definition {name} is a source of {', '.join(users)}.")
        del domain.segments[name]
        return {"Message": f"Segment definition {name} was deleted."}

    def create_segment_estimate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start counting the profiles that rules would take."""
        domain = self.domain(request)
        self._check(domain, request, "SegmentQuery")
        estimate = {"DomainName": request["DomainName"], "EstimateId": uuid.uuid4().hex, "Status": "RUNNING"}
        domain.estimates[estimate["EstimateId"]] = estimate

        def count() -> None:
            self.cloud.wait(ESTIMATE_SECONDS)
            with self.lock:
                estimate["Estimate"] = str(len(self.find_members(domain, request["SegmentQuery"])))
                estimate["Status"] = "SUCCEEDED"

        self.cloud.run(count, name=f"customer-profiles-estimate-{estimate['EstimateId']}")
        return {"DomainName": request["DomainName"], "EstimateId": estimate["EstimateId"], "StatusCode": 200}

    def get_segment_estimate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return an estimate: RUNNING, or SUCCEEDED with the count as a text."""
        estimate = self.domain(request).estimates.get(request["EstimateId"])
        if estimate is None:
            raise not_found("Segment estimate", request["EstimateId"])
        return {**estimate, "StatusCode": 200}

    def get_segment_membership(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say for up to 100 profiles whether they are in a segment now."""
        domain, wanted = self.domain(request), request["ProfileIds"]
        groups = self.segment(domain, request["SegmentDefinitionName"])["SegmentGroups"]
        stored = domain.profiles.by_id
        profiles = []
        for profile_id in (p for p in wanted if p in stored):
            inside = is_member(stored[profile_id], groups, lambda name: self._groups(domain, name))
            found = {"ProfileId": profile_id, "QueryResult": "PRESENT" if inside else "ABSENT"}
            profiles.append({**found, "Profile": stored[profile_id]} if inside else found)
        failures = [
            {"ProfileId": p, "Message": "The profile does not exist.", "Status": 404}
            for p in wanted
            if p not in stored
        ]
        return {
            "SegmentDefinitionName": request["SegmentDefinitionName"],
            "Profiles": profiles,
            "Failures": failures,
            "LastComputedAt": now(),
        }

    def segment(self, domain: Domain, name: str) -> dict[str, Any]:
        """Return a segment definition. Raises ResourceNotFoundException."""
        if name not in domain.segments:
            raise not_found("Segment definition", name)
        return domain.segments[name]

    def find_members(
        self, domain: Domain, groups: Groups, sort: dict[str, Any] | None = None
    ) -> list[Profile]:
        """Return the profiles the rules take now, in the order of a SegmentSort."""
        profiles = domain.profiles.by_id.values()
        taken = [p for p in profiles if is_member(p, groups, lambda name: self._groups(domain, name))]
        return sorted_members(taken, sort)

    def segment_members(self, domain_name: str, name: str) -> list[Profile]:
        """Return the profiles in a segment now. For tests and the demo; not an API."""
        with self.lock:
            domain = self.domain({"DomainName": domain_name})
            definition = self.segment(domain, name)
            return self.find_members(domain, definition["SegmentGroups"], definition.get("SegmentSort"))

    def _groups(self, domain: Domain, name: str) -> Groups:
        groups: Groups = self.segment(domain, name)["SegmentGroups"]
        return groups

    def _check(self, domain: Domain, request: dict[str, Any], member: str) -> None:
        if "SegmentSqlQuery" in request:
            raise not_implemented("SegmentSqlQuery")
        if member not in request:
            raise bad_request(f"Give {member} or SegmentSqlQuery.")
        try:
            problem = check_groups(request[member])
        except UnsupportedSegmentError as error:
            raise not_implemented(str(error)) from error
        missing = [name for name in source_names(request[member]) if name not in domain.segments]
        if problem or missing:
            raise bad_request(problem or f"Source segments do not exist: {', '.join(missing)}.")
