"""Stand-in for LinkedIn DMP segments: versions that end, segments 404 for a while, row-level statuses.

https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segment-users
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from local.platforms.base import Audience, check_rows, need, route
from local.platforms.digests import Key, read_hex
from local.platforms.oauth import OAuthStandIn
from local.platforms.wire import Refusal, Request, Response, answer

FIRST_VERSION = "202511"  # 202510 ended on 2026-10-15
LAST_VERSION = "202611"
MAX_ELEMENTS = 5_000
MINIMUM = 300
_SIZES = {"SHA256_EMAIL": 64, "SHA512_EMAIL": 128}
_TYPES = frozenset({"USER", "COMPANY", "USER_LIST_UPLOAD", "COMPANY_LIST_UPLOAD"})
_STATUS = {
    "bad_request": (400, "ILLEGAL_ARGUMENT"),
    "raw_data": (400, "ILLEGAL_ARGUMENT"),
    "too_many_rows": (400, "TOO_MANY_ELEMENTS"),
    "too_large": (413, "TOO_LARGE"),
    "unauthorized": (401, "EMPTY_ACCESS_TOKEN"),
    "expired": (401, "EXPIRED_ACCESS_TOKEN"),
    "forbidden": (403, "ACCESS_DENIED"),
    "not_found": (404, "RESOURCE_NOT_FOUND"),
    "conflict": (409, "CONFLICT"),
    "rate_limited": (429, "TOO_MANY_REQUESTS"),
    "server_error": (500, "INTERNAL_SERVER_ERROR"),
    "sunset": (426, "NONEXISTENT_VERSION"),
}


class LinkedIn(OAuthStandIn):
    """DMP segments of the stand-in. It never tells how long to wait."""

    slug = "linkedin"
    title = "LinkedIn matched audiences"
    access_seconds = 60 * 86_400
    scenarios: ClassVar[frozenset[str]] = (OAuthStandIn.scenarios - {"rate_limited"}) | {
        "not_ready",
        "row_rejects",
    }

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"status", "code", "message"}`."""
        status, code = _STATUS[refusal.kind]
        return answer(status, {"status": status, "code": code, "message": refusal.message})

    def authorize(self, request: Request) -> None:
        """Ask for token, version and Rest.li protocol."""
        self.check_bearer(request)
        version = request.headers.get("linkedin-version", "")
        if not re.fullmatch(r"\d{6}", version):
            raise Refusal("bad_request", "LinkedIn-Version: YYYYMM is missing.")
        if not FIRST_VERSION <= version <= LAST_VERSION:
            raise Refusal("sunset", f"Requested version {version} is not active.")
        # PyPI linkedin-api-client 0.3.0 spells the header with "_"
        protocol = request.headers.get("x-restli-protocol-version") or request.headers.get(
            "x-restli-protocol_version"
        )
        if protocol != "2.0.0":
            raise Refusal("bad_request", "X-Restli-Protocol-Version must be 2.0.0.")

    @route("POST", "/oauth/v2/accessToken", is_open=True)
    def token(self, request: Request) -> Response:
        """Stand in for www.linkedin.com/oauth/v2/accessToken."""
        return self.issue_token(request)

    @route("POST", "/rest/dmpSegments")
    def create(self, request: Request) -> Response:
        """Make a segment; its id comes in a header."""
        body = request.json_object()
        need(body, "name", "account", "type", "sourcePlatform", "destinations")
        if body["type"] not in _TYPES or not re.fullmatch(r"urn:li:sponsoredAccount:\d+", body["account"]):
            raise Refusal("bad_request", "type or account is wrong.")
        if {"destination": "LINKEDIN"} not in body["destinations"]:
            raise Refusal("bad_request", "destinations must name LINKEDIN.")
        source = body.get("sourceSegmentId")
        if source and any(
            one.owner == body["account"] and one.info["source"] == source for one in self.audiences.values()
        ):
            raise Refusal("conflict", "The account has a segment with this sourceSegmentId.")
        made = self.add_audience(
            body["name"], body["account"], source=source, kind=body["type"], platform=body["sourcePlatform"]
        )
        headers = {"x_restli_id": made.id, "x_linkedin_id": made.id, "Location": f"/dmpSegments/{made.id}"}
        return answer(201, None, **headers)

    @route("GET", "/rest/dmpSegments")
    def find(self, request: Request) -> Response:
        """Find an account's segments, by source segment or all."""
        if request.query.get("q") != "account" or "account" not in request.query:
            raise Refusal("bad_request", "q=account and account are required.")
        mine = [one for one in self.audiences.values() if one.owner == request.query["account"]]
        if source := request.query.get("sourceSegmentId"):
            mine = [one for one in mine if one.info["source"] == source]
        start, count = int(request.query.get("start") or 0), int(request.query.get("count") or 10)
        shown = [_describe(one) for one in mine[start : start + count]]
        return answer(
            200,
            {"elements": shown, "paging": {"start": start, "count": count, "total": len(mine), "links": []}},
        )

    @route("GET", "/rest/dmpSegments/{segment}")
    def read(self, _request: Request, segment: str) -> Response:
        """Read a segment."""
        return answer(200, _describe(self._ready(segment)))

    def _ready(self, segment: str) -> Audience:
        found = self.audience(segment)
        if self.trouble("not_ready"):
            raise Refusal("not_found", f"There is no audience {segment}.")
        return found

    @route("DELETE", "/rest/dmpSegments/{segment}")
    def delete(self, _request: Request, segment: str) -> Response:
        """Delete a segment."""
        del self.audiences[self._ready(segment).id]
        return answer(204)

    @route("POST", "/rest/dmpSegments/{segment}/users")
    def change_users(self, request: Request, segment: str) -> Response:
        """Add and remove people in one batch; each element has its own status."""
        if request.headers.get("x-restli-method", "").upper() != "BATCH_CREATE":
            raise Refusal("bad_request", "X-RestLi-Method must be BATCH_CREATE.")
        one = self._ready(segment)
        elements = check_rows(request.json_object().get("elements"), MAX_ELEMENTS, "elements")
        rejected = self.trouble("row_rejects")
        rows = _read_elements(elements)
        statuses: list[dict[str, Any]] = []
        for at, (element, keys) in enumerate(zip(elements, rows, strict=True)):
            if not keys or (rejected and at < rejected.rows):
                error = {"status": 400, "code": "INVALID_USER", "message": "The element holds no usable id."}
                statuses.append({"status": 400, "error": error})
                continue
            if element["action"] == "ADD":
                self.send(one, keys)
            else:
                one.remove(keys)
            statuses.append({"status": 201})
        return answer(200, {"elements": statuses})


