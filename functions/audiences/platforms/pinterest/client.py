"""Pinterest customer lists: the first batch makes the list, and a list counts what it took in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import OAuthRefresh
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import SetupError
from audiences.platforms.pinterest.payload import build_change, build_list
from audiences.platforms.pinterest.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Batch, Http, Secret

_COUNTERS = {"ADD": "num_uploaded_user_records", "REMOVE": "num_removed_user_records"}


class PinterestClient(ApiClient):
    """One ad account."""

    title = "Pinterest"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign in with a refresh token of the scopes ads:read and ads:write."""
        super().__init__(http, secret, destination, **options)
        token_path = f"/{API_VERSION}/oauth/token"  # of base_url: the client's secret goes nowhere else
        self.auth = OAuthRefresh(http, secret, self.title, token_path, basic=True, clock=self.clock)

    @property
    def _lists(self) -> str:
        return f"/{API_VERSION}/ad_accounts/{self.setting('ad_account')}/customer_lists"

    def find_audience(self, name: str) -> Audience | None:
        """Look through every page of the account's lists."""
        query = {"page_size": "100"}
        while True:
            page = self.ask("GET", self._lists, query=query)
            for row in page.rows("items"):
                if row.text("name", "") == name:
                    return Audience(row.id("id"), name)
            following = page.text("bookmark", "")
            if not following:
                return None
            query["bookmark"] = self.other(following, query.get("bookmark"))

    def create_audience(self, name: str) -> Audience:
        """Leave it to the first batch: Pinterest makes no empty list."""
        return Audience("", name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Make or change the list.

        The job is what the list had counted before, to see what this batch adds.
        """
        if not audience.id:
            return self._make(audience, batch)
        change = build_change(batch)
        path = f"{self._lists}/{audience.id}"
        counted = self.ask("GET", path).count(_COUNTERS[change["operation_type"]])
        told = self.ask("PATCH", path, data=change)
        if told.id("id") != audience.id:
            raise told.doubt("it is about another list")
        return BatchResult(accepted=0, job=f"{change['operation_type']}:{counted}")

    def _make(self, audience: Audience, batch: Batch) -> BatchResult:
        if batch.operation == "remove":
            raise SetupError(
                f"Pinterest has no list {audience.name!r} to remove people from.",
                "",
                "Deliver one to add first.",
            )
        found = self.find_audience(audience.name)  # a repeat whose first answer was lost
        answer = None if found else self.ask("POST", self._lists, data=build_list(audience.name, batch))
        made = found.id if found else answer.id("id") if answer else ""
        return BatchResult(accepted=0, job="ADD:0", audience_id=made)

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Look at the list: until it is READY or TOO_SMALL its batches are under way."""
        found = self.ask("GET", f"{self._lists}/{audience.id}")
        if found.text("status") not in ("READY", "TOO_SMALL"):
            return None
        operation, _, before = job.partition(":")
        taken = found.count(_COUNTERS[operation]) - int(before)
        # Removing counts whom the list had; who was not in it is out all the same.
        accepted = max(0, min(rows, taken)) if operation == "ADD" else rows
        rejected = rows - accepted
        return BatchResult(
            accepted=accepted, rejected=rejected, reasons={"not_taken": rejected} if rejected else {}
        )

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return status and records."""
        found = self.ask("GET", f"{self._lists}/{audience.id}")
        return {"state": found.shown("status"), "records": found.shown("num_uploaded_user_records")}


_OAUTH = "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://api.pinterest.com",
    secret_fields=(
        Field("client_id", "App id", "Of your Pinterest app.", _OAUTH),
        Field("client_secret", "App secret", "Of your Pinterest app.", _OAUTH),
        Field("refresh_token", "Refresh token", "Of the scopes ads:read and ads:write.", _OAUTH),
        Field("ad_account", "Ad account", "Its number.", "https://help.pinterest.com/en/business/article/find-ids"),
    ),
    account="ad_account",
    settings=("ad_account",),
    make=PinterestClient,
)  # fmt: skip
