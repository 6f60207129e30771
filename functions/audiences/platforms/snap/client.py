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

    from audiences.delivery import Answer, Batch, Http, Secret
    from audiences.delivery.told import Told

_FOREVER_DAYS = 9999  # "lifetime", in the words of the customer lists page


class SnapClient(ApiClient):
    """One ad account."""

    title = "Snap"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign in with a refresh token of the scope snapchat-marketing-api."""
        super().__init__(http, secret, destination, **options)
        token_url = "https://accounts.snapchat.com/login/oauth2/access_token"  # noqa: S105  # an address
        self.auth = OAuthRefresh(http, secret, self.title, token_url, clock=self.clock)

    def read(self, answer: Answer) -> Told:
        """Return what an answer says; a 200 may say that it, or one of its parts, failed."""
        told = super().read(answer)
        said = [told.text("request_status", "")]
        for value in told.fields.values():
            rows = value if isinstance(value, list) else ()
            said += [str(row.get("sub_request_status", "SUCCESS")) for row in rows if isinstance(row, dict)]
        if any(word.upper() != "SUCCESS" for word in said):
            raise told.doubt("it does not say SUCCESS")
        return told

    @property
    def _segments(self) -> str:
        return f"/{API_VERSION}/adaccounts/{self.setting('ad_account')}/segments"

    def find_audience(self, name: str) -> Audience | None:
        """Look through the account's segments, page by page where Snap pages."""
        path = self._segments
        while True:
            page = self.ask("GET", path)
            for row in page.rows("segments"):
                segment = row.part("segment")
                if segment.text("name", "") == name:
                    return Audience(segment.id("id"), name)
            following = page.part("paging", required=False).text("next_link", "")
            if not following:
                return None
            path = self.other(following, path)

    def create_audience(self, name: str) -> Audience:
        """Make an empty segment."""
        segment = {
            "name": name,
            "description": "Kept by Audience Relay",
            "source_type": "FIRST_PARTY",
            "retention_in_days": self.whole_number("retention_days", _FOREVER_DAYS),
            "ad_account_id": self.setting("ad_account"),
        }
        made = self.ask("POST", self._segments, data={"segments": [segment]}).first("segments")
        return Audience(made.part("segment").id("id"), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Add or remove ids, or everybody. Snap tells how many it uploaded."""
        path = f"/{API_VERSION}/segments/{audience.id}"
        if batch.operation == "clear":
            self.ask("DELETE", f"{path}/all_users")
            return BatchResult(accepted=0)
        method = "DELETE" if batch.operation == "remove" else "POST"
        told = self.ask(method, f"{path}/users", body=build_body(batch)).first("users")
        told = told.part("user") if told.says("user") else told
        taken = told.count("number_uploaded_users", most=batch.rows)
        refused = batch.rows - taken
        return BatchResult(
            accepted=taken, rejected=refused, reasons={"not_uploaded": refused} if refused else {}
        )

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return size and state."""
        segment = self.ask("GET", f"/{API_VERSION}/segments/{audience.id}").first("segments").part("segment")
        return {
            "size": segment.shown("approximate_number_users"),
            "upload": segment.shown("upload_status"),
            "usable": segment.shown("targetable_status"),
        }


_OAUTH = "https://developers.snap.com/api/marketing-api/Ads-API/authentication"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://adsapi.snapchat.com",
    hosts=("accounts.snapchat.com",),
    secret_fields=(
        Field("client_id", "OAuth client id", "Of your Snap app.", _OAUTH),
        Field("client_secret", "OAuth client secret", "Of your Snap app.", _OAUTH),
        Field("refresh_token", "Refresh token", "Of the scope snapchat-marketing-api.", _OAUTH),
        Field("ad_account", "Ad account", "Its id, from Ads Manager.", _OAUTH),
    ),
    account="ad_account",
    settings=("ad_account", "retention_days"),
    make=SnapClient,
    replace="clear_before",
)  # fmt: skip
