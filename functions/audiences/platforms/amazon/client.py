"""Amazon Ads audiences: metadata makes the audience, records fill it, a job tells how the records went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.delivery.auth import OAuthRefresh, need
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.uploader import Field, Uploader
from audiences.platforms.amazon import payload
from audiences.platforms.amazon.version import DOCS
from audiences.uploads.drop_client import DropApiClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.client import Answer, Http, Secret
    from audiences.delivery.model import Batch

_MEDIA_TYPE = "application/vnd.amcaudiences.v1+json"
_API = "/amc/audiences"


class Amazon(DropApiClient):
    """One advertiser, in the region of the secret's `base_url`."""

    title = "Amazon Ads"
    lists_audiences = False

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str]) -> None:
        """Renew tokens with Login with Amazon."""
        super().__init__(http, secret, destination)
        self.auth = OAuthRefresh(http, secret, self.title, "https://api.amazon.com/auth/o2/token")

    @property
    def advertiser(self) -> str:
        """Return the DSP advertiser's id."""
        return self.setting("advertiser_id")

    def find_audience(self, name: str) -> Audience | None:
        """Return the audience named by the activation's `audience_id`: Amazon has no list to look through.

        The engine remembers the audiences it made, so this is for audiences that somebody else made.
        """
        known = self.destination.get("audience_id")
        if not known:
            return None
        told = self.ask("GET", f"{_API}/metadata/{known}", headers=self._headers())
        return Audience(str(told.count("audienceId")), name)

    def create_audience(self, name: str) -> Audience:
        """Make the audience."""
        ttl = self.whole_number("ttl_seconds", payload.MAX_TTL_SECONDS)
        country = self.destination.get("country_code", "")
        body = payload.metadata_body(self.advertiser, name, country, ttl)
        made = self.ask("POST", f"{_API}/metadata", data=body, headers=self._headers())
        return Audience(str(made.count("audienceId")), name, created=True)

    def publish(self, audience: Audience, batch: Batch, place: Mapping[str, str]) -> BatchResult:
        """Send the records; a record says whether it comes or goes, so a repeat changes nothing."""
        del place
        body = payload.records_body(audience.id, batch.operation, batch.read())
        made = self.ask("POST", f"{_API}/records", body=body, headers=self._headers())
        return BatchResult(accepted=batch.rows, job=made.id("jobRequestId"))

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Ask how the records went."""
        del audience
        told = self.ask("GET", f"{_API}/records/{job}", headers=self._headers(), job=True)
        return payload.read_job(told.fields, rows)

    def message(self, answer: Answer) -> str | None:
        """Return Amazon's sentence, under either of its names."""
        details = answer.fields.get("details")
        return details if isinstance(details, str) and details else super().message(answer)

    def _headers(self) -> dict[str, str]:
        client = need(self.secret, "client_id", self.title)
        return {"Amazon-Advertising-API-ClientId": client, "Content-Type": _MEDIA_TYPE}


_LWA = "https://advertising.amazon.com/API/docs/en-us/guides/get-started/overview"
UPLOADER = Uploader(
    pattern="multi-step",
    base_url="https://advertising-api.amazon.com",
    hosts=("api.amazon.com",),
    secret_fields=(
        Field("client_id", "Client id", "Of your Login with Amazon application.", _LWA),
        Field("client_secret", "Client secret", "Of the same application.", _LWA),
        Field(
            "refresh_token", "Refresh token", "Of a person who may manage the advertiser's audiences.", _LWA
        ),
        Field("advertiser_id", "Advertiser id", "The DSP advertiser that owns the audiences.", DOCS),
        Field(
            "base_url",
            "Address of the API",
            "https://advertising-api-eu.amazon.com for Europe, -fe for the Far East. Default: North America.",
            _LWA,
            required=False,
        ),
        Field(
            "token_url",
            "Address of the token endpoint",
            "https://api.amazon.co.uk/auth/o2/token for Europe, api.amazon.co.jp for the Far East.",
            _LWA,
            required=False,
        ),
    ),
    account="advertiser_id",
    settings=("advertiser_id", "audience_id", "country_code", "ttl_seconds"),
    make=Amazon,
    poll_seconds=120,
    poll_hours=24,
)
