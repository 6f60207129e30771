"""Puts Customer Profiles' operations together and says which resources IAM is asked about."""

from __future__ import annotations

from typing import Any

from local.customer_profiles.objects import Objects
from local.customer_profiles.profiles import Profiles
from local.customer_profiles.snapshots import Snapshots
from local.customer_profiles.uploads import Uploads

# Operations that need an object type or a segment definition as well as the domain. Upload jobs,
# estimates, snapshots and profiles have no ARN of their own: IAM sees their domain.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_customer-profiles.html
_WITH_PART = {
    "PutProfileObjectType": "/object-types/{ObjectTypeName}",
    "GetProfileObjectType": "/object-types/{ObjectTypeName}",
    "DeleteProfileObjectType": "/object-types/{ObjectTypeName}",
    "PutProfileObject": "/object-types/{ObjectTypeName}",
    "ListProfileObjects": "/object-types/{ObjectTypeName}",
    "DeleteProfileObject": "/object-types/{ObjectTypeName}",
    "CreateSegmentDefinition": "/segment-definitions/{SegmentDefinitionName}",
    "GetSegmentDefinition": "/segment-definitions/{SegmentDefinitionName}",
    "DeleteSegmentDefinition": "/segment-definitions/{SegmentDefinitionName}",
    "CreateSegmentSnapshot": "/segment-definitions/{SegmentDefinitionName}",
    "GetSegmentSnapshot": "/segment-definitions/{SegmentDefinitionName}",
    "GetSegmentMembership": "/segment-definitions/{SegmentDefinitionName}",
}


class CustomerProfiles(Objects, Profiles, Uploads, Snapshots):
    """Amazon Connect Customer Profiles, as far as audiences need it."""

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARNs IAM is asked about for this request; all must be allowed."""
        if "DomainName" not in request:
            return ["*"]  # ListDomains has no resource type
        domain = self.domain_arn(request["DomainName"])
        part = _WITH_PART.get(operation)
        return [domain, domain + part.format_map(request)] if part else [domain]
