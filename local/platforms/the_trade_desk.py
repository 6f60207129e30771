"""Stand-in for The Trade Desk: CRM data by drop (an address to put a file to) and the real-time data API.

CRM paths and names as partners send them; the data API as PyPI ttd-data 0.3.2 sends it. Hashes are base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any, ClassVar
from urllib.parse import urlencode

from local.platforms.base import Audience, Job, StandIn, check_rows, need, route
from local.platforms.digests import Key, read_base64, show
from local.platforms.trouble import ASYNC, COMMON
from local.platforms.wire import Refusal, Request, Response, answer

ACCESS_TOKEN = "local-the-trade-desk-access"  # noqa: S105  # opens nothing but this stand-in
LOGIN, PASSWORD = "local-login", "local-password"  # the same
ADVERTISER_SECRET = "local-advertiser-secret"  # noqa: S105  # the same
DROP_SECONDS = 3600  # X-Amz-Expires of a drop's address
RETENTION_SECONDS = 180 * 86_400.0  # upgrade notes of 2024-09-30
MINIMUM = 1_500  # unique rows
MAX_DATA_BYTES = 2_500_000  # body of a data API call, as partners keep it
MAX_ITEMS = 10_000  # [K] items of a data API call
HASHED_TYPES = frozenset({"EmailHashedUnifiedId2", "PhoneHashedUnifiedId2"})  # the phone's name: [K]
_IDS = frozenset({"TDID", "DAID", "UID2", "UID2Token", "EUID", "EUIDToken", "RampID", "CoreID", "ID5",
    "NetID", "FirstID", "UtiqID", "MerkuryID", "RealID", "IqviaPPID"})  # fmt: skip
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
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
    "rate_limited": 429,
    "server_error": 500,
    "sunset": 410,
}


class TheTradeDesk(StandIn):
    """Both APIs on one address."""

    slug = "the_trade_desk"
    title = "The Trade Desk"
    scenarios: ClassVar[frozenset[str]] = (
        COMMON | ASYNC | {"drop_url_expired", "row_rejects", "terms_not_accepted"}
    )

    def reset(self) -> None:
        """Forget audiences, tokens and drops."""
        super().reset()
        self._tokens = {ACCESS_TOKEN: float("inf")}

    def problem(self, refusal: Refusal) -> Response:
        """Answer `{"Message": …}`; a drop answers as S3 does."""
        if refusal.kind == "s3":
            code = refusal.extra["code"]
            xml = f"<Error><Code>{code}</Code><Message>{refusal.message}</Message></Error>"
            return Response(refusal.extra["status"], xml.encode(), {"Content-Type": "application/xml"})
        headers = {"Retry_After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
        return answer(_STATUS[refusal.kind], {"Message": refusal.message, "ErrorDetails": []}, **headers)

    def authorize(self, request: Request) -> None:
        """Ask for TTD-Auth, or on the data API for a signature of the body."""
        signature = request.headers.get("ttdsignature")
        if signature and request.path.startswith("/data/"):
            digest = hmac.new(ADVERTISER_SECRET.encode(), request.body, hashlib.sha1).digest()
            if not hmac.compare_digest(signature, base64.b64encode(digest).decode()):
                raise Refusal("unauthorized", "TtdSignature does not fit the body.")
            return
        token = request.headers.get("ttd-auth")
        if not token:
            raise Refusal("unauthorized", "TTD-Auth is missing.")
        if self._tokens.get(token, 0) <= self.clock():
            raise Refusal("expired", "The token is invalid or has expired.")

    def memory_seconds(self, audience: Audience) -> float:
        """CRM data is held for 180 days."""
        return RETENTION_SECONDS if "region" in audience.info else float("inf")

    @route("POST", "/v3/authentication", is_open=True)
    def log_in(self, request: Request) -> Response:
        """Hand out a short-lived token."""
        body = request.json_object()
        if (body.get("Login"), body.get("Password")) != (LOGIN, PASSWORD):
            raise Refusal("unauthorized", "Login failed.")
        token = f"local-the-trade-desk-access-{self.new_id()}"
        self._tokens[token] = self.clock() + 60 * int(body.get("TokenExpirationInMinutes") or 1440)
        return answer(200, {"Token": token})

    @route("POST", "/v3/crmdata/segment")
    def create(self, request: Request) -> Response:
        """Make a CRM data segment."""
        body = request.json_object()
        need(body, "AdvertiserId", "SegmentName", "Region")
        if unknown := body.keys() - {"AdvertiserId", "SegmentName", "Region"}:
            raise Refusal("bad_request", f"Unknown property {min(unknown)}.")
        if body["Region"] not in {"US", "EU", "APAC"}:
            raise Refusal("bad_request", "Region must be US, EU or APAC.")
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "The advertiser has no contract for CRM data.")
        made = self.add_audience(
            body["SegmentName"],
            body["AdvertiserId"],
            audience_id=f"crm{self.new_id()}",
            region=body["Region"],
            first_party_id=int(self.new_id()),
        )
        return answer(200, {"CrmDataId": made.id, "FirstPartyDataId": made.info["first_party_id"]})

    @route("GET", "/v3/crmdata/segment/{advertiser}")
    def list_segments(self, request: Request, advertiser: str) -> Response:
        """List segments page by page: the end is an empty page."""
        mine = [one for one in self.audiences.values() if one.owner == advertiser and "region" in one.info]
        start = int(request.query.get("pagingToken") or 0)
        shown = [
            {
                "CrmDataId": one.id,
                "SegmentName": one.name,
                "Region": one.info["region"],
                "FirstPartyDataId": one.info["first_party_id"],
            }
            for one in mine[start : start + 100]
        ]
        return answer(200, {"Segments": shown, "PagingToken": str(start + len(shown)) if shown else None})

    @route("POST", "/v3/crmdata/segment/{advertiser}/{segment}")
    def ask_drop(self, request: Request, advertiser: str, segment: str) -> Response:
        """Hand out an address to put a file to."""
        one, body = self._own(advertiser, segment), request.json_object()
        need(body, "PiiType", "MergeMode")
        if unknown := body.keys() - {"PiiType", "MergeMode"}:  # RetentionEnabled was removed on 2024-09-30
            raise Refusal("bad_request", f"Unknown property {min(unknown)}.")
        if body["PiiType"] not in HASHED_TYPES:
            raise Refusal(
                "bad_request", f"This stand-in takes {sorted(HASHED_TYPES)} only: no plain addresses."
            )
        if body["PiiType"].startswith("Phone") and one.info["region"] == "EU":
            raise Refusal("bad_request", "Segments of the EU may not hold phone numbers.")
        if body["MergeMode"] not in {"Add", "Replace", "Remove"}:  # Remove: [K]
            raise Refusal("bad_request", "MergeMode must be Add, Replace or Remove.")
        job = self.add_job(segment=one.id, mode=body["MergeMode"], made=self.clock(), rows=None, wrong=0)
        query = urlencode(
            {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Expires": DROP_SECONDS, "X-Amz-Signature": job.id}
        )
        return answer(200, {"ReferenceId": job.id, "Url": f"{request.base}/drop/{job.id}?{query}"})

    @route("POST", "/v3/crmdata/{_kind}/segment/{advertiser}/{segment}")
    def ask_drop_of_kind(self, request: Request, _kind: str, advertiser: str, segment: str) -> Response:
        """Do the same by the newer path, which names the kind of segment."""
        return self.ask_drop(request, advertiser, segment)

    def _own(self, advertiser: str, segment: str) -> Audience:
        found = self.audience(segment)
        if found.owner != advertiser:
            raise Refusal("not_found", "The advertiser has no such segment.")
        return found

    @route("PUT", "/drop/{reference}", is_open=True)
    def put_drop(self, request: Request, reference: str) -> Response:
        """Take a file of one hash a line, as S3 takes a presigned PUT: no other authorisation, in time."""
        job = self.jobs.get(reference)
        if job is None or request.query.get("X-Amz-Signature") != reference:
            raise Refusal("s3", "The signature does not match.", code="SignatureDoesNotMatch", status=403)
        if "authorization" in request.headers or "ttd-auth" in request.headers:
            raise Refusal("s3", "Only one auth mechanism allowed.", code="InvalidArgument", status=400)
        if self.clock() - job.info["made"] > DROP_SECONDS or self.trouble("drop_url_expired"):
            raise Refusal("s3", "Request has expired", code="AccessDenied", status=403)
        if request.media_type not in {"text/plain", ""}:
            raise Refusal("s3", "Content-Type must be text/plain.", code="SignatureDoesNotMatch", status=403)
        digests = read_base64(request.body.decode("utf-8", "replace").split())
        keys: list[Key] = [key for key in digests if key is not None]
        job.info.update(rows=len(digests), wrong=len(digests) - len(keys))
        self._merge(job, keys)
        return Response(200, b"", {"ETag": '"local"'})

    def _merge(self, job: Job, keys: list[Key]) -> None:
        one, mode = self.audience(job.info["segment"]), job.info["mode"]
        if job.outcome in {"failed", "stuck"}:
            return
        if mode == "Replace":
            one.members.clear()
        if mode == "Remove":
            one.remove(job.apply(keys))
        else:
            self.send(one, job.apply(keys))

    @route(
        "GET", "/v3/crmdata/segment/{advertiser}/{segment}/drop/{reference}"
    )  # [K] the documentation needs a login
    def drop_status(self, _request: Request, advertiser: str, segment: str, reference: str) -> Response:
        """Tell how a drop went."""
        one, job = self._own(advertiser, segment), self.job(reference)
        if job.info["rows"] is None:
            return answer(200, {"ReferenceId": job.id, "Status": "WaitingForData"})
        if not job.is_finished():
            return answer(200, {"ReferenceId": job.id, "Status": "Processing"})
        refused = job.info["wrong"] + job.refused_rows
        status = "Failed" if job.outcome == "failed" else "PartiallyCompleted" if refused else "Completed"
        return answer(
            200,
            {
                "ReferenceId": job.id,
                "Status": status,
                "ReceivedRows": job.info["rows"],
                "InvalidRows": refused,
                "ActiveRows": len(one.members),
                "IsBelowMinimum": len(one.members) < MINIMUM,
            },
        )

    @route("POST", "/data/advertiser")
    def ingest(self, request: Request) -> Response:
        """Take people by ids the platform knows; the answer may be 200 and name failed lines."""
        if len(request.body) > MAX_DATA_BYTES:
            raise Refusal("too_large", f"The body is larger than {MAX_DATA_BYTES} bytes.")
        body = request.json_object()
        need(body, "AdvertiserId")
        rejected = self.trouble("row_rejects")
        failed: list[dict[str, Any]] = []
        for number, item in enumerate(check_rows(body.get("Items"), MAX_ITEMS, "Items"), 1):
            code, message = _check_item(item)
            if rejected and number <= rejected.rows:
                code, message = "Unknown", "The line was refused."
            if code:
                failed.append({"ItemNumber": str(number), "ErrorCode": code, "Message": message})
                continue
            key = _item_key(item)
            for data in item["Data"]:
                segment = self._named(body["AdvertiserId"], data["Name"])
                if data.get("TtlInMinutes") == 0:  # [K] a life of nothing removes
                    segment.remove([key])
                else:
                    self.send(segment, [key])
        return answer(200, {"FailedLines": failed})

    @route("POST", "/data/deletion-optout/advertiser")
    def opt_out(self, request: Request) -> Response:
        """Remove people from every segment of an advertiser."""
        body = request.json_object()
        need(body, "AdvertiserId", "RequestType")
        if body["RequestType"] not in {"OptOut", "Deletion"}:
            raise Refusal("bad_request", "RequestType must be OptOut or Deletion.")
        items = check_rows(body.get("Items"), MAX_ITEMS, "Items")
        if any(not isinstance(item, dict) or len(item.keys() & _IDS) != 1 for item in items):
            raise Refusal("bad_request", "Each item needs exactly one id.")
        keys = [_item_key(item) for item in items]
        for one in self.audiences.values():
            if one.owner == body["AdvertiserId"]:
                one.remove(keys)
        return answer(200, {"FailedLines": []})

    def _named(self, advertiser: str, name: str) -> Audience:
        audience_id = f"{advertiser}.{name}"
        return self.audiences.get(audience_id) or self.add_audience(name, advertiser, audience_id=audience_id)

    def show(self, key: Key) -> str:
        """Return the base64 a digest came as."""
        return base64.b64encode(key).decode() if isinstance(key, bytes) else show(key)


def _check_item(item: Any) -> tuple[str, str]:
    """Return error code (names: PyPI ttd-data 0.3.2) and message of a wrong line, empty for a good one."""
    ids = [name for name in item if name in _IDS] if isinstance(item, dict) else []
    if len(ids) != 1:
        return "MissingUserId", "A line needs exactly one id."
    value = str(item[ids[0]])
    if "@" in value:
        raise Refusal("raw_data", "The request holds plain addresses.")
    if ids[0] in {"TDID", "DAID"} and not _UUID.fullmatch(value):
        return "InvalidParameterFormat", f"{ids[0]} must be a GUID."
    if ids[0] in {"UID2", "EUID"} and not re.fullmatch(r"[A-Za-z0-9+/]{43}=", value):
        return "InvalidParameterFormat", f"{ids[0]} must be base64 of 44 characters."
    data = item.get("Data")
    if (
        not data
        or not isinstance(data, list)
        or not all(isinstance(one, dict) and one.get("Name") for one in data)
    ):
        return "ItemDeserializationError", "Data must name at least one segment."
    return "", ""


def _item_key(item: dict[str, Any]) -> Key:
    return next(f"{name}:{item[name]}" for name in item if name in _IDS)
