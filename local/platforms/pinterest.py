"""Stand-in for Pinterest customer lists: records are one text with commas, the work is done later.

Shapes: official OpenAPI 5.23.0 (github.com/pinterest/api-description).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from local.platforms.base import Audience, Job, need, route
from local.platforms.digests import Key, read_hex
from local.platforms.oauth import OAuthStandIn
from local.platforms.trouble import ASYNC
from local.platforms.wire import Refusal, Request, Response, answer

LIST_TYPES = frozenset({"EMAIL", "IDFA", "MAID", "LR_ID", "DLX_ID", "HASHED_PINNER_ID"})
MINIMUM = 100  # Pinterest accounts
_DIGESTS = frozenset({32, 40, 64})  # MD5, SHA-1, SHA-256 as hex
_API = "/v5"
_STATUS = {
    "bad_request": (400, 1),
    "raw_data": (400, 1),
    "too_many_rows": (400, 1),
    "too_large": (413, 1),
    "unauthorized": (401, 2),
    "expired": (401, 2),
    "forbidden": (403, 29),
    "terms": (403, 29),
    "not_found": (404, 50),
    "rate_limited": (429, 8),
    "server_error": (500, 12),
    "sunset": (410, 1),
}


class Pinterest(OAuthStandIn):
    """Customer lists and audiences of the stand-in."""

    slug = "pinterest"
    title = "Pinterest customer lists"
    scenarios: ClassVar[frozenset[str]] = OAuthStandIn.scenarios | ASYNC | {"terms_not_accepted"}

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"code", "message"}`; a wait is told in x-ratelimit-reset, seconds."""
        status, code = _STATUS[refusal.kind]
        headers: dict[str, str] = {}
        if "retry_after" in refusal.extra:
            wait = str(refusal.extra["retry_after"])
            headers = {"Retry_After": wait, "x_ratelimit_reset": wait, "x_ratelimit_remaining": "0"}
        return answer(status, {"code": code, "message": refusal.message}, **headers)

    @route("POST", f"{_API}/oauth/token", is_open=True)
    def token(self, request: Request) -> Response:
        """Hand out access tokens; the specification asks for HTTP Basic, and for a scope in the answer."""
        if not any(request.basic_credentials()):
            return answer(401, {"code": 2, "message": "Authentication failed: HTTP Basic is missing."})
        return self.issue_token(request, scope="ads:read,ads:write")

    @route("POST", f"{_API}/ad_accounts/{{account}}/customer_lists")
    def create(self, request: Request, account: str) -> Response:
        """Make a list with its first records."""
        body = request.json_object()
        need(body, "name", "records")
        kind = body.get("list_type") or "EMAIL"
        if kind not in LIST_TYPES:
            raise Refusal("bad_request", f"list_type must be one of {sorted(LIST_TYPES)}.")
        keys = _read_records(body["records"])
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the customer list terms first.")
        made = self.add_audience(
            body["name"], account, kind=kind, batches=0, uploaded=0, removed=0, exceptions={}
        )
        self._change(made, "ADD", keys)
        return answer(200, self._describe(made, count_read=False))

    @route("PATCH", f"{_API}/ad_accounts/{{account}}/customer_lists/{{list_id}}")
    def update(self, request: Request, account: str, list_id: str) -> Response:
        """Add or remove records."""
        one, body = self._own(account, list_id), request.json_object()
        need(body, "operation_type", "records")
        if body["operation_type"] not in {"ADD", "REMOVE"}:
            raise Refusal("bad_request", "operation_type must be ADD or REMOVE.")
        self._change(one, body["operation_type"], _read_records(body["records"]))
        return answer(200, self._describe(one, count_read=False))

    def _change(self, one: Audience, operation: str, keys: list[Key | None]) -> None:
        job = self.add_job()
        one.info["job"] = job
        one.info["batches"] += 1
        good: list[Key] = [key for key in keys if key is not None]
        applied = job.apply(good)
        if wrong := len(keys) - len(good) + (job.refused_rows if job.outcome == "partial" else 0):
            one.info["exceptions"] = {
                "invalid_records": wrong
            }  # [K] the specification leaves the object open
        if operation == "ADD":
            one.info["uploaded"] += len(applied)
            self.send(one, applied)
        else:
            one.info["removed"] += len(applied)
            one.remove(applied)

    @route("GET", f"{_API}/ad_accounts/{{account}}/customer_lists/{{list_id}}")
    def read(self, _request: Request, account: str, list_id: str) -> Response:
        """Read a list with its status."""
        return answer(200, self._describe(self._own(account, list_id), count_read=True))

    @route("GET", f"{_API}/ad_accounts/{{account}}/customer_lists")
    def list_lists(self, request: Request, account: str) -> Response:
        """List an account's customer lists, `page_size` (25) at a time."""
        mine = [one for one in self.audiences.values() if one.owner == account and "rule" not in one.info]
        bookmark = request.query.get("bookmark") or "0"
        if not re.fullmatch(r"[0-9]{1,9}", bookmark):
            raise Refusal("bad_request", "bookmark is none that a page gave.")
        start, size = int(bookmark), int(request.query.get("page_size") or 25)
        shown = [self._describe(one, count_read=False) for one in mine[start : start + size]]
        return answer(
            200, {"items": shown, "bookmark": str(start + size) if start + size < len(mine) else None}
        )

    def _own(self, account: str, list_id: str) -> Audience:
        found = self.audience(list_id)
        if found.owner != account:
            raise Refusal("not_found", "The account has no such customer list.")
        return found

    def _describe(self, one: Audience, *, count_read: bool) -> dict[str, Any]:
        job: Job = one.info["job"]
        finished = count_read and job.is_finished()
        status = "READY" if one.matched >= MINIMUM else "TOO_SMALL"
        if not finished:
            status = "PROCESSING"
        elif job.outcome == "failed":
            status = "UPLOADING"  # [K] the specification has no word for a failed list
        return {
            "type": "customerlist",
            "id": one.id,
            "ad_account_id": one.owner,
            "name": one.name,
            "status": status,
            "num_batches": one.info["batches"],
            "num_uploaded_user_records": one.info["uploaded"],
            "num_removed_user_records": one.info["removed"],
            "created_time": one.created,
            "updated_time": self.clock(),
            "exceptions": one.info["exceptions"],
        }

    @route("POST", f"{_API}/ad_accounts/{{account}}/audiences")
    def create_audience(self, request: Request, account: str) -> Response:
        """Make the audience that can be targeted from a customer list."""
        body = request.json_object()
        need(body, "name", "rule", "audience_type")
        if body["audience_type"] != "CUSTOMER_LIST":
            raise Refusal("bad_request", "This stand-in makes audiences of customer lists only.")
        source = self._own(account, str(body["rule"].get("customer_list_id")))
        made = self.add_audience(body["name"], account, rule=body["rule"])
        return answer(
            200,
            {
                "id": made.id,
                "ad_account_id": account,
                "name": made.name,
                "audience_type": "CUSTOMER_LIST",
                "rule": body["rule"],
                "status": "INITIALIZING",
                "size": source.matched,
                "type": "audience",
            },
        )


def _read_records(records: Any) -> list[Key | None]:
    """Return a key per record, None where it is none; plain addresses, which Pinterest takes, are refused."""
    if not isinstance(records, str):
        raise Refusal("bad_request", "records must be one text, separated by commas.")
    return [*read_hex([record.strip() for record in records.split(",")], sizes=_DIGESTS)]
