"""TikTok customer files: upload a signed file, make or change an audience of it, ask until it is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from audiences.delivery.auth import StaticToken
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.told import Told
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import AudienceError, RetryLater, SetupError
from audiences.platforms.tiktok import payload
from audiences.platforms.tiktok.version import API_VERSION, DOCS
from audiences.uploads.drop_client import DropApiClient, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.client import Answer, Http, Secret
    from audiences.delivery.model import Batch

_API = f"/open_api/{API_VERSION}/dmp/custom_audience"
_PAGE = 100
_MOST_PAGES = 10_000


def _code(answer: Answer) -> int | None:
    """Return the code, None where there is none: 0 alone says done."""
    code = answer.fields.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


class TikTok(DropApiClient):
    """One advertiser account."""

    title = "TikTok"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str]) -> None:
        """Use the access token of the secret."""
        super().__init__(http, secret, destination)
        self.auth = StaticToken(secret, self.title, header="Access-Token", prefix="")

    @property
    def advertiser(self) -> str:
        """Return the advertiser's id."""
        return self.setting("advertiser_id")

    def is_expired(self, answer: Answer) -> bool:
        """Tell whether the code asks for another token."""
        return answer.status == 401 or _code(answer) in payload.TOKEN_CODES

    def problem(self, answer: Answer) -> AudienceError | None:
        """Read the code of an HTTP 200; everything else means what it means everywhere."""
        code = _code(answer)
        if answer.status != 200 or code == 0:
            return super().problem(answer)
        if code in payload.BUSY_CODES or (code is not None and 50000 <= code < 52000):
            return self.busy(answer)
        if code in payload.PERMISSION_CODES:
            return SetupError(
                f"TikTok does not allow this (code {code}).",
                self.told(answer),
                "Accept the Custom Audience terms in Ads Manager, and give the app audience permission.",
            )
        if code is None:
            return RetryLater("TikTok's answer has no code.", "It may come from something in between.")
        return SetupError(
            f"TikTok refused a request (code {code}).",
            self.told(answer),
            "See the common errors in platforms/tiktok/README.md, then redrive.",
        )

    def find_audience(self, name: str) -> Audience | None:
        """Look through every page of the advertiser's audiences."""
        page = pages = 1
        while page <= pages:
            query = {"advertiser_id": self.advertiser, "page": str(page), "page_size": str(_PAGE)}
            data = self._data(self.request("GET", f"{_API}/list/", query=query))
            for row in data.rows("list"):
                if row.text("name", "") == name:
                    return Audience(row.id("audience_id"), name)
            pages = data.part("page_info").count("total_page", most=_MOST_PAGES)
            page += 1
        return None

    def create_audience(self, name: str) -> Audience:
        """Leave it to the first file: TikTok makes no empty audiences."""
        return Audience("", name, created=True)

    def open_place(self, audience: Audience, batch: Batch) -> Place:
        """Upload the file and return its path, of which audiences are made. It changes no audience yet."""
        del audience
        kind, content = payload.split_file(batch.read())
        name = f"{batch.key}.csv"
        parts = payload.upload_parts(self.advertiser, kind, name, content)
        content_type, body = payload.multipart(parts, name, content)
        answer = self.request(
            "POST", f"{_API}/file/upload/", body=body, headers={"Content-Type": content_type}
        )
        return {"file_path": self._data(answer).text("file_path"), "calculate_type": kind}

    def publish(self, audience: Audience, batch: Batch, place: Mapping[str, str]) -> BatchResult:
        """Make the audience of the file, or change it. The same file twice changes nothing."""
        # Made already where there is no id: by a repeat's first attempt, whose answer was lost.
        found = audience if audience.id else self.find_audience(audience.name)
        if found:
            body = payload.update_body(self.advertiser, found.id, batch.operation, place)
            self.request("POST", f"{_API}/update/", data=body)
            return BatchResult(accepted=batch.rows, job=found.id, audience_id=found.id)
        days = self.whole_number("retention_in_days", 365)
        body = payload.create_body(self.advertiser, audience.name, place, days)
        made = self._data(self.request("POST", f"{_API}/create/", data=body)).id("custom_audience_id")
        return BatchResult(accepted=batch.rows, job=made, audience_id=made)

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Ask whether the audience's files are worked through."""
        del audience
        return payload.read_details(self._details(job), rows)

    def overdue(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Take an audience below the minimum for what it is: there, and not usable yet."""
        del audience
        return payload.read_overdue(self._details(job), rows)

    def describe(self, audience: Audience) -> Mapping[str, Any]:
        """Return how many people TikTok recognised, and whether that is enough to be used."""
        details = Told(self._details(audience.id), self.title).first("list").part("audience_details")
        names = ("cover_num", "is_valid", "audience_status")
        return {name: details.shown(name) for name in names if details.says(name)}

    def _details(self, audience_id: str) -> Mapping[str, Any]:
        query = {"advertiser_id": self.advertiser, "custom_audience_ids": json.dumps([audience_id])}
        return self._data(self.request("GET", f"{_API}/get/", query=query)).fields

    def _data(self, answer: Answer) -> Told:
        return self.read(answer).part("data")


UPLOADER = Uploader(
    pattern="multi-step",
    base_url="https://business-api.tiktok.com",
    secret_fields=(
        Field(
            "access_token",
            "Access token",
            "Of an app with the audience permission; sent as Access-Token.",
            DOCS,
        ),
        Field("advertiser_id", "Advertiser id", "The advertiser account that owns the audiences.", DOCS),
        Field(
            "retention_in_days",
            "Retention in days",
            "How long people stay, 1 to 365. Default 365.",
            DOCS,
            required=False,
        ),
    ),
    account="advertiser_id",
    settings=("advertiser_id", "retention_in_days"),
    make=TikTok,
    replace="first_batch",
    poll_seconds=300,
    poll_hours=48,
)
