"""Stand-in for Microsoft Advertising customer lists: HTTP 200 may carry PartialErrors, one per refused item.

Shapes: PyPI msads 13.0.30.1 (Campaign Management v13, REST). What an upload may hold:
https://learn.microsoft.com/en-us/advertising/campaign-management-service/customerlistuserdata and
https://learn.microsoft.com/en-us/advertising/campaign-management-service/customerlistitemsubtype
"""

from __future__ import annotations

from typing import Any, ClassVar

from local.platforms.base import Audience, check_rows, need, route
from local.platforms.digests import Key, read_hex
from local.platforms.oauth import OAuthStandIn
from local.platforms.wire import Refusal, Request, Response, answer

DEVELOPER_TOKEN = "local-developer-token"  # noqa: S105  # opens nothing but this stand-in
# https://learn.microsoft.com/en-us/advertising/campaign-management-service/applycustomerlistuserdata
MAX_ITEMS = 1_000
_API = "/CampaignManagement/v13"
_RESERVED = frozenset({"Phone", "CRM"})  # in the API and "not currently supported"
_ERRORS = {
    "bad_request": (400, 100, "InvalidRequest"),
    "raw_data": (400, 4800, "CustomerListItemNotHashed"),
    "too_many_rows": (400, 4801, "BatchLimitExceeded"),
    "too_large": (413, 100, "RequestTooLarge"),
    "unauthorized": (401, 105, "InvalidCredentials"),
    "expired": (401, 109, "AuthenticationTokenExpired"),
    "forbidden": (403, 106, "UserIsNotAuthorized"),
    "not_found": (400, 4802, "AudienceIdInvalid"),
    "terms": (400, 8003, "CustomerListTermsAndConditionsNotAccepted"),
    "rate_limited": (429, 117, "CallRateExceeded"),
    "server_error": (500, 0, "InternalError"),
    "sunset": (410, 100, "ApiVersionNoLongerSupported"),
}
# [K] the numbers 48xx; 105, 106, 109, 117 and 8003 are Microsoft's


