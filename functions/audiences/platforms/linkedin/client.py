"""LinkedIn DMP segments: every element has its own status, and a new segment takes minutes to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import OAuthRefresh
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.plan import digest_of
from audiences.delivery.told import Told
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import RetryLater, SetupError
from audiences.platforms.linkedin.payload import build_body, build_segment
from audiences.platforms.linkedin.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Answer, Batch, Http, Secret
    from audiences.errors import AudienceError

_PAGE = 100


class LinkedInClient(ApiClient):
    """One sponsored account."""

    title = "LinkedIn"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign in with a refresh token of the scope rw_dmp_segments."""
        super().__init__(http, secret, destination, **options)
        token_url = "https://www.linkedin.com/oauth/v2/accessToken"  # noqa: S105  # an address
        self.auth = OAuthRefresh(http, secret, self.title, token_url, clock=self.clock)

    def _ask(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"LinkedIn-Version": API_VERSION, "X-Restli-Protocol-Version": "2.0.0"}
        return self.request(method, path, headers={**headers, **options.pop("headers", {})}, **options)

    @property
    def _account(self) -> str:
        return self.setting("account")

    def find_audience(self, name: str) -> Audience | None:
        """Look through every page of the account's segments."""
        start = 0
        while True:
            query = {
                "q": "account",
                "account": f"urn:li:sponsoredAccount:{self._account}",
                "start": str(start),
                "count": str(_PAGE),
            }
            rows = self.read(self._ask("GET", "/rest/dmpSegments", query=query)).rows("elements")
            for row in rows:
                if row.text("name", "") == name:
                    return Audience(row.id("id"), name)
            if len(rows) < _PAGE:
                return None
            start += _PAGE

    def create_audience(self, name: str) -> Audience:
        """Make a segment; its own id for us is made of the name, so LinkedIn refuses a double."""
        platform = self.setting("source_platform")
        body = build_segment(name, self._account, digest_of(name)[:32], platform)
        answer = self._ask("POST", "/rest/dmpSegments", data=body)
        made = answer.headers.get("x-restli-id") or answer.headers.get("x-linkedin-id")
        # Without an id it may come from something in between; a segment that was made is found by the next try.
        return Audience(Told({"x-restli-id": made}, self.title).id("x-restli-id"), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Add or remove people; the refused are known one by one."""
        headers = {"X-RestLi-Method": "BATCH_CREATE"}
        path = f"/rest/dmpSegments/{audience.id}/users"
        answer = self.read(self._ask("POST", path, data=build_body(batch), headers=headers))
        elements = answer.rows("elements")
        if len(elements) != batch.rows:
            raise answer.doubt("it does not tell a status for every element")
        statuses = [row.count("status") for row in elements]
        if not all(200 <= status < 300 or 400 <= status < 600 for status in statuses):
            raise answer.doubt("an element's status is neither done nor refused")
        refused = tuple(
            (at, row.part("error", required=False).text("code", str(status)))
            for at, (row, status) in enumerate(zip(elements, statuses, strict=True))
            if status >= 400
        )
        reasons: dict[str, int] = {}
        for _, reason in refused:
            reasons[reason] = reasons.get(reason, 0) + 1
        taken = len(elements) - len(refused)
        return BatchResult(accepted=taken, rejected=len(refused), reasons=reasons, refused=refused)

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return status and the matches of the last seven days."""
        found = self.read(self._ask("GET", f"/rest/dmpSegments/{audience.id}"))
        told = next(iter(found.rows("destinations", required=False)), found)
        return {"state": told.shown("status"), "matched_in_7_days": told.shown("matchedCount")}

    def problem(self, answer: Answer) -> AudienceError | None:
        """Wait for a segment that was just made: it is not found for a minute or two."""
        if answer.status == 404:
            return RetryLater("LinkedIn does not know the segment yet.", self.told(answer), retry_after=20)
        if answer.status in (410, 426):
            return SetupError(
                f"LinkedIn has ended version {API_VERSION} of its API.",
                self.told(answer),
                "Update Audience Relay: platforms/linkedin/version.py.",
            )
        return super().problem(answer)


_OAUTH = "https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://api.linkedin.com",
    hosts=("www.linkedin.com",),
    secret_fields=(
        Field("client_id", "Client id", "Of an app with access to Matched Audiences.", _OAUTH),
        Field("client_secret", "Client secret", "Of the same app.", _OAUTH),
        Field("refresh_token", "Refresh token", "Of the scope rw_dmp_segments; it lives a year.", _OAUTH),
        Field("account", "Ad account", "Its number, from Campaign Manager.", _OAUTH),
        Field("source_platform", "Source platform", "The sourcePlatform LinkedIn gave your app.", _OAUTH),
    ),
    account="account",
    settings=("account", "source_platform"),
    make=LinkedInClient,
)  # fmt: skip
