"""The user list service of the Data Manager stand-in: members can only be sent to a list that exists."""

from __future__ import annotations

import re
from typing import Any

from local.platforms import google_members as members
from local.platforms.base import Audience, StandIn, need, route
from local.platforms.wire import Refusal, Request, Response, answer

MAX_DURATION_DAYS = (
    540  # https://developers.google.com/ads/blog/posts/2025/02/update-to-customer-match-membership
)
_FIELDS = {
    "displayName",
    "description",
    "membershipDuration",
    "membershipStatus",
    "integrationCode",
    "ingestedUserListInfo",
    "name",
    "id",
    "readOnly",
    "sizeInfo",
    "accessReason",
    "accountAccessStatus",
    "closingReason",
    "targetNetworkInfo",
}
_PARENT = "/v1/accountTypes/{account_type}/accounts/{account}/userLists"


class UserLists(StandIn):
    """Create, list, get, patch and delete user lists."""

    def memory_seconds(self, audience: Audience) -> float:
        """Go by the list's membershipDuration."""
        return float(audience.info.get("duration", f"{MAX_DURATION_DAYS * 86_400}s").removesuffix("s"))

    @route("POST", _PARENT)
    def create_list(self, request: Request, account_type: str, account: str) -> Response:
        """Make a user list; its name is unique in the account, its upload key types never change."""
        body = request.json_object()
        if unknown := body.keys() - _FIELDS:
            raise Refusal("bad_request", f'Invalid JSON payload received. Unknown name "{min(unknown)}".')
        need(body, "displayName", "ingestedUserListInfo")
        if account_type not in members.ACCOUNT_TYPES[1:] or not account.isdigit():
            raise Refusal("bad_request", "Unknown account type, or the account is no number.", field="parent")
        info = body["ingestedUserListInfo"]
        types = {members.enum(kind, members.KEY_TYPES) for kind in info.get("uploadKeyTypes", [])}
        if not types or not types <= set(members.KEY_TYPES[1:]):
            raise Refusal(
                "bad_request", "uploadKeyTypes is required.", field="ingested_user_list_info.upload_key_types"
            )
        if "MOBILE_ID" in types and not (info.get("mobileIdInfo") or {}).get("appId"):
            raise Refusal(
                "bad_request", "MOBILE_ID needs mobileIdInfo.appId.", field="ingested_user_list_info"
            )
        owner = f"accountTypes/{account_type}/accounts/{account}"
        self._check_name(owner, body["displayName"])
        duration = _check_duration(body.get("membershipDuration"))
        if request.query.get("validateOnly") == "true":
            return answer(200, {})
        given = {
            name: body[name]
            for name in ("description", "integrationCode", "ingestedUserListInfo")
            if name in body
        }
        made = self.add_audience(
            body["displayName"], owner, upload_key_types=types, given=given, duration=duration
        )
        return answer(200, _describe(made))

    def _check_name(self, owner: str, name: str) -> None:
        if any(one.owner == owner and one.name == name for one in self.audiences.values()):
            raise Refusal("conflict", "The display name is in use.", field="display_name")

    @route("GET", _PARENT)
    def list_lists(self, request: Request, account_type: str, account: str) -> Response:
        """List an account's user lists, `pageSize` (50) at a time."""
        owner = f"accountTypes/{account_type}/accounts/{account}"
        mine = [_describe(one) for one in self.audiences.values() if one.owner == owner]
        if wanted := re.fullmatch(r'display_?[nN]ame\s*=\s*"(.*)"', request.query.get("filter", "")):
            mine = [one for one in mine if one["displayName"] == wanted[1]]
        start, size = int(request.query.get("pageToken") or 0), int(request.query.get("pageSize") or 50)
        body: dict[str, Any] = {"userLists": mine[start : start + size]}
        if start + size < len(mine):
            body["nextPageToken"] = str(start + size)
        return answer(200, body)

    @route("GET", _PARENT + "/{list_id}")
    def get_list(self, _request: Request, account_type: str, account: str, list_id: str) -> Response:
        """Read a user list with its sizes."""
        return answer(200, _describe(self._own(account_type, account, list_id)))

    @route("PATCH", _PARENT + "/{list_id}")
    def patch_list(self, request: Request, account_type: str, account: str, list_id: str) -> Response:
        """Change name, description or duration, as `updateMask` says."""
        one, body = self._own(account_type, account, list_id), request.json_object()
        masks = {"displayName", "description", "membershipDuration", "membershipStatus", "integrationCode"}
        names = [_camel(name) for name in request.query.get("updateMask", "").split(",") if name] or [*body]
        if not set(names) <= masks:
            raise Refusal("bad_request", "The field cannot be changed.", field="update_mask")
        for name in names:
            if name == "displayName":
                self._check_name(one.owner, body[name])
                one.name = body[name]
            elif name == "membershipDuration":
                one.info["duration"] = _check_duration(body.get(name))
            else:
                one.info["given"][name] = body.get(name)
        return answer(200, _describe(one))

    @route("DELETE", _PARENT + "/{list_id}")
    def delete_list(self, _request: Request, account_type: str, account: str, list_id: str) -> Response:
        """Delete a user list."""
        del self.audiences[self._own(account_type, account, list_id).id]
        return answer(200, {})

    def _own(self, account_type: str, account: str, list_id: str) -> Audience:
        found = self.audience(list_id)
        if found.owner != f"accountTypes/{account_type}/accounts/{account}":
            raise Refusal("not_found", "There is no such user list in this account.")
        return found


def _check_duration(value: Any) -> str:
    if value is None:
        return f"{MAX_DURATION_DAYS * 86_400}s"
    found = re.fullmatch(r"(\d+)s", str(value))
    if not found or int(found[1]) % 86_400:
        raise Refusal(
            "bad_request", "membershipDuration must be whole days in seconds.", field="membership_duration"
        )
    if int(found[1]) > MAX_DURATION_DAYS * 86_400:
        raise Refusal(
            "bad_request",
            f"At most {MAX_DURATION_DAYS} days.",
            field="membership_duration",
            reason="MEMBERSHIP_DURATION_TOO_LONG",
        )
    return str(value)


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def _describe(one: Audience) -> dict[str, Any]:
    size = str(one.matched)
    sizes = {
        "displayNetworkMembersCount": size,
        "searchNetworkMembersCount": size,
        "youtubeMembersCount": size,
        "gmailMembersCount": size,
    }
    return {
        "name": f"{one.owner}/userLists/{one.id}",
        "id": one.id,
        "displayName": one.name,
        "readOnly": False,
        "membershipStatus": "OPEN",
        "membershipDuration": one.info["duration"],
        "accessReason": "OWNED",
        "accountAccessStatus": "ENABLED",
        "sizeInfo": sizes,
        **one.info["given"],
    }
