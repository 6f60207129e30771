"""Snap Audience Match: segments of one kind of id a call; what was read is told by number only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import OAuthRefresh
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.uploader import Field, Uploader
from audiences.platforms.snap.payload import build_body
from audiences.platforms.snap.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Batch, Http, Secret

_FOREVER_DAYS = 9999  # "lifetime", in the words of the customer lists page


class SnapClient(ApiClient):
    """One ad account."""

    title = "Snap"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign in with a refresh token of the scope snapchat-marketing-api."""
        super().__init__(http, secret, destination, **options)
        token_url = "https://accounts.snapchat.com/login/oauth2/access_token"  # noqa: S105  # an address
        self.auth = OAuthRefresh(http, secret, self.title, token_url, clock=self.clock)

    @property
    def _segments(self) -> str:
        return f"/{API_VERSION}/adaccounts/{self.setting('ad_account')}/segments"

    def find_audience(self, name: str) -> Audience | None:
        """Look through the account's segments, page by page where Snap pages."""
        path = self._segments
        while True:
            page = self.request("GET", path).fields
            for row in page.get("segments", []):
                if row["segment"].get("name") == name:
                    return Audience(str(row["segment"]["id"]), name)
            following = (page.get("paging") or {}).get("next_link")
            if not following:
                return None
            path = str(following)

    def create_audience(self, name: str) -> Audience:
        """Make an empty segment."""
        segment = {
            "name": name,
            "description": "Kept by Audience Relay",
            "source_type": "FIRST_PARTY",
            "retention_in_days": int(self.setting("retention_days", str(_FOREVER_DAYS))),
            "ad_account_id": self.setting("ad_account"),
        }
        answer = self.request("POST", self._segments, data={"segments": [segment]}).fields
        return Audience(str(answer["segments"][0]["segment"]["id"]), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Add or remove ids, or everybody. Snap tells how many it uploaded."""
        path = f"/{API_VERSION}/segments/{audience.id}"
        if batch.operation == "clear":
            self.request("DELETE", f"{path}/all_users")
            return BatchResult(accepted=0)
        method = "DELETE" if batch.operation == "remove" else "POST"
        answer = self.request(method, f"{path}/users", body=build_body(batch)).fields
        told = (answer.get("users") or [{}])[0]
        told = told.get("user", told)
        taken = min(batch.rows, int(told.get("number_uploaded_users", batch.rows)))
        refused = batch.rows - taken
        return BatchResult(
            accepted=taken, rejected=refused, reasons={"not_uploaded": refused} if refused else {}
        )

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return size and state."""
        found = self.request("GET", f"/{API_VERSION}/segments/{audience.id}").fields
        segment = (found.get("segments") or [{}])[0].get("segment", {})
        return {
            "size": segment.get("approximate_number_users"),
            "upload": segment.get("upload_status"),
            "usable": segment.get("targetable_status"),
        }


_OAUTH = "https://developers.snap.com/api/marketing-api/Ads-API/authentication"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://adsapi.snapchat.com",
    secret_fields=(
        Field("client_id", "OAuth client id", "Of your Snap app.", _OAUTH),
        Field("client_secret", "OAuth client secret", "Of your Snap app.", _OAUTH),
        Field("refresh_token", "Refresh token", "Of the scope snapchat-marketing-api.", _OAUTH),
        Field("ad_account", "Ad account", "Its id, from Ads Manager.", _OAUTH),
    ),
    account="ad_account",
    make=SnapClient,
    replace="clear_before",
)  # fmt: skip
