"""Stand-in for Meta Custom Audiences: sessions of batches, and `usersreplace` that swaps a list at once.

Shapes and codes: https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences and
PyPI facebook-business 26.0.3. A token may come as Bearer header, form field or query parameter.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from typing import Any, ClassVar

from local.platforms import meta_rows
from local.platforms.base import Audience, StandIn, need, route
from local.platforms.digests import Key
from local.platforms.trouble import COMMON
from local.platforms.wire import Refusal, Request, Response, answer

ACCESS_TOKEN = "local-meta-access"  # noqa: S105  # opens nothing but this stand-in
APP_SECRET = "local-meta-app-secret"  # noqa: S105  # the same
VERSIONS = ("v24.0", "v25.0", "v26.0")
MAX_ROWS = 10_000
REPLACE_SECONDS = 90 * 60  # "The maximum duration window for 1 replace session is 90 minutes"

# kind -> HTTP status, code, subcode, type
_ERRORS: dict[str, tuple[int, int, int, str]] = {
    "bad_request": (400, 100, 0, "OAuthException"),
    "raw_data": (400, 100, 0, "OAuthException"),
    "too_many_rows": (400, 100, 0, "OAuthException"),
    "too_large": (413, 100, 0, "OAuthException"),
    "not_found": (400, 100, 33, "GraphMethodException"),
    "unauthorized": (400, 190, 0, "OAuthException"),
    "expired": (400, 190, 463, "OAuthException"),
    "forbidden": (403, 200, 0, "OAuthException"),
    "rate_limited": (400, 80003, 0, "OAuthException"),
    "rate_limited_bare": (400, 17, 2446079, "OAuthException"),
    "server_error": (500, 2, 0, "OAuthException"),
    "sunset": (400, 2635, 0, "OAuthException"),
    "terms": (400, 2655, 0, "OAuthException"),
    "flagged": (400, 100, 1713230, "OAuthException"),
    # "Replace Users API common errors" of the guide above
    "updating": (400, 2650, 1870145, "OAuthException"),
    "no_first_batch": (400, 2650, 1870147, "OAuthException"),
    "timed_out": (400, 2650, 1870158, "OAuthException"),
    "finished": (400, 2650, 1870159, "OAuthException"),
}


class Meta(StandIn):
    """Graph API of the stand-in."""

    slug = "meta"
    title = "Meta Custom Audiences"
    scenarios: ClassVar[frozenset[str]] = COMMON | {
        "terms_not_accepted",
        "flagged",
        "not_ready",
        "row_rejects",
    }

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"error": {…}}`; a wait is told in minutes in X-Business-Use-Case-Usage."""
        wait = refusal.extra.get("retry_after")
        kind = "rate_limited_bare" if refusal.kind == "rate_limited" and wait is None else refusal.kind
        status, code, subcode, name = _ERRORS[kind]
        error: dict[str, Any] = {
            "message": refusal.message,
            "type": name,
            "code": code,
            "fbtrace_id": "local",
        }
        if subcode:
            error["error_subcode"] = subcode
        if kind in {"rate_limited", "rate_limited_bare", "server_error"}:
            error["is_transient"] = True
        headers: dict[str, str] = {}
        if wait is not None:
            usage = {
                "type": "custom_audience",
                "call_count": 100,
                "total_cputime": 0,
                "total_time": 0,
                "estimated_time_to_regain_access": max(1, math.ceil(wait / 60)),
            }
            headers["X_Business_Use_Case_Usage"] = json.dumps({"1": [usage]})
        return answer(status, {"error": error}, **headers)

    def authorize(self, request: Request) -> None:
        """Check token, app secret proof (when sent) and version."""
        parameters = meta_rows.read_parameters(request)
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if kind.lower() in {"bearer", "oauth"} else parameters.get("access_token", "")
        if not token:
            raise Refusal("unauthorized", "An access token is required.")
        if token != ACCESS_TOKEN:
            raise Refusal("expired", "Error validating access token.")
        proof = parameters.get("appsecret_proof")
        if proof and proof != hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest():
            raise Refusal("bad_request", "Invalid appsecret_proof provided in the API argument.")
        version = request.path.split("/")[1]
        if not re.fullmatch(r"v\d+\.\d", version):
            raise Refusal("bad_request", "The path must begin with an API version.")
        if version not in VERSIONS:
            raise Refusal("sunset", f"You are calling a version that is not available: {version}.")

    @route("POST", "/{_version}/act_{account}/customaudiences")
    def create(self, request: Request, _version: str, account: str) -> Response:
        """Make a custom audience."""
        given = meta_rows.read_parameters(request)
        need(given, "name")
        if given.get("subtype") != "CUSTOM":
            raise Refusal("bad_request", "subtype must be CUSTOM.", field="subtype")
        sources = {"USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"}
        if given.get("customer_file_source") not in sources:
            raise Refusal("bad_request", f"customer_file_source must be one of {sorted(sources)}.")
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the Custom Audience terms of this ad account first.")
        kept = {
            name: given[name] for name in ("subtype", "description", "customer_file_source") if name in given
        }
        made = self.add_audience(given["name"], account, status=200, sessions={}, **kept)
        made.info["flagged"] = bool(self.trouble("flagged"))
        return answer(200, {"id": made.id, "message": ""})

    @route("GET", "/{_version}/act_{account}/customaudiences")
    def list_all(self, request: Request, _version: str, account: str) -> Response:
        """List an account's audiences, `limit` (25) at a time."""
        mine = [one for one in self.audiences.values() if one.owner == account]
        start, size = int(request.query.get("after") or 0), int(request.query.get("limit") or 25)
        shown = [self._describe(one, request.query.get("fields", "")) for one in mine[start : start + size]]
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + size)}}
        if start + size < len(mine):
            paging["next"] = f"{request.base}{request.path}?after={start + size}&limit={size}"
        return answer(200, {"data": shown, "paging": paging})

    @route("GET", "/{_version}/{audience_id}")
    def read(self, request: Request, _version: str, audience_id: str) -> Response:
        """Read the fields asked for."""
        return answer(200, self._describe(self.audience(audience_id), request.query.get("fields", "")))

    def _describe(self, one: Audience, fields: str) -> dict[str, Any]:
        wanted = {name.strip() for name in fields.split(",") if name.strip()} | {"id"}
        if unknown := wanted - meta_rows.FIELDS:
            raise Refusal("bad_request", f"(#100) Tried accessing nonexisting field ({min(unknown)}).")
        operation = {"code": 200, "description": "Normal"}
        if one.info["flagged"]:
            operation = {
                "code": 471,
                "description": "Flagged: the name or description suggests prohibited information.",
            }
        elif "operation_status" in wanted and self.trouble("not_ready"):
            operation = {"code": 300, "description": "Audience update in progress."}
        enough = one.matched >= 100
        # [K] sizes are shown as a range of hundreds, and never below 1,000
        shown = {
            **one.info,
            "id": one.id,
            "account_id": one.owner,
            "name": one.name,
            "operation_status": operation,
            "delivery_status": {
                "code": 200 if enough else 300,
                "description": "Ready." if enough else "Too small.",
            },
            "approximate_count_lower_bound": max(1000, one.matched // 100 * 100),
            "approximate_count_upper_bound": max(1000, one.matched // 100 * 100 + 100),
            "time_created": int(one.created),
            "time_updated": int(max(one.members.values(), default=one.created)),
            "data_source": {"type": "FILE_IMPORTED", "sub_type": "ANYTHING"},
        }
        return {name: shown[name] for name in wanted if name in shown}

    @route("DELETE", "/{_version}/{audience_id}")
    def delete(self, _request: Request, _version: str, audience_id: str) -> Response:
        """Delete an audience."""
        del self.audiences[self.audience(audience_id).id]
        return answer(200, {"success": True})

    @route("GET", "/{_version}/{audience_id}/sessions")
    def sessions(self, _request: Request, _version: str, audience_id: str) -> Response:
        """List the upload sessions."""
        known: dict[int, dict[str, Any]] = self.audience(audience_id).info["sessions"]
        return answer(
            200,
            {
                "data": [
                    {
                        "session_id": str(number),
                        "num_received": str(one["received"]),
                        "num_invalid_entries": one["invalid"],
                        "stage": "completed" if one["done"] else "uploading",
                    }
                    for number, one in known.items()
                ]
            },
        )

    @route("POST", "/{_version}/{audience_id}/users")
    def add_users(self, request: Request, _version: str, audience_id: str) -> Response:
        """Add people."""
        return self._upload(request, self.audience(audience_id), "add")

    @route("DELETE", "/{_version}/{audience_id}/users")
    def remove_users(self, request: Request, _version: str, audience_id: str) -> Response:
        """Remove people."""
        return self._upload(request, self.audience(audience_id), "remove")

    @route("POST", "/{_version}/{audience_id}/usersreplace")
    def replace_users(self, request: Request, _version: str, audience_id: str) -> Response:
        """Replace everybody; the new list takes effect when its session ends."""
        return self._upload(request, self.audience(audience_id), "replace")

    def _upload(self, request: Request, audience: Audience, mode: str) -> Response:
        given = meta_rows.read_parameters(request)
        session = meta_rows.read_session(given.get("session"), is_required=mode == "replace")
        payload = given.get("payload")
        if not isinstance(payload, dict):
            raise Refusal("bad_request", "payload is required and must be an object.", field="payload")
        rows = payload.get("data")
        if not isinstance(rows, list) or not rows:
            raise Refusal("bad_request", "Data is missing or does not match schema.", field="payload")
        if len(rows) > MAX_ROWS:
            raise Refusal("too_many_rows", f"payload holds {len(rows)} rows, {MAX_ROWS} are allowed.")
        if audience.info["flagged"] or self.trouble("flagged"):
            audience.info["flagged"] = True
            raise Refusal(
                "flagged",
                "This audience is flagged: its name or description suggests prohibited information.",
            )
        keys, invalid = meta_rows.read_rows(payload.get("schema"), rows)
        meta_rows.note_use(audience.info, given, keys)
        if rejected := self.trouble("row_rejects"):
            keys, invalid = keys[rejected.rows :], [*range(rejected.rows), *invalid]
        self._apply(audience, mode, [key for row in keys for key in row], session, (len(rows), len(invalid)))
        samples = {str(at): "invalid entry" for at in invalid[:10]}
        return answer(
            200,
            {
                "audience_id": audience.id,
                "session_id": str(session["session_id"]) if session else "0",
                "num_received": len(rows),
                "num_invalid_entries": len(invalid),
                "invalid_entry_samples": samples,
            },
        )

    def _apply(
        self,
        audience: Audience,
        mode: str,
        keys: list[Key],
        session: dict[str, Any] | None,
        counts: tuple[int, int],
    ) -> None:
        self._end_when_late(audience)
        if mode == "replace" and session:
            self._stage(audience, keys, session, counts)
            return
        if "replacing" in audience.info:
            raise Refusal("updating", "Audience Update In Progress: a replace operation is under way.")
        if session:
            meta_rows.count_batch(audience.info["sessions"], session, mode, counts, self.clock())
        if mode == "add":
            self.send(audience, keys)
        else:
            audience.remove(keys)

    def _end_when_late(self, audience: Audience) -> None:
        """End a replace session after its time: the audience is then what was uploaded so far."""
        staged = audience.info.get("replacing")
        if staged and self.clock() - staged["started"] > REPLACE_SECONDS:
            audience.members = staged["keys"]
            audience.info["sessions"][staged["session_id"]]["stage"] = "timed_out"
            del audience.info["replacing"]

    def _stage(
        self, audience: Audience, keys: list[Key], session: dict[str, Any], counts: tuple[int, int]
    ) -> None:
        number, staged = session["session_id"], audience.info.get("replacing")
        known = audience.info["sessions"].get(number)
        if known and known.get("stage") == "timed_out":
            raise Refusal("timed_out", "Replace Session Timed Out: the 90 minutes are over.")
        if known and known["done"]:
            raise Refusal("finished", "Replace Session Finished: its last batch was uploaded.")
        if staged and staged["session_id"] != number:
            raise Refusal("updating", "Audience Update In Progress: a replace operation is under way.")
        if not staged and session["batch_seq"] != 1:
            raise Refusal("no_first_batch", "Invalid Upload Batch for Replace: the first is missing.")
        now = self.clock()
        entry = meta_rows.count_batch(audience.info["sessions"], session, "replace", counts, now)
        if staged is None:
            staged = audience.info["replacing"] = {"session_id": number, "keys": {}, "started": now}
        staged["keys"].update(dict.fromkeys(keys, now))
        if entry["done"]:
            audience.members = staged["keys"]
            del audience.info["replacing"]

    def members(self, audience_id: str) -> list[str]:
        """List the members; a session whose time is up has ended by itself."""
        self._end_when_late(self.audiences[audience_id])
        return super().members(audience_id)
