"""Stand-in for TikTok's audience API, by file and by stream: answers are HTTP 200, the code inside tells.

File mode as PyPI tiktok-business-api-sdk-official 1.1.3 sends it; streaming (`segment/*`) as partners do.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, ClassVar

from local.platforms.base import Audience, Job, StandIn, check_rows, need, route
from local.platforms.digests import Key, read_hex
from local.platforms.tiktok_files import CALCULATE_TYPES, read_file
from local.platforms.trouble import ASYNC, COMMON
from local.platforms.wire import Refusal, Request, Response, answer, read_multipart

ACCESS_TOKEN = "local-tiktok-access"  # noqa: S105  # opens nothing but this stand-in
MAX_FILE_BYTES = 50_000_000  # [K] not on a public page
FILE_SECONDS = 86_400  # [K] its pages say that an uploaded file is deleted, and not when
MAX_STREAM_ROWS = 10_000  # [K] partners send this many
ID_SCHEMAS = frozenset({"EMAIL_SHA256", "PHONE_SHA256", "IDFA_SHA256", "AAID_SHA256", "IDFA_MD5", "AAID_MD5"})
MINIMUM = 1_000  # matched people an audience needs: ads.tiktok.com help
_API = "/open_api/v1.3"
_CODES = {
    "bad_request": 40002,
    "raw_data": 40002,
    "too_many_rows": 40002,
    "too_large": 40002,
    "not_found": 40002,
    "unauthorized": 40104,
    "expired": 40105,
    "forbidden": 40001,
    "terms": 40001,
    "rate_limited": 40100,
    "server_error": 50000,
}


class TikTok(StandIn):
    """TikTok Business API of the stand-in. It never tells how long to wait."""

    slug = "tiktok"
    title = "TikTok Ads"
    scenarios: ClassVar[frozenset[str]] = (
        (COMMON - {"rate_limited"}) | ASYNC | {"terms_not_accepted", "not_ready"}
    )

    def reset(self) -> None:
        """Forget audiences and files."""
        super().reset()
        # path -> calculate type, keys, unreadable ids, the second it came
        self._files: dict[str, tuple[str, list[Key], int, float]] = {}

    def problem(self, refusal: Refusal) -> Response:
        """Answer HTTP 200 with a code; a version that is gone is a plain HTTP error."""
        if refusal.kind == "sunset":
            return answer(410, {"code": 40006, "message": refusal.message, "request_id": "local", "data": {}})
        return answer(
            200, {"code": _CODES[refusal.kind], "message": refusal.message, "request_id": "local", "data": {}}
        )

    def _ok(self, data: dict[str, Any]) -> Response:
        return answer(
            200, {"code": 0, "message": "OK", "request_id": f"local-{len(self.requests)}", "data": data}
        )

    def authorize(self, request: Request) -> None:
        """Ask for the Access-Token header."""
        token = request.headers.get("access-token")
        if not token:
            raise Refusal("unauthorized", "Access-Token is missing.")
        if token != ACCESS_TOKEN:
            raise Refusal("expired", "Access token is incorrect or has been revoked.")

    def memory_seconds(self, audience: Audience) -> float:
        """Go by the audience's retention_in_days."""
        return float(audience.info.get("retention", 365)) * 86_400

    @route("POST", f"{_API}/dmp/custom_audience/file/upload")
    def upload_file(self, request: Request) -> Response:
        """Take a customer file; its MD5 must be the one announced."""
        parts = read_multipart(request)
        text = {name: value.decode("utf-8", "replace") for name, value in parts.items() if name != "file"}
        need(text, "advertiser_id", "calculate_type", "file_signature")
        content = parts.get("file", b"")
        if not content:
            raise Refusal("bad_request", "file is required.")
        if len(content) > MAX_FILE_BYTES:
            raise Refusal("too_large", f"The file is larger than {MAX_FILE_BYTES} bytes.")
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != text["file_signature"]:
            raise Refusal("bad_request", "file_signature is not the MD5 of the file.")
        keys, unreadable = read_file(content, text["calculate_type"])
        path = f"local/{self.new_id()}/{text['file_signature']}"
        self._files[path] = (text["calculate_type"], keys, unreadable, self.clock())
        return self._ok({"file_path": path})

    def _read_files(self, body: dict[str, Any]) -> tuple[str, list[Key], int]:
        need(body, "file_paths")
        files = [self._files.get(path) for path in check_rows(body["file_paths"], 100, "file_paths")]
        files = [file if file and self.clock() - file[3] < FILE_SECONDS else None for file in files]
        kinds = {file[0] for file in files if file}
        if None in files or len(kinds) != 1:
            raise Refusal("bad_request", "file_paths holds an unknown file, or files of several types.")
        keys = [key for file in files if file for key in file[1]]
        return kinds.pop(), keys, sum(file[2] for file in files if file)

    @route("POST", f"{_API}/dmp/custom_audience/create")
    def create(self, request: Request) -> Response:
        """Make an audience from uploaded files."""
        body = request.json_object()
        need(body, "advertiser_id", "custom_audience_name", "calculate_type")
        if body["calculate_type"] not in CALCULATE_TYPES:
            raise Refusal("bad_request", "calculate_type is unknown.")
        if not 1 <= int(body.get("retention_in_days") or 365) <= 365:
            raise Refusal("bad_request", "retention_in_days must be 1 to 365.")
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the Custom Audience terms first.")
        kind, keys, unreadable = self._read_files(body)
        if kind != body["calculate_type"]:
            raise Refusal("bad_request", "calculate_type differs from that of the files.")
        made = self.add_audience(
            body["custom_audience_name"],
            str(body["advertiser_id"]),
            kind=kind,
            history=[],
            retention=int(body.get("retention_in_days") or 365),
        )
        self._change(made, "CREATE", keys, unreadable)
        return self._ok({"custom_audience_id": made.id})

    @route("POST", f"{_API}/dmp/custom_audience/update")
    def update(self, request: Request) -> Response:
        """Append, remove or replace; `action` must be said, clients disagree on its default."""
        body = request.json_object()
        need(body, "advertiser_id", "custom_audience_id", "action")
        one = self._own(body["advertiser_id"], body["custom_audience_id"])
        if body["action"] not in {"APPEND", "REMOVE", "REPLACE"}:
            raise Refusal("bad_request", "action must be APPEND, REMOVE or REPLACE.")
        _, keys, unreadable = self._read_files(body)
        self._change(one, body["action"], keys, unreadable)
        return self._ok({"custom_audience_id": one.id})

    def _change(self, one: Audience, action: str, keys: list[Key], unreadable: int) -> None:
        job = self.add_job(unreadable=unreadable)
        one.info["job"] = job
        one.info["history"].append({"action": action, "opt_time": int(self.clock()), "editor": "local"})
        if job.outcome in {"failed", "stuck"}:
            return
        if action == "REPLACE":
            one.members.clear()
        if action == "REMOVE":
            one.remove(job.apply(keys))
        else:
            self.send(one, job.apply(keys))

    def _own(self, advertiser: Any, audience_id: Any) -> Audience:
        found = self.audience(audience_id)
        if found.owner != str(advertiser):
            raise Refusal("not_found", f"Audience {audience_id} does not belong to the advertiser.")
        return found

    @route("GET", f"{_API}/dmp/custom_audience/get")
    def get(self, request: Request) -> Response:
        """Tell details of audiences; `is_valid` means that the file is done and the audience big enough."""
        need(dict(request.query), "advertiser_id", "custom_audience_ids")
        ids = re.findall(r"\d+", request.query["custom_audience_ids"])
        if not 1 <= len(ids) <= 100:
            raise Refusal("bad_request", "custom_audience_ids must hold 1 to 100 ids.")
        owned = [self._own(request.query["advertiser_id"], audience_id) for audience_id in ids]
        return self._ok({"list": [self._describe(one) for one in owned]})

    def _describe(self, one: Audience) -> dict[str, Any]:
        job: Job | None = one.info.get("job")
        finished = (job is None or job.is_finished()) and not self.trouble("not_ready")
        error, status = "", "READY" if finished else "PROCESSING"
        if job and finished:
            refused = job.refused_rows + int(job.info["unreadable"])
            error = f"{refused} ids could not be read." if refused else ""
            if job.outcome == "failed":
                error, status = "The file could not be processed.", "FAILED"
        details = {
            "audience_id": one.id,
            "name": one.name,
            "calculate_type": one.info.get("kind", ""),
            "audience_type": "Customer File",
            "cover_num": one.matched if finished else 0,
            "is_valid": finished and one.matched >= MINIMUM,
            "is_expiring": False,
            "is_creator": True,
            "shared": False,
            "error_msg": error,
            "create_time": int(one.created),
            # [K] how the documentation names work in progress is behind a login
            "audience_status": status,
            "expired_time": int(one.created) + 365 * 86_400,
        }
        return {"audience_details": details, "audience_history": one.info["history"]}

    @route("GET", f"{_API}/dmp/custom_audience/list")
    def list_all(self, request: Request) -> Response:
        """List an advertiser's audiences, `page_size` (10) at a time."""
        need(dict(request.query), "advertiser_id")
        mine = [one for one in self.audiences.values() if one.owner == request.query["advertiser_id"]]
        page, size = int(request.query.get("page") or 1), int(request.query.get("page_size") or 10)
        shown = [{"audience_id": one.id, "name": one.name, "cover_num": one.matched} for one in mine]
        told = {
            "page": page,
            "page_size": size,
            "total_number": len(mine),
            "total_page": -(-len(mine) // size),
        }
        return self._ok({"list": shown[(page - 1) * size : page * size], "page_info": told})

    @route("POST", f"{_API}/dmp/custom_audience/delete")
    def delete(self, request: Request) -> Response:
        """Delete audiences."""
        body = request.json_object()
        need(body, "advertiser_id", "custom_audience_ids")
        for audience_id in body["custom_audience_ids"]:
            del self.audiences[self._own(body["advertiser_id"], audience_id).id]
        return self._ok({})

    @route("POST", f"{_API}/segment/audience")
    def change_segment(self, request: Request) -> Response:
        """Make or delete an audience that is fed by stream."""
        body = request.json_object()
        need(body, "advertiser_id", "action")
        if body["action"] == "delete":
            del self.audiences[self._own(body["advertiser_id"], body.get("audience_id")).id]
            return self._ok({})
        need(body, "custom_audience_name")
        made = self.add_audience(body["custom_audience_name"], str(body["advertiser_id"]), history=[])
        return self._ok({"audience_id": made.id})

    @route("POST", f"{_API}/segment/mapping")
    def map_segment(self, request: Request) -> Response:
        """Add or delete people of streamed audiences: columns follow id_schema, {} is "not there"."""
        body = request.json_object()
        need(body, "advertiser_ids", "action", "id_schema", "batch_data")
        schema = check_rows(body["id_schema"], len(ID_SCHEMAS), "id_schema")
        if not set(schema) <= ID_SCHEMAS or body["action"] not in {"add", "delete"}:
            raise Refusal("bad_request", "id_schema or action is unknown.")
        rows = check_rows(body["batch_data"], MAX_STREAM_ROWS, "batch_data")
        if any(not isinstance(row, list) or len(row) != len(schema) for row in rows):
            raise Refusal("bad_request", "batch_data does not match id_schema.")
        owners = {str(one) for one in body["advertiser_ids"]}
        changes: dict[str, list[Key]] = {}
        for name, column in zip(schema, zip(*rows, strict=True), strict=True):
            cells = [cell for cell in column if cell]
            keys = read_hex(
                [cell.get("id") for cell in cells], sizes=frozenset({32 if name.endswith("MD5") else 64})
            )
            if None in keys:
                raise Refusal("bad_request", f"batch_data holds an id that is no {name}.")
            for cell, key in zip(cells, keys, strict=True):
                for audience_id in cell.get("audience_ids", []):
                    changes.setdefault(str(audience_id), []).append(key or b"")
        targets = [(self.audience(audience_id), keys) for audience_id, keys in changes.items()]
        for one, keys_of_one in targets:
            if one.owner not in owners:
                raise Refusal("not_found", f"Audience {one.id} does not belong to the advertisers.")
            if body["action"] == "add":
                self.send(one, keys_of_one)
            else:
                one.remove(keys_of_one)
        return self._ok({})
