"""Stand-in for Klaviyo: JSON:API with plain profiles, lists that hold profile ids, and bulk import jobs.

Shapes: PyPI klaviyo-api 25.0.0 and github.com/klaviyo/openapi.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from local.platforms.base import Audience, Job, StandIn, check_rows, route
from local.platforms.digests import Key
from local.platforms.klaviyo_profiles import Profiles
from local.platforms.trouble import ASYNC, COMMON
from local.platforms.wire import Refusal, Request, Response, answer

API_KEY = "local-klaviyo-key"
MEDIA_TYPES = frozenset({"application/vnd.api+json", "application/json"})
MAX_IDS = 1_000  # of a relationship call
MAX_PROFILES = 10_000  # of an import job
MAX_BYTES = 5_000_000  # the same
MAX_PROFILE_BYTES = 100_000
MAX_SUPPRESSIONS = 100
OLDEST_REVISION, NEWEST_REVISION = "2024-10-15", "2026-10-15"  # a revision lives two years
_ERRORS = {
    "bad_request": (400, "invalid"),
    "raw_data": (400, "invalid"),
    "too_many_rows": (400, "invalid"),
    "too_large": (413, "payload_too_large"),
    "unauthorized": (401, "not_authenticated"),
    "expired": (401, "authentication_failed"),
    "forbidden": (403, "permission_denied"),
    "not_found": (404, "not_found"),
    "media_type": (415, "unsupported_media_type"),
    "rate_limited": (429, "throttled"),
    "server_error": (500, "error"),
    "sunset": (410, "retired_revision"),
}
_JOBS = "/api/profile-bulk-import-jobs"


class Klaviyo(StandIn):
    """Lists, profiles and jobs of the stand-in."""

    slug = "klaviyo"
    title = "Klaviyo"
    scenarios: ClassVar[frozenset[str]] = COMMON | ASYNC

    def reset(self) -> None:
        """Forget lists and profiles."""
        super().reset()
        self.profiles = Profiles()

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"errors": […]}`."""
        status, code = _ERRORS[refusal.kind]
        headers = {"Retry_After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
        pointer = {"pointer": f"/data/{refusal.field}" if refusal.field else "/data/"}
        error = {
            "id": "local",
            "status": status,
            "code": code,
            "title": refusal.message,
            "detail": refusal.message,
            "source": pointer,
        }
        return _api(status, {"errors": [error]}, **headers)

    def authorize(self, request: Request) -> None:
        """Ask for key, revision and media type."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind != "Klaviyo-API-Key" or not key:
            raise Refusal("unauthorized", "Authorization: Klaviyo-API-Key <key> is missing.")
        if key != API_KEY:
            raise Refusal("expired", "The key is wrong or has been deleted.")
        revision = request.headers.get("revision", "")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(\.\w+)?", revision) or revision[:10] > NEWEST_REVISION:
            raise Refusal("bad_request", "The revision header is missing or unknown.")
        if revision[:10] < OLDEST_REVISION:
            raise Refusal("sunset", f"Revision {revision} has been retired.")
        if request.body and request.media_type not in MEDIA_TYPES:
            raise Refusal("media_type", "Content-Type must be application/vnd.api+json.")

    @route("POST", "/api/lists")
    def create_list(self, request: Request) -> Response:
        """Make a list."""
        data = _read_data(request, "list")
        name = data.get("attributes", {}).get("name")
        if not name:
            raise Refusal("bad_request", "name is required.", field="attributes/name")
        made = self.add_audience(name, "account", audience_id=f"L{self.new_id()}")
        return _api(201, {"data": self._describe_list(made, request)})

    @route("GET", "/api/lists")
    def list_lists(self, request: Request) -> Response:
        """List lists, also by `filter=equals(name,"…")`, ten a page."""
        wanted = re.fullmatch(r'equals\(name,"(.*)"\)', request.query.get("filter", ""))
        found = [one for one in self.audiences.values() if not wanted or one.name == wanted[1]]
        start = int(request.query.get("page[cursor]") or 0)
        more = f"{request.base}/api/lists?page%5Bcursor%5D={start + 10}" if start + 10 < len(found) else None
        shown = [self._describe_list(one, request) for one in found[start : start + 10]]
        return _api(
            200, {"data": shown, "links": {"self": f"{request.base}/api/lists", "next": more, "prev": None}}
        )

    @route("GET", "/api/lists/{list_id}")
    def read_list(self, request: Request, list_id: str) -> Response:
        """Read a list; its number of profiles when asked for."""
        return _api(200, {"data": self._describe_list(self.audience(list_id), request)})

    @route("DELETE", "/api/lists/{list_id}")
    def delete_list(self, _request: Request, list_id: str) -> Response:
        """Delete a list; its profiles stay."""
        del self.audiences[self.audience(list_id).id]
        return Response(204)

    def _describe_list(self, one: Audience, request: Request) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "name": one.name,
            "created": _when(one.created),
            "updated": _when(one.created),
            "opt_in_process": "single_opt_in",
        }
        if "profile_count" in request.query.get("additional-fields[list]", ""):
            attributes["profile_count"] = len(one.members)
        link = {"self": f"{request.base}/api/lists/{one.id}"}
        return {"type": "list", "id": one.id, "attributes": attributes, "relationships": {}, "links": link}

    @route("POST", "/api/lists/{list_id}/relationships/profiles")
    def add_to_list(self, request: Request, list_id: str) -> Response:
        """Put profiles on a list."""
        self.send(self.audience(list_id), self._read_ids(request))
        return Response(204)

    @route("DELETE", "/api/lists/{list_id}/relationships/profiles")
    def remove_from_list(self, request: Request, list_id: str) -> Response:
        """Take profiles off a list."""
        self.audience(list_id).remove(self._read_ids(request))
        return Response(204)

    def _read_ids(self, request: Request) -> list[Key]:
        rows = check_rows(request.json_object().get("data"), MAX_IDS, "data")
        if any(not isinstance(row, dict) or row.get("type") != "profile" for row in rows):
            raise Refusal("bad_request", "data must hold profiles.")
        unknown = [row for row in rows if row.get("id") not in self.profiles.by_id]
        if unknown:
            raise Refusal("not_found", f"{len(unknown)} of the profiles do not exist.")
        return [row["id"] for row in rows]

    @route("GET", "/api/profiles")
    def find_profiles(self, request: Request) -> Response:
        """Find profiles by `filter=any(email,[…])` or `equals(email,"…")`; at most 100 values [K]."""
        name, values = _read_filter(request.query.get("filter", ""))
        found = [self.profiles.find(name, value) for value in values]
        shown = [self.profiles.describe(one, request.base) for one in found if one]
        return _api(
            200,
            {"data": shown, "links": {"self": f"{request.base}/api/profiles", "next": None, "prev": None}},
        )

    @route("POST", _JOBS)
    def import_profiles(self, request: Request) -> Response:
        """Take profiles to create or update, and to put on lists."""
        if len(request.body) > MAX_BYTES:
            raise Refusal("too_large", f"The request is larger than {MAX_BYTES} bytes.")
        data = _read_data(request, "profile-bulk-import-job")
        rows = check_rows(
            data.get("attributes", {}).get("profiles", {}).get("data"), MAX_PROFILES, "attributes/profiles"
        )
        targets = data.get("relationships", {}).get("lists", {}).get("data", [])
        lists = [self.audience(target.get("id")) for target in targets]
        job = self.add_job(total=len(rows), errors=[], created=self.clock())
        ids: list[Key] = []
        for at, row in enumerate(rows):
            problem = "The profile was refused." if at < job.refused_rows else _check_profile(row)
            if problem:
                job.info["errors"].append({"index": at, "detail": problem})
            elif job.outcome in {"success", "partial"}:
                ids.append(self.profiles.save(row["attributes"]))
        for one in lists:
            self.send(one, ids)
        return _api(202, {"data": _describe_job(job, request.base, is_finished=False)})

    @route("GET", _JOBS + "/{job_id}")
    def read_job(self, request: Request, job_id: str) -> Response:
        """Tell how an import job goes."""
        job = self.job(job_id)
        return _api(200, {"data": _describe_job(job, request.base, is_finished=job.is_finished())})

    @route("GET", _JOBS + "/{job_id}/import-errors")
    def read_job_errors(self, request: Request, job_id: str) -> Response:
        """List the profiles a job refused; the payload Klaviyo adds is left out here."""
        errors = [
            {
                "type": "import-error",
                "id": f"{job_id}-{error['index']}",
                "attributes": {
                    "code": "invalid",
                    "title": "Invalid profile.",
                    "detail": error["detail"],
                    "source": {"pointer": f"/data/attributes/profiles/data/{error['index']}"},
                    "original_payload": {},
                },
                "links": {"self": request.base},
            }
            for error in self.job(job_id).info["errors"]
        ]
        return _api(
            200,
            {"data": errors, "links": {"self": f"{request.base}{request.path}", "next": None, "prev": None}},
        )

    @route("POST", "/api/profile-suppression-bulk-create-jobs")
    def suppress(self, request: Request) -> Response:
        """Suppress addresses."""
        data = _read_data(request, "profile-suppression-bulk-create-job")
        rows = data.get("attributes", {}).get("profiles", {}).get("data")
        for row in check_rows(rows, MAX_SUPPRESSIONS, "attributes/profiles"):
            self.profiles.suppressed.add(row.get("attributes", {}).get("email", ""))
        return _api(202, {"data": {"type": "profile-suppression-bulk-create-job", "id": self.new_id()}})

    def show(self, key: Key) -> str:
        """Return the SHA-256 of the profile's address, phone or own id: members are listed without names."""
        return hashlib.sha256(self.profiles.identity(str(key)).encode()).hexdigest()


def _api(status: int, body: Any, **headers: str) -> Response:
    return answer(status, body, **{"Content_Type": "application/vnd.api+json", **headers})


def _read_data(request: Request, kind: str) -> dict[str, Any]:
    data = request.json_object().get("data")
    if not isinstance(data, dict) or data.get("type") != kind:
        raise Refusal("bad_request", f"data.type must be {kind}.", field="type")
    return data


def _read_filter(text: str) -> tuple[str, list[str]]:
    found = re.fullmatch(r"(any|equals)\((email|phone_number|external_id),(.*)\)", text)
    try:
        values = json.loads(found[3]) if found else None
    except ValueError:
        values = None
    values = [values] if isinstance(values, str) else values
    if not found or not isinstance(values, list) or not 1 <= len(values) <= 100:
        raise Refusal(
            "bad_request", "filter must be any(field,[…]) or equals(field,…) with at most 100 values."
        )
    return found[2], [str(value) for value in values]


def _check_profile(row: Any) -> str:
    attributes = row.get("attributes") if isinstance(row, dict) and row.get("type") == "profile" else None
    if not attributes or not any(attributes.get(name) for name in ("email", "phone_number", "external_id")):
        return "A profile needs an email, a phone number or an external id."
    if attributes.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", attributes["email"]):
        return "The email address is not valid."
    if attributes.get("phone_number") and not re.fullmatch(r"\+[1-9]\d{6,14}", attributes["phone_number"]):
        return "The phone number is not valid: E.164 is needed."
    if len(attributes) > 3 and len(json.dumps(row)) > MAX_PROFILE_BYTES:
        return f"The profile is larger than {MAX_PROFILE_BYTES} bytes."
    return ""


def _describe_job(job: Job, base: str, *, is_finished: bool) -> dict[str, Any]:
    failed = job.info["total"] if job.outcome == "failed" else len(job.info["errors"])
    status = "queued" if not is_finished else "cancelled" if job.outcome == "failed" else "complete"
    attributes = {
        "status": status,
        "created_at": _when(job.info["created"]),
        "total_count": job.info["total"],
        "completed_count": job.info["total"] - failed if is_finished else 0,
        "failed_count": failed if is_finished else 0,
    }
    link = {"self": f"{base}{_JOBS}/{job.id}"}
    return {"type": "profile-bulk-import-job", "id": job.id, "attributes": attributes, "links": link}


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
