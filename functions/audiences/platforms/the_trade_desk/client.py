"""The Trade Desk CRM data: a segment, an address to drop a file to, the file, and how it went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audiences.delivery.auth import StaticToken
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import RetryLater, SetupError
from audiences.platforms.the_trade_desk import payload
from audiences.platforms.the_trade_desk.version import API_VERSION, DOCS
from audiences.uploads.drop_client import DropApiClient, Place, PlaceExpiredError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.client import Answer, Http, Secret
    from audiences.delivery.model import Batch

_STORED = 200
_GONE = (400, 403, 404)  # what S3 answers to a presigned address that is too old


class TheTradeDesk(DropApiClient):
    """One advertiser. `region` (US, EU, APAC) says where the people are from; it cannot change later."""

    title = "The Trade Desk"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str]) -> None:
        """Use the long-lived token of the secret."""
        super().__init__(http, secret, destination)
        self.auth = StaticToken(secret, self.title, header="TTD-Auth", prefix="")

    @property
    def advertiser(self) -> str:
        """Return the advertiser's id."""
        return self.setting("advertiser_id")

    @property
    def region(self) -> str:
        """Return the region; SetupError when it is none."""
        region = self.setting("region", "US")
        if region not in payload.REGIONS:
            raise SetupError(
                "The region is none of The Trade Desk's.", "", f"Use one of {', '.join(payload.REGIONS)}."
            )
        return region

    def find_audience(self, name: str) -> Audience | None:
        """Look through every page: only an empty one is the last."""
        path, token = f"/{API_VERSION}/crmdata/segment/{self.advertiser}", ""
        while True:
            answer = self.ask("GET", path, query={"pagingToken": token} if token else None)
            segments = answer.rows("Segments")
            for row in segments:
                if row.text("SegmentName", "") == name:
                    return Audience(row.id("CrmDataId"), name)
            following = answer.text("PagingToken", "")
            if not segments or not following:
                return None
            token = self.other(following, token)

    def create_audience(self, name: str) -> Audience:
        """Make the segment."""
        body = payload.segment_body(self.advertiser, name, self.region)
        made = self.ask("POST", f"/{API_VERSION}/crmdata/segment", data=body)
        return Audience(made.id("CrmDataId"), name, created=True)

    def open_place(self, audience: Audience, batch: Batch) -> Place:
        """Ask for an address; it is good for an hour and for one file."""
        body = payload.drop_body(batch.operation, batch.identifier, self.region)
        made = self.ask("POST", self._segment(audience), data=body)
        url = made.text("Url")
        if not re.fullmatch(r"https?://[!-~]+", url):
            raise made.doubt("Url is no address")
        return {"url": url, "reference": made.id("ReferenceId")}

    def publish(self, audience: Audience, batch: Batch, place: Mapping[str, str]) -> BatchResult:
        """Put the file without credentials: the address is signed. The same file again changes nothing."""
        del audience
        answer = self.http.send(
            "PUT", place["url"], headers={"Content-Type": "text/plain"}, body=batch.read()
        )
        if answer.status in _GONE:
            raise PlaceExpiredError(
                "The address to drop the data has expired.", f"Storage says {answer.status}."
            )
        if answer.status != _STORED or answer.body.strip():  # S3 answers a PUT with 200 and nothing else
            raise RetryLater("The drop was not taken.", f"Storage says {answer.status}.")
        return BatchResult(accepted=batch.rows, job=place["reference"])

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Ask how a drop went. 404 says nothing of it: it is waited for, not believed."""
        if self._takes_for_done():
            return BatchResult(
                accepted=rows,
                told={
                    "drop_status": "not asked",
                    "warning": "The Trade Desk took the file; whether it could read it was not asked "
                    "(drop_status: taken). Look at the segment in the platform.",
                },
            )
        answer = self._look(f"{self._segment(audience)}/drop/{job}")
        return None if answer is None else payload.read_drop(self.read(answer).fields, rows)

    def overdue(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Tell apart a drop that is not told of (404) and one that does not end."""
        if self._look(f"{self._segment(audience)}/drop/{job}") is None:
            raise SetupError(
                f"The Trade Desk does not tell how a drop of {rows:,} rows went (404).",
                "It took the file. Whether this account may ask about drops is not on a public page.",
                "Look at the segment in the platform, or ask the account manager. If drops are never told to you, "
                'put "drop_status": "taken" into the secret: a file that was taken then counts as read. Redrive.',
            )
        return None

    def _takes_for_done(self) -> bool:
        """Tell whether the operator says that this account is not told of drops; SetupError for another word."""
        word = self.setting("drop_status", "asked")
        if word not in ("asked", "taken"):
            raise SetupError(
                "drop_status is neither asked nor taken.",
                "It says whether The Trade Desk is asked how a drop went.",
                "Write asked, or taken when it never tells your account.",
            )
        return word == "taken"

    def _look(self, path: str) -> Answer | None:
        """Return the answer, None for 404: whether an account may ask is The Trade Desk's decision."""
        used = self.auth.headers()
        answer = self.http.send("GET", path, headers={"Accept": "application/json", **used})
        if self.is_expired(answer):
            self.auth.renew(used)
            answer = self.http.send(
                "GET", path, headers={"Accept": "application/json", **self.auth.headers()}
            )
        problem = self.problem(answer) if answer.status != 404 else None
        if problem is not None:
            raise problem
        return None if answer.status == 404 else answer

    def _segment(self, audience: Audience) -> str:
        return f"/{API_VERSION}/crmdata/segment/{self.advertiser}/{audience.id}"


_PORTAL = "https://partner.thetradedesk.com/v3/portal/api/doc/Authentication"
UPLOADER = Uploader(
    pattern="multi-step",
    base_url="https://api.thetradedesk.com",
    hosts=(
        "*.s3.amazonaws.com",
        "*.s3.*.amazonaws.com",
        "s3.*.amazonaws.com",
    ),  # the drop's address is signed for S3
    secret_fields=(
        Field("access_token", "Long-lived token", "Made in the developer portal; sent as TTD-Auth.", _PORTAL),
        Field("advertiser_id", "Advertiser id", "The advertiser that owns the segments.", DOCS),
        Field(
            "region", "Region", "US, EU or APAC: where the people are from. Default US.", DOCS, required=False
        ),
        Field(
            "drop_status",
            "Drop status",
            "asked (default), or taken: the account is not told how drops went, so a taken file counts.",
            DOCS,
            required=False,
        ),
    ),
    account="advertiser_id",
    settings=("advertiser_id", "drop_status", "region"),
    make=TheTradeDesk,
    replace="first_batch",
    place_minutes=55,  # a drop's address says X-Amz-Expires=3600
    poll_seconds=300,
    poll_hours=24,
)
