"""What Customer Profiles' operations share: its domains, their look-up, pages and clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.customer_profiles.profile_store import ProfileStore
from local.modelled import ModelledService, ServiceError


@dataclass
class Upload:
    """One upload job: the API's GetUploadJobResponse, its key and the file put so far."""

    answer: dict[str, Any]
    client_token: str  # base64 of a 256-bit key
    body: bytes | None = None


@dataclass
class ProfileObject:
    """One object put into a domain, and the profile it belongs to ("" when none)."""

    text: str  # JSON
    profile_id: str
    keys: dict[str, str]


@dataclass
class Domain:
    """One domain with all it holds. Answers are in the API's shapes."""

    answer: dict[str, Any]
    profiles: ProfileStore = field(default_factory=ProfileStore)
    object_types: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, dict[str, ProfileObject]] = field(default_factory=dict)  # type -> unique key
    uploads: dict[str, Upload] = field(default_factory=dict)
    segments: dict[str, dict[str, Any]] = field(default_factory=dict)
    estimates: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)


class ProfilesState(ModelledService):
    """The state of the stand-in. One account and Region, as the embedded AWS has."""

    service = "customer-profiles"
    passed_to = "profile.amazonaws.com"
    validation_error = "BadRequestException"

    def reset(self) -> None:
        """Forget every domain."""
        self.domains: dict[str, Domain] = {}
        self.url_secret = secrets.token_bytes(32)

    def domain(self, request: dict[str, Any]) -> Domain:
        """Return the domain a request names, without expired profiles. Raises ResourceNotFoundException."""
        domain = self.domains.get(request["DomainName"])
        if domain is None:
            raise not_found("Domain", request["DomainName"])
        domain.profiles.drop_expired(now())
        return domain

    def domain_arn(self, name: str, rest: str = "") -> str:
        """Return the ARN of a domain or of something in it."""
        return self.cloud.arn("profile", f"domains/{name}{rest}")


def not_found(what: str, name: str) -> ServiceError:
    """Return the service's 404."""
    return ServiceError("ResourceNotFoundException", f"{what} {name} does not exist.", 404)


def bad_request(text: str) -> ServiceError:
    """Return the service's 400."""
    return ServiceError("BadRequestException", text)


def not_implemented(what: str) -> ServiceError:
    """Return this stand-in's own answer for what it does not do."""
    return ServiceError("NotImplementedException", f"not implemented here: customer-profiles {what}", 501)


def page(items: list[Any], request: dict[str, Any], default: int = 100) -> dict[str, Any]:
    """Return `{Items, NextToken?}` for one page of `MaxResults` items."""
    token = request.get("NextToken", "0")
    if not token.isdigit():
        raise bad_request("The NextToken is not valid.")
    start, size = int(token), request.get("MaxResults", default)
    answer: dict[str, Any] = {"Items": items[start : start + size]}
    if start + size < len(items):
        answer["NextToken"] = str(start + size)
    return answer


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def given(request: dict[str, Any], *without: str) -> dict[str, Any]:
    """Return a request's members but those named."""
    return {name: value for name, value in request.items() if name not in without}