class Microsoft(OAuthStandIn):
    """Campaign Management of the stand-in, and the token endpoint of login.microsoftonline.com."""

    slug = "microsoft"
    title = "Microsoft Advertising"
    scenarios: ClassVar[frozenset[str]] = OAuthStandIn.scenarios | {"terms_not_accepted", "row_rejects"}

    def memory_seconds(self, audience: Audience) -> float:
        """Go by the list's MembershipDuration; -1 is for good."""
        days = int(audience.info.get("given", {}).get("MembershipDuration") or -1)
        return days * 86_400.0 if days > 0 else float("inf")

    def problem(self, refusal: Refusal) -> Response:
        """Answer an AdApiFaultDetail or ApiFaultDetail."""
        status, code, name = _ERRORS[refusal.kind]
        error = {"Code": code, "ErrorCode": name, "Message": refusal.message, "Index": 0}
        headers = {"Retry_After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
        if code < 1000:
            return answer(
                status, {"TrackingId": "local", "Type": "AdApiFaultDetail", "Errors": [error]}, **headers
            )
        fault = {
            "TrackingId": "local",
            "Type": "ApiFaultDetail",
            "OperationErrors": [error],
            "BatchErrors": [],
        }
        return answer(status, fault)

    def authorize(self, request: Request) -> None:
        """Ask for token, developer token, customer and account."""
        self.check_bearer(request)
        if request.headers.get("developertoken") != DEVELOPER_TOKEN:
            raise Refusal("unauthorized", "DeveloperToken is missing or wrong.")
        if not request.headers.get("customerid") or not request.headers.get("customeraccountid"):
            raise Refusal("bad_request", "CustomerId and CustomerAccountId are required.")

    @route("POST", "/common/oauth2/v2.0/token", is_open=True)
    def token(self, request: Request) -> Response:
        """Stand in for login.microsoftonline.com/common/oauth2/v2.0/token."""
        return self.issue_token(request)

    @route("POST", f"{_API}/Audiences")
    def create(self, request: Request) -> Response:
        """Make customer lists."""
        rows = check_rows(request.json_object().get("Audiences"), 100, "Audiences")
        for row in rows:
            need(row, "Type", "Name", "ParentId", "Scope")
            if row["Type"] != "CustomerList" or row["Scope"] not in {"Account", "Customer"}:
                raise Refusal("bad_request", "Type must be CustomerList, Scope Account or Customer.")
        if self.trouble("terms_not_accepted"):
            raise Refusal("terms", "Accept the customer match terms in the web interface first.")
        made = [self.add_audience(row["Name"], str(row["ParentId"]), given=row) for row in rows]
        return answer(200, {"AudienceIds": [one.id for one in made], "PartialErrors": []})

    @route("POST", f"{_API}/Audiences/QueryByIds")
    def query(self, request: Request) -> Response:
        """Read lists by id, or all of them when AudienceIds is null."""
        body = request.json_object()
        need(body, "Type")
        ids = body.get("AudienceIds")
        if ids == []:
            raise Refusal("bad_request", "AudienceIds must not be empty: send null for all.")
        found = (
            list(self.audiences.values())
            if ids is None
            else [self.audience(audience_id) for audience_id in ids]
        )
        return answer(200, {"Audiences": [_describe(one) for one in found], "PartialErrors": []})

    @route("DELETE", f"{_API}/Audiences")
    def delete(self, request: Request) -> Response:
        """Delete lists."""
        for audience_id in check_rows(request.json_object().get("AudienceIds"), 100, "AudienceIds"):
            del self.audiences[self.audience(audience_id).id]
        return answer(200, {"PartialErrors": []})

    @route("POST", f"{_API}/CustomerListUserData/Apply")
    def apply(self, request: Request) -> Response:
        """Add, remove or replace items: Replace leaves what this one call holds, nothing else."""
        data = request.json_object().get("CustomerListUserData")
        if not isinstance(data, dict):
            raise Refusal("bad_request", "CustomerListUserData is required.")
        need(data, "AudienceId", "ActionType", "CustomerListItemSubType")
        one = self.audience(data["AudienceId"])
        if data["CustomerListItemSubType"] in _RESERVED:
            raise Refusal("bad_request", "The CustomerListItemSubType is not currently supported.")
        if (
            data["ActionType"] not in {"Add", "Remove", "Replace"}
            or data["CustomerListItemSubType"] != "Email"
        ):
            raise Refusal("bad_request", "ActionType or CustomerListItemSubType is unknown.")
        accepted = data.get("AcceptCustomerMatchTerm")
        if accepted not in (None, True, False):
            raise Refusal("bad_request", "AcceptCustomerMatchTerm must be true or false.")
        items = check_rows(data.get("CustomerListItems"), MAX_ITEMS, "CustomerListItems")
        if accepted is False or (accepted is None and self.trouble("terms_not_accepted")):
            raise Refusal("terms", "Accept the customer match terms in the web interface first.")
        keys: list[Key | None] = [*read_hex(items)]
        rejected = self.trouble("row_rejects")
        for at in range(min(rejected.rows, len(keys)) if rejected else 0):
            keys[at] = None
        good: list[Key] = [key for key in keys if key is not None]
        if data["ActionType"] == "Replace":
            one.members.clear()
        if data["ActionType"] == "Remove":
            one.remove(good)
        else:
            self.send(one, good)
        errors = [_partial_error(at) for at, key in enumerate(keys) if key is None]
        return answer(200, {"PartialErrors": errors})


def _partial_error(at: int) -> dict[str, Any]:
    return {
        "Index": at,
        "Code": 4804,
        "ErrorCode": "CustomerListItemInvalid",
        "Message": "The item is not valid.",
        "Type": "BatchError",
        "FieldPath": "CustomerListItems",
    }


def _describe(one: Audience) -> dict[str, Any]:
    size = str(one.matched)  # long numbers are text, as PyPI msads 13.0.30.1 reads them
    return {**one.info["given"], "Id": one.id, "AudienceNetworkSize": size, "SearchSize": size}
