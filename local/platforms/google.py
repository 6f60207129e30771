"""Stand-in for Google's Data Manager API: one service for Google Ads and DV360, whose results come later.

Shapes: discovery document datamanager v1, revision 20261106 (PyPI google-api-python-client 2.202.0); limits:
https://developers.google.com/data-manager/api/devguides/limits. Enumerations may be numbers: the official
REST transport sends them so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from local.platforms import google_members as members
from local.platforms.base import Audience, Job, check_rows, route
from local.platforms.google_lists import UserLists
from local.platforms.oauth import OAuthStandIn
from local.platforms.trouble import ASYNC
from local.platforms.wire import Refusal, Request, Response, answer

MAX_MEMBERS = 10_000
MAX_DESTINATIONS = 10
_FIELDS = {"destinations", "audienceMembers", "encoding", "encryptionInfo", "validateOnly"}
# kind -> HTTP status, canonical status, reason
_ERRORS = {
    "bad_request": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "raw_data": (400, "INVALID_ARGUMENT", "INVALID_HASH"),
    "too_many_rows": (400, "INVALID_ARGUMENT", "TOO_MANY_AUDIENCE_MEMBERS"),
    "too_large": (400, "INVALID_ARGUMENT", "REQUEST_TOO_LARGE"),
    "not_found": (404, "NOT_FOUND", "RESOURCE_NOT_FOUND"),
    "conflict": (409, "ALREADY_EXISTS", "DISPLAY_NAME_ALREADY_USED"),
    "unauthorized": (401, "UNAUTHENTICATED", "CREDENTIALS_MISSING"),
    "expired": (401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"),
    "forbidden": (403, "PERMISSION_DENIED", "PERMISSION_DENIED"),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
    "server_error": (500, "INTERNAL", "INTERNAL_ERROR"),
    "sunset": (410, "UNIMPLEMENTED", "API_VERSION_SUNSET"),
    "terms": (400, "INVALID_ARGUMENT", "TERMS_AND_CONDITIONS_NOT_SIGNED"),
}
_TYPE = "type.googleapis.com/google.rpc."


class Google(UserLists, OAuthStandIn):
    """The ingestion and request status services; the user list service is in UserLists."""

    slug = "google"
    title = "Google Data Manager"
    scenarios: ClassVar[frozenset[str]] = OAuthStandIn.scenarios | ASYNC | {"terms_not_accepted"}

    def problem(self, refusal: Refusal) -> Response:
        """Answer google.rpc.Status with ErrorInfo and, where a field is to blame, BadRequest."""
        status, name, reason = _ERRORS[refusal.kind]
        info: dict[str, Any] = {
            "@type": f"{_TYPE}ErrorInfo",
            "reason": refusal.extra.get("reason", reason),
            "domain": "datamanager.googleapis.com",
            "metadata": {},
        }
        details: list[dict[str, Any]] = [info]
        if refusal.kind == "rate_limited":
            info["metadata"]["quota_limit"] = "IngestionServiceMutateRequestsPerMinutePerProject"
        headers: dict[str, str] = {}
        if wait := refusal.extra.get("retry_after"):
            details.append({"@type": f"{_TYPE}RetryInfo", "retryDelay": f"{wait}s"})
            headers["Retry_After"] = str(wait)
        if refusal.field:
            violation = {"field": refusal.field, "description": refusal.message}
            details.append({"@type": f"{_TYPE}BadRequest", "fieldViolations": [violation]})
        error = {"code": status, "message": refusal.message, "status": name, "details": details}
        return answer(status, {"error": error}, **headers)

    @route("POST", "/token", is_open=True)
    def token(self, request: Request) -> Response:
        """Stand in for oauth2.googleapis.com/token."""
        return self.issue_token(request)

    @route("POST", "/v1/audienceMembers:ingest")
    def ingest(self, request: Request) -> Response:
        """Take members to add."""
        body = _read_body(request, _FIELDS | {"consent", "termsOfService"})
        targets = self._destinations(body)
        rows = check_rows(body.get("audienceMembers"), MAX_MEMBERS, "audience_members")
        terms = body.get("termsOfService") or {}
        signed = members.enum(terms.get("customerMatchTermsOfServiceStatus"), members.TERMS) == "ACCEPTED"
        if not signed or self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the Customer Match terms of service.", field="terms_of_service")
        batch = members.read_members(rows, body, with_consent=True)
        if body.get("validateOnly"):
            return answer(200, {})
        return self._start("Ingestion", targets, batch)

    @route("POST", "/v1/audienceMembers:remove")
    def remove(self, request: Request) -> Response:
        """Take members to remove."""
        body = _read_body(request, _FIELDS)
        targets = self._destinations(body)
        rows = check_rows(body.get("audienceMembers"), MAX_MEMBERS, "audience_members")
        batch = members.read_members(rows, body, with_consent=False)
        if body.get("validateOnly"):
            return answer(200, {})
        return self._start("Removal", targets, batch)

    @route("POST", "/v1/audienceMembers:removeAll")
    def remove_all(self, request: Request) -> Response:
        """Remove everybody who was last sent before `removeAsOfTime`, or everybody."""
        body = _read_body(request, {"destinations", "removeAsOfTime", "validateOnly"})
        targets = self._destinations(body)
        until = float("inf")
        if body.get("removeAsOfTime"):
            try:
                until = datetime.fromisoformat(str(body["removeAsOfTime"])).timestamp()
            except ValueError:
                raise Refusal("bad_request", "Not a time in RFC 3339.", field="remove_as_of_time") from None
        if body.get("validateOnly"):
            return answer(200, {})
        job = self.add_job(kind="RemoveAll", destinations=body["destinations"], batch=None)
        if job.outcome in {"success", "partial"}:
            for audience in targets:
                audience.members = {key: sent for key, sent in audience.members.items() if sent >= until}
        return answer(200, {"requestId": job.id})

    def _destinations(self, body: dict[str, Any]) -> list[Audience]:
        rows = check_rows(body.get("destinations"), MAX_DESTINATIONS, "destinations")
        return [self._destination(row, f"destinations[{at}]") for at, row in enumerate(rows)]

    def _destination(self, row: dict[str, Any], field: str) -> Audience:
        account = row.get("operatingAccount") or {}
        kind = members.enum(account.get("accountType") or account.get("product"), members.ACCOUNT_TYPES)
        if kind not in members.ACCOUNT_TYPES[1:] or not str(account.get("accountId", "")).isdigit():
            raise Refusal(
                "bad_request",
                "accountType and a numeric accountId are required.",
                field=f"{field}.operating_account",
            )
        found = self.audiences.get(str(row.get("productDestinationId")))
        if found is None or found.owner != f"accountTypes/{kind}/accounts/{account['accountId']}":
            raise Refusal(
                "bad_request",
                "The account has no such user list.",
                field=f"{field}.product_destination_id",
                reason="INVALID_DESTINATION",
            )
        return found

    def _start(self, kind: str, targets: list[Audience], batch: members.Batch) -> Response:
        for audience in targets:
            allowed = audience.info["upload_key_types"]
            if batch.key_types - allowed:
                raise Refusal(
                    "bad_request", f"The user list takes {sorted(allowed)} only.", field="audience_members"
                )
        job = self.add_job(kind=kind, destinations=batch.destinations, batch=batch)
        keys = [key for row in job.apply(batch.rows) for key in row]
        for audience in targets:
            if kind == "Removal":
                audience.remove(keys)
            else:
                self.send(audience, keys)
        return answer(200, {"requestId": job.id})

    @route("GET", "/v1/requestStatus:retrieve")
    def status(self, request: Request) -> Response:
        """Tell how a request went, destination by destination."""
        job = self.job(request.query.get("requestId"))
        finished = job.is_finished()
        listed = [self._status_of(job, row, is_finished=finished) for row in job.info["destinations"]]
        return answer(200, {"requestStatusPerDestination": listed})

    def _status_of(self, job: Job, destination: dict[str, Any], *, is_finished: bool) -> dict[str, Any]:
        told: dict[str, Any] = {"destination": destination, "requestStatus": "PROCESSING"}
        if not is_finished:
            return told
        batch: members.Batch | None = job.info["batch"]
        errors = dict(batch.errors) if batch else {}
        if job.outcome == "partial":
            errors["PROCESSING_ERROR_REASON_INVALID_FORMAT"] = list(range(job.refused_rows))
        rows = len(batch.rows) if batch else 0
        failed = job.outcome == "failed" or (batch is not None and rows <= job.refused_rows and bool(errors))
        told["requestStatus"] = "FAILED" if failed else "PARTIAL_SUCCESS" if errors else "SUCCESS"
        if job.outcome == "failed":
            errors = {"PROCESSING_ERROR_REASON_INTERNAL_ERROR": list(range(rows))}
        if errors:
            counts = [{"recordCount": str(len(at)), "reason": reason} for reason, at in errors.items()]
            told["errorInfo"] = {"errorCounts": counts}
        if batch is None:
            told["removeAllAudienceMembersStatus"] = {}
        else:
            name = (
                "audienceMembersIngestionStatus"
                if job.info["kind"] == "Ingestion"
                else "audienceMembersRemovalStatus"
            )
            told[name] = batch.describe(job.info["kind"])
        return told


def _read_body(request: Request, names: set[str]) -> dict[str, Any]:
    body = request.json_object()
    if unknown := body.keys() - names:
        raise Refusal(
            "bad_request",
            f'Invalid JSON payload received. Unknown name "{min(unknown)}".',
            field=min(unknown),
        )
    return body