def _read_elements(elements: list[Any]) -> list[list[Key]]:
    """Return each element's keys, none when an id is wrong; Refusal when the batch's form is wrong."""
    rows: list[list[Key]] = [[] for _ in elements]
    hashed: dict[int, list[tuple[int, str]]] = {}
    for at, element in enumerate(elements):
        if (
            not isinstance(element, dict)
            or element.get("action") not in {"ADD", "REMOVE"}
            or not element.get("userIds")
        ):
            raise Refusal("bad_request", f"elements[{at}] needs action ADD or REMOVE and userIds.")
        for identifier in element["userIds"]:
            kind, value = identifier.get("idType"), str(identifier.get("idValue", ""))
            if kind in _SIZES:
                hashed.setdefault(_SIZES[kind], []).append((at, value))
            elif kind == "GOOGLE_AID" and "@" not in value:
                rows[at].append(value.lower())
            else:
                raise Refusal("bad_request", f"elements[{at}] has an unknown idType, or a plain address.")
    for size, found in hashed.items():
        for (at, _), key in zip(
            found, read_hex([value for _, value in found], sizes=frozenset({size})), strict=True
        ):
            rows[at] += [key] if key is not None else []
    return rows


def _describe(one: Audience) -> dict[str, Any]:
    # [K] BUILDING -> READY takes up to 48 hours there, no time here; matchedCount is a rolling figure
    status = "READY" if one.matched >= MINIMUM else "BUILDING"
    return {
        "id": int(one.id),
        "name": one.name,
        "account": one.owner,
        "type": one.info["kind"],
        "sourcePlatform": one.info["platform"],
        "sourceSegmentId": one.info["source"],
        "destinations": [
            {
                "destination": "LINKEDIN",
                "status": status,
                "matchedCount": one.matched,
                "destinationSegmentId": f"urn:li:adSegment:{one.id}",
            }
        ],
    }
