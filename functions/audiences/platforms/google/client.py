"""Google's Data Manager API, for Google Ads and Display & Video 360: what was taken is judged later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import OAuthRefresh
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import SetupError
from audiences.platforms.google.payload import build_body, build_list
from audiences.platforms.google.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Answer, Batch, Http, Secret
    from audiences.delivery.told import Told
    from audiences.errors import AudienceError

_LATER = {"INTERNAL_ERROR", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"}
# The diagnostics page says FAILURE, the API's discovery document FAILED. Every other state is waited for.
_FAILED = {"FAILED", "FAILURE"}
_ENDED = {"SUCCESS", "PARTIAL_SUCCESS", *_FAILED}
_TERMS = "TERMS_AND_CONDITIONS_NOT_SIGNED"
_LONGEST_DAYS = (
    540  # https://developers.google.com/ads/blog/posts/2025/02/update-to-customer-match-membership
)


class GoogleClient(ApiClient):
    """One advertiser account of Google Ads or of Display & Video 360."""

    title = "Google Data Manager"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign in with a refresh token of the scope `datamanager`."""
        super().__init__(http, secret, destination, **options)
        token_url = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
        self.auth = OAuthRefresh(http, secret, self.title, token_url, clock=self.clock)

    @property
    def _kind(self) -> str:
        return self.setting("account_type", "GOOGLE_ADS")

    @property
    def _account(self) -> str:
        return self.setting("account").replace("-", "")

    @property
    def _lists(self) -> str:
        return f"/{API_VERSION}/accountTypes/{self._kind}/accounts/{self._account}/userLists"

    def _target(self, audience: Audience) -> dict[str, Any]:
        account = {"accountType": self._kind, "accountId": self._account}
        target: dict[str, Any] = {"operatingAccount": account, "productDestinationId": audience.id}
        login = self.setting("login_account", "").replace("-", "")
        if login:
            kind = self.setting("login_account_type", self._kind)
            target["loginAccount"] = {"accountType": kind, "accountId": login}
        return target

    def find_audience(self, name: str) -> Audience | None:
        """Look through every page of the account's user lists."""
        query = {"pageSize": "100"}
        while True:
            page = self.ask("GET", self._lists, query=query)
            for row in page.rows("userLists", required=False):
                if row.text("displayName", "") == name:
                    return Audience(row.id("id"), name)
            following = page.text("nextPageToken", "")
            if not following:
                return None
            query["pageToken"] = self.other(following, query.get("pageToken"))

    def create_audience(self, name: str) -> Audience:
        """Make a user list for contact data, or for what the setting `key_type` says."""
        days = self.whole_number("membership_days", _LONGEST_DAYS)
        body = build_list(name, self.setting("key_type", "CONTACT_ID"), days)
        return Audience(self.ask("POST", self._lists, data=body).id("id"), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Send members; the answer is a request id, the judgement comes with `poll`."""
        if batch.operation == "clear":
            body = {"destinations": [self._target(audience)], "removeAsOfTime": batch.started}
            answer = self.ask("POST", f"/{API_VERSION}/audienceMembers:removeAll", data=body)
        else:
            answer = self._members(audience, batch)
        return BatchResult(accepted=0, job=answer.id("requestId"))

    def validate(self, audience: Audience, batch: Batch) -> BatchResult:
        """Let Google check a batch with `validateOnly`: "only errors are returned, not results".

        The words are those of PyPI google-ads-datamanager 0.9.4.
        """
        told = self._members(audience, batch, validate_only=True)
        if told.fields.keys() - {"requestId", "fieldWarnings"}:
            raise told.doubt("it is no answer to a request that was only checked")
        return BatchResult(accepted=batch.rows)

    def _members(self, audience: Audience, batch: Batch, *, validate_only: bool = False) -> Told:
        verb = "remove" if batch.operation == "remove" else "ingest"
        body = build_body(batch, self._target(audience), validate_only=validate_only)
        return self.ask("POST", f"/{API_VERSION}/audienceMembers:{verb}", body=body)

    def poll(self, _audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Ask how a request went. https://developers.google.com/data-manager/api/devguides/diagnostics.

        What has its default value is left out of proto3's JSON: `{}` says that there is no status yet.
        """
        path = f"/{API_VERSION}/requestStatus:retrieve"
        told = self.ask("GET", path, query={"requestId": job}, job=True)
        listed = told.rows("requestStatusPerDestination", required=False)
        states = {row.text("requestStatus", "") for row in listed}
        if not states or not states <= _ENDED:
            return None
        reasons: dict[str, int] = {}
        for row in listed:
            for error in row.part("errorInfo", required=False).rows("errorCounts", required=False):
                reason = error.text("reason", "").removeprefix("PROCESSING_ERROR_REASON_").lower()
                reason = reason if re.fullmatch(r"[a-z_]+", reason) else "unspecified"
                reasons[reason] = reasons.get(reason, 0) + error.count("recordCount", default=0)
        if states & _FAILED:
            return BatchResult(accepted=0, rejected=rows, reasons=reasons or {"failed": rows})
        # A record with two faults counts in both reasons; of a part that succeeded somebody is there.
        most = max(1, rows - 1) if "PARTIAL_SUCCESS" in states else rows
        rejected = min(most, sum(reasons.values()))
        if "PARTIAL_SUCCESS" in states and not rejected:
            raise told.doubt("it took only a part and does not say how much")
        told_more = {**_match_rate(listed), **_warnings(listed)}
        return BatchResult(accepted=rows - rejected, rejected=rejected, reasons=reasons, told=told_more)

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return the sizes by network."""
        found = self.ask("GET", f"{self._lists}/{audience.id}")
        info = found.part("sizeInfo", required=False)
        sizes = {name: info.count(name) for name in info.fields if info.says(name)}
        return {**sizes, "state": found.shown("membershipStatus")}

    def problem(self, answer: Answer) -> AudienceError | None:
        """Go by the reason in the error's details."""
        reason = self._reason(answer)
        if answer.status >= 400 and reason in _LATER:
            return self.busy(answer)
        if reason == _TERMS:
            return SetupError(
                "The Customer Match terms are not accepted.",
                self.told(answer),
                "Accept them in the account under Tools > Data manager, then redrive.",
            )
        return super().problem(answer)

    @staticmethod
    def _reason(answer: Answer) -> str:
        error = answer.fields.get("error")
        details = error.get("details") if isinstance(error, dict) else None
        found = [
            row.get("reason")
            for row in (details if isinstance(details, list) else ())
            if isinstance(row, dict) and row.get("reason")
        ]
        return str(found[0]) if found else ""


def _match_rate(listed: list[Told]) -> dict[str, Any]:
    """Return how many of ten Google recognised, as it tells: a range."""
    for row in listed:
        members = row.part("audienceMembersIngestionStatus", required=False)
        status = members.part("userDataIngestionStatus", required=False)
        shown = status.text("uploadMatchRateRange", "").removeprefix("MATCH_RATE_RANGE_")
        if shown and shown not in ("NOT_ELIGIBLE", "UNKNOWN"):
            return {"match_rate": shown.replace("_TO_", "-").replace("_", " ").lower() + " %"}
    return {}


def _warnings(listed: list[Told]) -> dict[str, Any]:
    """Return what Google warns of: reasons with their records."""
    found: dict[str, int] = {}
    for row in listed:
        for one in row.part("warningInfo", required=False).rows("warningCounts", required=False):
            reason = one.text("reason", "").removeprefix("PROCESSING_WARNING_REASON_").lower()
            if re.fullmatch(r"[a-z_]+", reason):
                found[reason] = found.get(reason, 0) + one.count("recordCount", default=0)
    text = ", ".join(f"{reason} ({count:,} records)" for reason, count in sorted(found.items()))
    return {"warning": f"Google warns of an upload it took: {text}."} if text else {}


_SETUP = "https://developers.google.com/data-manager/api/devguides/quickstart/set-up-access"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://datamanager.googleapis.com",
    hosts=("oauth2.googleapis.com",),
    secret_fields=(
        Field("client_id", "OAuth client id", "Of a project with the Data Manager API on.", _SETUP),
        Field("client_secret", "OAuth client secret", "Belongs to the client id.", _SETUP),
        Field("refresh_token", "Refresh token", "Of the scope auth/datamanager.", _SETUP),
        Field("account", "Account", "Number of the account that owns the list.", _SETUP),
        Field("account_type", "Account type", "GOOGLE_ADS unless it is another.", _SETUP, required=False),
        Field("login_account", "Manager account", "When access comes through one.", _SETUP, required=False),
    ),
    account="account",
    settings=("account", "account_type", "key_type", "login_account", "login_account_type", "membership_days"),
    make=GoogleClient,
    parallel=4,
    replace="clear_after",
    validates=True,
)  # fmt: skip
