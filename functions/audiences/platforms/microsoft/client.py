"""Microsoft customer lists over REST: a success may carry errors, one for each refused item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import OAuthRefresh, need
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.told import Told
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import RetryLater, SetupError
from audiences.platforms.microsoft.payload import build_body
from audiences.platforms.microsoft.version import API_VERSION, DOCS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Answer, Batch, Http, Secret
    from audiences.errors import AudienceError

_API = f"/CampaignManagement/{API_VERSION}"
_TERMS = "CustomerListTermsAndConditionsNotAccepted"
_RATE_SECONDS = 60  # https://learn.microsoft.com/en-us/advertising/guides/services-protocol#throttling
_EXPIRED, _RATE, _INTERNAL = {105, 109}, 117, 0


class MicrosoftClient(ApiClient):
    """One customer account."""

    title = "Microsoft Advertising"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign in with a refresh token of the scope ads.manage."""
        super().__init__(http, secret, destination, **options)
        token_url = "https://login.microsoftonline.com/common/oauth2/v2.0/token"  # noqa: S105  # an address
        scope = "https://ads.microsoft.com/msads.manage offline_access"
        self.auth = OAuthRefresh(http, secret, self.title, token_url, scope=scope, clock=self.clock)

    def _ask(self, path: str, data: Any) -> Told:
        headers = {
            "DeveloperToken": need(self.secret, "developer_token", self.title),
            "CustomerId": self.setting("customer_id"),
            "CustomerAccountId": self.setting("account"),
        }
        return self.ask("POST", f"{_API}{path}", data=data, headers=headers)

    def find_audience(self, name: str) -> Audience | None:
        """Look through the customer lists; without ids Microsoft returns all of them."""
        found = self._ask("/Audiences/QueryByIds", {"AudienceIds": None, "Type": "CustomerList"})
        for row in found.objects("Audiences"):
            if row and row.text("Name", "") == name:
                return Audience(row.id("Id"), name)
        return None

    def create_audience(self, name: str) -> Audience:
        """Make an empty list."""
        row = {
            "Type": "CustomerList",
            "Name": name,
            "ParentId": self.setting("account"),
            "Scope": "Account",
            "MembershipDuration": self.whole_number("membership_days", -1),
        }
        answer = self._ask("/Audiences", {"Audiences": [row]})
        ids = answer.fields.get("AudienceIds")
        errors = answer.objects("PartialErrors")
        if errors:
            raise SetupError(
                f"Microsoft Advertising did not make the list {name!r}.",
                f"It says {(errors[0] or answer).text('ErrorCode', 'no code')}.",
                "See the common errors in platforms/microsoft/README.md, then redrive.",
            )
        if not isinstance(ids, list) or len(ids) != 1:
            raise answer.doubt("AudienceIds does not hold the one list that was made")
        return Audience(Told({"AudienceIds": ids[0]}, self.title).id("AudienceIds"), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Apply one call's items."""
        body = build_body(audience.id, batch, accepts_terms=self._accepts_terms())
        answer = self._ask("/CustomerListUserData/Apply", body)
        refused: dict[int, str] = {}
        for row in answer.rows("PartialErrors"):
            at = row.count("Index", most=batch.rows - 1)
            refused[at] = row.text("ErrorCode", "") or str(row.count("Code", default=0))
        reasons: dict[str, int] = {}
        for reason in refused.values():
            reasons[reason] = reasons.get(reason, 0) + 1
        taken = batch.rows - len(refused)
        return BatchResult(
            accepted=taken, rejected=len(refused), reasons=reasons, refused=tuple(sorted(refused.items()))
        )

    def _accepts_terms(self) -> bool:
        """Tell whether the advertiser accepts the terms with each upload; SetupError for another word."""
        word = self.setting("accept_terms", "no").strip().lower()
        if word not in ("yes", "true", "no", "false"):
            raise SetupError(
                "accept_terms is neither yes nor no.",
                "It says whether you accept Microsoft's customer match terms with each upload.",
                "Write yes or no into the secret, or leave it out and accept them in the web interface.",
            )
        return word in ("yes", "true")

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return the size; it is told after two days."""
        body = {"AudienceIds": [audience.id], "Type": "CustomerList"}
        found = next(iter(self._ask("/Audiences/QueryByIds", body).objects("Audiences")), None)
        names = {"size": "AudienceNetworkSize", "search_size": "SearchSize"}  # numbers, told as text
        return {
            name: found.count(field) if found and found.says(field) else None for name, field in names.items()
        }

    def is_expired(self, answer: Answer) -> bool:
        """Go by the code: a fault may come with another status than 401."""
        return answer.status >= 400 and self._fault(answer)[0] in _EXPIRED

    def problem(self, answer: Answer) -> AudienceError | None:
        """Go by the code first."""
        if 200 <= answer.status < 300:
            return None
        code, name = self._fault(answer)
        if code == _RATE:
            busy = self.busy(answer)
            return RetryLater(busy.what, busy.why, retry_after=busy.retry_after or _RATE_SECONDS)
        if name == _TERMS:
            return SetupError(
                "The customer match terms are not accepted.",
                self.told(answer),
                "Make one customer list in the web interface and accept them there, or put accept_terms: yes "
                "into the secret; then redrive.",
            )
        return super().problem(answer)

    @staticmethod
    def _fault(answer: Answer) -> tuple[int, str]:
        for name in ("Errors", "OperationErrors", "BatchErrors"):
            rows = answer.fields.get(name)
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, dict):
                    code = row.get("Code")
                    return code if isinstance(code, int) else -1, str(row.get("ErrorCode") or "")
        return -1, ""

    def message(self, answer: Answer) -> str | None:
        """Return the fault's sentence."""
        rows = answer.fields.get("OperationErrors")
        found = (
            [row.get("Message") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        )
        return next((text for text in found if isinstance(text, str) and text), None) or super().message(
            answer
        )


_START = "https://learn.microsoft.com/en-us/advertising/guides/get-started"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://campaign.api.bingads.microsoft.com",
    hosts=("login.microsoftonline.com",),
    secret_fields=(
        Field("client_id", "Application id", "Of your app registration.", _START),
        Field("client_secret", "Client secret", "Of the same registration.", _START),
        Field("refresh_token", "Refresh token", "Of the scope msads.manage.", _START),
        Field("developer_token", "Developer token", "From the developer portal.", _START),
        Field("customer_id", "Customer id", "The number cid in the address of the web interface.", _START),
        Field("account", "Account id", "The number aid in the address of the web interface.", _START),
        Field("accept_terms", "Accept the terms", "yes: you accept the customer match terms with each upload.",
              DOCS, required=False),
    ),
    account="account",
    settings=("accept_terms", "account", "customer_id", "membership_days"),
    make=MicrosoftClient,
    replace="first_batch",
)  # fmt: skip
