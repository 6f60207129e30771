"""Stand-in for Snap segments: one kind of id a call, and no duplicates within one.

https://developers.snap.com/api/marketing-api/Ads-API/customer-lists
"""

from __future__ import annotations

from typing import Any, ClassVar

from local.platforms.base import Audience, Job, check_rows, need, route
from local.platforms.digests import Key, read_hex
from local.platforms.oauth import OAuthStandIn
from local.platforms.wire import Refusal, Request, Response, answer

MAX_ROWS = 100_000  # [K] ids of a request
MINIMUM = 1_000  # matched people
MAX_NAME = 375
FOREVER_DAYS = 9999  # "lifetime"
SCHEMAS = frozenset({"EMAIL_SHA256", "PHONE_SHA256", "MOBILE_AD_ID_SHA256"})
_STATUS = {
    "bad_request": (400, "E1001"),
    "raw_data": (400, "E1001"),
    "too_many_rows": (400, "E1001"),
    "too_large": (413, "E1001"),
    "unauthorized": (401, "E2001"),
    "expired": (401, "E2002"),
    "forbidden": (403, "E3002"),
    "terms": (403, "E3003"),
    "not_found": (404, "E1404"),
    "rate_limited": (429, "E1429"),
    "server_error": (500, "E5000"),
    "sunset": (410, "E1410"),
}  # [K] the codes


