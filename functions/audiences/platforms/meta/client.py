"""Meta's Graph API: sessions of batches, whole lists replaced at once, no token in an address."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import StaticToken, need
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.sessions import SessionOverError
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import AudienceError, DataError, SetupError
from audiences.platforms.meta.payload import build_body
from audiences.platforms.meta.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Answer, Batch, Http, Secret

# https://developers.facebook.com/docs/graph-api/guides/error-handling and
# https://developers.facebook.com/docs/marketing-api/error-reference
_LATER = {1, 2, 4, 17, 32, 341, 368, 613, 5000, 80000, 80003, 80004}
_EXPIRED = {102, 190}
_TERMS = (
    "The terms of Custom Audiences are not accepted.",
    "Accept them at https://business.facebook.com/ads/manage/customaudiences/tos, then redrive.",
)
_MORE = {
    2635: ("This version of the Graph API has ended.", "Update Audience Relay: platforms/meta/version.py."),
    2655: _TERMS,
    2650: (
        "Meta does not change this audience: it was made from another data source.",
        "Name another audience in the activation, then redrive.",
    ),
}
# 2650 of a replacement: "Replace Users API common errors" of
# https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences
_PERMISSION, _REPLACING = 200, 2650
_UPDATING_NOW = 1870145  # also while another session is open: it ends 90 minutes after its first batch
_SESSION_OVER = {1870147, 1870148, 1870158, 1870159}  # no first batch, not fully updated, timed out, finished
_BY_SUBCODE = {
    (_PERMISSION, 1870034): _TERMS,
    (_PERMISSION, 1870047): (
        "Meta does not remove these people: too few would be left in the audience.",
        "Keep more people in the segment, or delete the audience at Meta.",
    ),
    (_REPLACING, 1870144): (
        "Meta replaces no audience of 100 million people or more.",
        "Give the audience another name in the activation: a new one needs no replacing.",
    ),
    (100, 1713230): (
        "Meta has flagged the audience and takes no uploads.",
        "Its name or description suggests health or finance: choose another, or ask for a review.",
    ),
}
_SAY = "id,name,operation_status,delivery_status,approximate_count_lower_bound,approximate_count_upper_bound"
_UPDATING = 300


class MetaClient(ApiClient):
    """One ad account."""

    title = "Meta"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign with the access token and, when the secret has the app's, with a proof of it."""
        super().__init__(http, secret, destination, **options)
        self.auth = StaticToken(secret, self.title)

    def _signed(self, query: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return query parameters with the proof that we are the app, when the secret has its secret."""
        app_secret = self.secret.get("app_secret")
        if not app_secret:
            return dict(query or {})
        token = need(self.secret, "access_token", self.title)
        proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        return {**(query or {}), "appsecret_proof": proof}

    @property
    def _account(self) -> str:
        return f"/{API_VERSION}/act_{self.setting('ad_account').removeprefix('act_')}/customaudiences"

    def find_audience(self, name: str) -> Audience | None:
        """Look through every page of the account's audiences."""
        query = {"fields": "id,name", "limit": "100"}
        while True:
            page = self.ask("GET", self._account, query=self._signed(query))
            for row in page.rows("data"):
                if row.text("name", "") == name:
                    return Audience(row.id("id"), name)
            paging = page.part("paging", required=False)
            after = paging.part("cursors", required=False).text("after", "")
            if not paging.says("next") or not after:
                return None
            query["after"] = self.other(after, query.get("after"))

    def create_audience(self, name: str) -> Audience:
        """Make an empty Custom Audience."""
        body = {"name": name, "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
        answer = self.ask("POST", self._account, query=self._signed(), data=body)
        return Audience(answer.id("id"), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Send one batch of its session."""
        path = "usersreplace" if batch.operation == "replace" else "users"
        answer = self.ask(
            "DELETE" if batch.operation == "remove" else "POST",
            f"/{API_VERSION}/{audience.id}/{path}",
            query=self._signed(),
            body=build_body(batch, consented=self.destination.get("customer_consent") == "yes"),
        )
        # "Number of entries received in the current session", so never less than this batch:
        # https://developers.facebook.com/docs/marketing-api/reference/custom-audience-session
        if answer.count("num_received") < batch.rows:
            raise answer.doubt("num_received is less than was sent")
        invalid = answer.count("num_invalid_entries", most=batch.rows)
        samples = answer.fields.get("invalid_entry_samples")
        named = [at for at in samples if re.fullmatch(r"[0-9]{1,9}", at)] if isinstance(samples, dict) else []
        refused = tuple((int(at), "invalid entry") for at in named if int(at) < batch.rows)
        reasons = {"invalid entry": invalid} if invalid else {}
        return BatchResult(
            accepted=batch.rows - invalid,
            rejected=invalid,
            reasons=reasons,
            refused=refused if len(refused) <= invalid else (),
        )

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return the size as Meta shows it, and whether ads can use the audience already."""
        found = self.ask("GET", f"/{API_VERSION}/{audience.id}", query=self._signed({"fields": _SAY}))
        operation = found.part("operation_status", required=False)
        delivery = found.part("delivery_status", required=False)
        return {
            "size_at_least": found.shown("approximate_count_lower_bound"),
            "size_at_most": found.shown("approximate_count_upper_bound"),
            "state": "updating" if operation.shown("code") == _UPDATING else operation.shown("description"),
            "usable": delivery.shown("description"),
        }

    def is_expired(self, answer: Answer) -> bool:
        """Meta answers 400 with its own code."""
        return answer.status >= 400 and self._code(answer)[0] in _EXPIRED

    def problem(self, answer: Answer) -> AudienceError | None:
        """Go by Meta's code first: throttling comes as 400."""
        code, subcode = self._code(answer)
        if 200 <= answer.status < 300 and not answer.fields.get("error"):
            return None
        updating = (code, subcode) == (_REPLACING, _UPDATING_NOW)
        if code in _LATER or updating or answer.status >= 500 or answer.status == 429:
            return self.busy(answer)
        if code == _REPLACING and subcode in _SESSION_OVER:
            return SessionOverError(
                "Meta has ended the session of a replacement.",
                self.told(answer),
                "Redrive: all is sent again.",
            )
        known = _BY_SUBCODE.get((code, subcode)) or _MORE.get(code)
        if known:
            return SetupError(known[0], self.told(answer), known[1])
        if code == 100 and "schema" in (super().message(answer) or ""):
            return DataError(
                "Meta cannot read the rows.", self.told(answer), "Report this: the client is out of date."
            )
        return super().problem(answer) or self.busy(answer)

    def message(self, answer: Answer) -> str | None:
        """Return the sentence that Meta wrote for a person, else the usual one."""
        error = answer.fields.get("error")
        words = error.get("error_user_msg") if isinstance(error, dict) else None
        return words if isinstance(words, str) and words else super().message(answer)

    @staticmethod
    def _code(answer: Answer) -> tuple[int, int]:
        error = answer.fields.get("error")
        if not isinstance(error, dict):
            return 0, 0
        code, subcode = error.get("code"), error.get("error_subcode")
        return (code if isinstance(code, int) else 0, subcode if isinstance(subcode, int) else 0)


_BUSINESS = "https://developers.facebook.com/docs/marketing-api/system-users/overview"
UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://graph.facebook.com",
    secret_fields=(
        Field("access_token", "Access token", "Of a system user with ads_management.", _BUSINESS),
        Field("ad_account", "Ad account", "Its number, with or without act_.", _BUSINESS),
        Field("app_secret", "App secret", "Proves that requests come from your app.",
              "https://developers.facebook.com/docs/graph-api/guides/secure-requests", required=False),
    ),
    account="ad_account",
    settings=("ad_account",),
    make=MetaClient,
    parallel=4,
    replace="session",
    session_minutes=90,  # "The maximum duration window for 1 replace session is 90 minutes", the same page
)  # fmt: skip
