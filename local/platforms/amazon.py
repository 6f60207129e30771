"""Stand-in for Amazon Marketing Cloud audiences: metadata first, then records, then a job to ask about.

Names and job states: https://advertising.amazon.com/API/docs/en-us/guides/amazon-marketing-cloud/audiences/
audience-management-service; of jobs also Amazon's API description (Advertiseraudiences_prod_3p.json), of consent what
partners send. No official client covers this API. Audience ids do not fit a JavaScript number, on purpose.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from local.platforms.base import Audience, Job, check_rows, need, route
from local.platforms.digests import Key, read_hex
from local.platforms.oauth import CLIENT_ID, OAuthStandIn
from local.platforms.trouble import ASYNC
from local.platforms.wire import Refusal, Request, Response, answer

MEDIA_TYPE = "application/vnd.amcaudiences.v1+json"
MAX_RECORDS = 6_000  # "guidance of 6000 per request (max dependent on number of PII fields submitted)"
MAX_TTL_SECONDS = 34_300_800  # 397 days
CONSENT_COUNTRIES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
_PII = frozenset({"email", "phone", "firstname", "lastname", "address", "city", "state", "postal"})
_OWN_ID = re.compile("[0-9a-zA-Z_-]{1,128}")
_DIGEST = re.compile("[0-9a-f]{64}")
_FIRST_ID = 9_007_199_254_740_993  # 2^53 + 1
_STATUS = {
    "bad_request": 400,
    "raw_data": 400,
    "too_many_rows": 400,
    "too_large": 413,
    "unauthorized": 401,
    "expired": 401,
    "forbidden": 403,
    "terms": 403,
    "not_found": 404,
    "media_type": 415,
    "rate_limited": 429,
    "server_error": 500,
    "sunset": 410,
}


class Amazon(OAuthStandIn):
    """AMC audiences of the stand-in, and Login with Amazon's token endpoint."""

    slug = "amazon"
    title = "Amazon Ads"
    scenarios: ClassVar[frozenset[str]] = OAuthStandIn.scenarios | ASYNC | {"terms_not_accepted", "not_ready"}

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"code", "details"}`."""
        status = _STATUS[refusal.kind]
        headers = {"Retry_After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
        return answer(status, {"code": str(status), "details": refusal.message}, **headers)

    def authorize(self, request: Request) -> None:
        """Ask for token, client id and media type."""
        self.check_bearer(request)
        if request.headers.get("amazon-advertising-api-clientid") != CLIENT_ID:
            raise Refusal(
                "unauthorized", "Amazon-Advertising-API-ClientId is missing or not the token's client."
            )
        if request.method == "POST" and request.media_type != MEDIA_TYPE:
            raise Refusal("media_type", f"Content-Type must be {MEDIA_TYPE}.")

    @route("POST", "/auth/o2/token", is_open=True)
    def token(self, request: Request) -> Response:
        """Stand in for api.amazon.com/auth/o2/token."""
        return self.issue_token(request)

    def memory_seconds(self, audience: Audience) -> float:
        """Go by the audience's ttl."""
        given = audience.info.get("given", {}).get("metadata", {})
        return float(given.get("ttl") or MAX_TTL_SECONDS)

    @route("POST", "/amc/audiences/metadata")
    def create(self, request: Request) -> Response:
        """Make an audience."""
        body = request.json_object()
        need(body, "name", "targetResource", "metadata")
        target, metadata = body["targetResource"], body["metadata"]
        if not target.get("advertiserId") and not target.get("connectionId"):
            raise Refusal("bad_request", "targetResource needs advertiserId or connectionId.")
        need(metadata, "externalAudienceId")
        if not 0 < int(metadata.get("ttl") or MAX_TTL_SECONDS) <= MAX_TTL_SECONDS:
            raise Refusal("bad_request", f"ttl must be 1 to {MAX_TTL_SECONDS} seconds.")
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the terms of Ads Data Manager in the console first.")
        owner = str(target.get("advertiserId") or target["connectionId"])
        number = _FIRST_ID + len(self.audiences) * 2
        made = self.add_audience(body["name"], owner, audience_id=str(number), given=body)
        return answer(201, {"audienceId": int(made.id), "externalAudienceId": metadata["externalAudienceId"]})

    @route("GET", "/amc/audiences/metadata/{audience_id}")
    def read(self, _request: Request, audience_id: str) -> Response:
        """Read an audience."""
        one = self.audience(audience_id)
        if self.trouble("not_ready"):
            raise Refusal("not_found", f"There is no audience {audience_id}.")
        return answer(200, {**one.info["given"], "audienceId": int(one.id), "status": "ACTIVE"})

    @route("POST", "/amc/audiences/records")
    def put_records(self, request: Request) -> Response:
        """Take records to create and delete people."""
        body = request.json_object()
        if not isinstance(body.get("audienceId"), int):
            raise Refusal("bad_request", "audienceId must be a number.")
        one = self.audience(body["audienceId"])
        records = check_rows(body.get("records"), MAX_RECORDS, "records")
        changes, errors = _read_records(records)
        job = self.add_job(records=len(records), errors=errors)
        if job.outcome not in {"failed", "stuck"}:
            for action, keys in changes[job.refused_rows :]:
                if action == "CREATE":
                    self.send(one, keys)
                else:
                    one.remove(keys)
        return answer(202, {"jobRequestId": job.id})

    @route("GET", "/amc/audiences/records/{job_id}")
    def status(self, _request: Request, job_id: str) -> Response:
        """Tell how a job went."""
        job = self.job(job_id)
        if not job.is_finished():
            return answer(200, {"jobRequestId": job.id, "jobState": "PENDING"})
        return answer(200, {"jobRequestId": job.id, **_outcome(job)})


def _outcome(job: Job) -> dict[str, Any]:
    """Return state, percentage of good records and the first refused ones, in the API description's words."""
    errors = [
        *job.info["errors"],
        *({"index": at, "error": "INTERNAL_ERROR"} for at in range(job.refused_rows)),
    ]
    records = job.info["records"]
    wrong = records if job.outcome == "failed" else min(len(errors), records)
    state = "FAILED" if wrong == records else "PARTIALLYSUCCEEDED" if wrong else "SUCCEEDED"
    rate = 100 * (records - wrong) / records
    return {
        "jobState": state,
        "successful": {"recordsProcessedRate": rate},
        "invalidRecords": errors[:100],
    }


def _read_records(records: list[dict[str, Any]]) -> tuple[list[tuple[str, list[Key]]], list[dict[str, Any]]]:
    """Return (action, keys) of the good records and one entry per refused record.

    A person is known by the advertiser's id; the hashes beside it are checked.
    """
    changes: list[tuple[str, list[Key]]] = []
    errors: list[dict[str, Any]] = []
    hashes: list[Any] = []
    for at, record in enumerate(records):
        own, action = str(record.get("externalUserId", "")), record.get("action")
        if not _OWN_ID.fullmatch(own):
            raise Refusal("bad_request", f"records[{at}].externalUserId is missing or not {_OWN_ID.pattern}.")
        if action not in {"CREATE", "DELETE"}:
            raise Refusal("bad_request", f"records[{at}].action must be CREATE or DELETE.")
        for pii in record.get("hashedPII") or []:
            if pii.keys() - _PII:
                raise Refusal("bad_request", f"records[{at}].hashedPII has an unknown property.")
            hashes += pii.values()
        if action == "CREATE" and not _has_consent(record):
            errors.append({"index": at, "error": "CONSENT_MISSING"})
        else:
            changes.append((action, [bytes.fromhex(own) if _DIGEST.fullmatch(own) else own]))
    if None in read_hex(hashes):
        raise Refusal("bad_request", "hashedPII holds a value that is no SHA-256 hash.")
    return changes, errors


def _has_consent(record: dict[str, Any]) -> bool:
    given = record.get("userConsent") or {}
    country = (given.get("geo") or {}).get("countryCode") or record.get("countryCode")
    consent = given.get("consent") or {}
    amazon = consent.get("amzn")
    if amazon is not None:  # amznAdStorage is optional: .../amazon-marketing-cloud/amc_consent_management
        storage = amazon.get("amznAdStorage", "GRANTED")
        return (amazon.get("amznUserData"), storage) == ("GRANTED", "GRANTED")
    return bool(consent.get("tcf") or consent.get("gpp")) or country not in CONSENT_COUNTRIES