class Snap(OAuthStandIn):
    """Segments of the stand-in, and the token endpoint of accounts.snapchat.com."""

    slug = "snap"
    title = "Snap Audience Match"
    access_seconds = 1800
    scenarios: ClassVar[frozenset[str]] = OAuthStandIn.scenarios | {
        "terms_not_accepted",
        "not_ready",
        "async_slow",
    }

    def memory_seconds(self, audience: Audience) -> float:
        """Go by the segment's retention; 9999 days are for good."""
        days = int(audience.info.get("retention", FOREVER_DAYS))
        return days * 86_400.0 if days < FOREVER_DAYS else float("inf")

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"request_status": "ERROR", …}`."""
        status, code = _STATUS[refusal.kind]
        headers = {"Retry_After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
        body = {
            "request_status": "ERROR",
            "request_id": "local",
            "debug_message": refusal.message,
            "error_code": code,
        }
        return answer(
            status, {**body, "display_message": "We're sorry, but the requested change failed."}, **headers
        )

    @route("POST", "/login/oauth2/access_token", is_open=True)
    def token(self, request: Request) -> Response:
        """Stand in for accounts.snapchat.com/login/oauth2/access_token."""
        return self.issue_token(request)

    def _ok(self, name: str, entries: list[dict[str, Any]]) -> Response:
        one = name.removesuffix("s")
        listed = [{"sub_request_status": "success", one: entry} for entry in entries]
        return answer(200, {"request_status": "success", "request_id": "local", name: listed})

    @route("POST", "/v1/adaccounts/{account}/segments")
    def create(self, request: Request, account: str) -> Response:
        """Make segments."""
        rows = check_rows(request.json_object().get("segments"), 100, "segments")
        for row in rows:
            need(row, "name", "source_type", "ad_account_id")
            if (
                row["source_type"] != "FIRST_PARTY"
                or row["ad_account_id"] != account
                or len(row["name"]) > MAX_NAME
            ):
                raise Refusal(
                    "bad_request", "source_type must be FIRST_PARTY, ad_account_id the path's, name short."
                )
            if not 1 <= int(row.get("retention_in_days") or 9999) <= 9999:
                raise Refusal("bad_request", "retention_in_days must be 1 to 9999.")
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the Custom Audience terms first.")
        made = [
            self.add_audience(
                row["name"],
                account,
                description=row.get("description", ""),
                retention=int(row.get("retention_in_days") or 9999),
            )
            for row in rows
        ]
        return self._ok("segments", [self._describe(one) for one in made])

    @route("GET", "/v1/adaccounts/{account}/segments")
    def list_segments(self, _request: Request, account: str) -> Response:
        """List an account's segments."""
        return self._ok(
            "segments", [self._describe(one) for one in self.audiences.values() if one.owner == account]
        )

    @route("GET", "/v1/segments/{segment}")
    def read(self, _request: Request, segment: str) -> Response:
        """Read a segment with its upload and targeting status."""
        return self._ok("segments", [self._describe(self.audience(segment))])

    @route("PUT", "/v1/adaccounts/{account}/segments")
    def update(self, request: Request, account: str) -> Response:
        """Change names, descriptions and retentions."""
        rows = check_rows(request.json_object().get("segments"), 100, "segments")
        changed = [self.audience(row.get("id")) for row in rows]
        for one, row in zip(changed, rows, strict=True):
            if one.owner != account:
                raise Refusal("not_found", "The account has no such segment.")
            one.name = row.get("name", one.name)
            one.info["description"] = row.get("description", one.info["description"])
            one.info["retention"] = row.get("retention_in_days", one.info["retention"])
        return self._ok("segments", [self._describe(one) for one in changed])

    def _describe(self, one: Audience) -> dict[str, Any]:
        job: Job | None = one.info.get("job")
        finished = job is not None and job.is_finished() and not self.trouble("not_ready")
        upload = "NO_UPLOAD" if job is None else "COMPLETE" if finished else "PROCESSING"
        target = "NOT_READY" if not finished else "READY" if one.matched >= MINIMUM else "TOO_FEW_USERS"
        return {
            "id": one.id,
            "name": one.name,
            "ad_account_id": one.owner,
            "description": one.info["description"],
            "status": "ACTIVE",
            "targetable_status": target,
            "upload_status": upload,
            "source_type": "FIRST_PARTY",
            "retention_in_days": one.info["retention"],
            "approximate_number_users": one.matched,
        }

    @route("POST", "/v1/segments/{segment}/users")
    def add_users(self, request: Request, segment: str) -> Response:
        """Add people."""
        one, keys = self.audience(segment), _read_users(request)
        self.send(one, keys)
        return self._uploaded(one, len(keys))

    @route("DELETE", "/v1/segments/{segment}/users")
    def remove_users(self, request: Request, segment: str) -> Response:
        """Remove people."""
        one, keys = self.audience(segment), _read_users(request)
        one.remove(keys)
        return self._uploaded(one, len(keys))

    @route("DELETE", "/v1/segments/{segment}/all_users")  # [K] the path
    def clear(self, _request: Request, segment: str) -> Response:
        """Remove everybody."""
        one = self.audience(segment)
        one.members.clear()
        return self._uploaded(one, 0)

    @route("DELETE", "/v1/segments/{segment}")
    def delete(self, _request: Request, segment: str) -> Response:
        """Delete a segment."""
        del self.audiences[self.audience(segment).id]
        return self._ok("segments", [])

    def _uploaded(self, one: Audience, number: int) -> Response:
        one.info["job"] = self.add_job()
        return self._ok("users", [{"number_uploaded_users": number}])


def _read_users(request: Request) -> list[Key]:
    users = request.json_object().get("users")
    if not isinstance(users, list) or len(users) != 1 or not isinstance(users[0], dict):
        raise Refusal("bad_request", "users must hold one object.")
    schema = users[0].get("schema")
    if not isinstance(schema, list) or len(schema) != 1 or schema[0] not in SCHEMAS:
        raise Refusal("bad_request", f"schema must hold one of {sorted(SCHEMAS)}.")
    rows = check_rows(users[0].get("data"), MAX_ROWS, "data")
    if any(not isinstance(row, list) or len(row) != 1 for row in rows):
        raise Refusal("bad_request", "data must hold rows of one value.")
    digests = read_hex([row[0] for row in rows])
    keys: list[Key] = [key for key in digests if key is not None]
    if len(keys) < len(rows):
        raise Refusal("bad_request", "data holds values that are no SHA-256 hash.")
    if len(set(keys)) < len(keys):
        raise Refusal("bad_request", "data holds duplicates.")
    return keys
