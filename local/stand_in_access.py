"""How deliveries reach the stand-ins: credentials they accept, and a way without a socket for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from audiences.delivery.client import Answer
from audiences.errors import RetryLater

from local.platforms import klaviyo, meta, microsoft, oauth, the_trade_desk, tiktok
from local.platforms.wire import ConnectionCut, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.platforms.base import StandIn

ACCOUNT = "1234567890"
_TOKEN_PATHS = {
    "google": "/token",
    "pinterest": "/v5/oauth/token",
    "snap": "/login/oauth2/access_token",
    "linkedin": "/oauth/v2/accessToken",
    "microsoft": "/common/oauth2/v2.0/token",
    "amazon": "/auth/o2/token",
}


def secret_of(slug: str, url: str) -> dict[str, str]:
    """Return what the platform's secret must hold to reach its stand-in at `url`."""
    values = {
        "base_url": url,
        "ad_account": ACCOUNT,
        "account": ACCOUNT,
        "advertiser_id": ACCOUNT,
        "customer_id": "42",
        "access_token": f"local-{slug}-access",
    }
    if slug in _TOKEN_PATHS:
        values |= {
            "token_url": url + _TOKEN_PATHS[slug],
            "client_id": oauth.CLIENT_ID,
            "client_secret": oauth.CLIENT_SECRET,
            "refresh_token": oauth.REFRESH_TOKEN,
        }
    values |= {
        "meta": {"access_token": meta.ACCESS_TOKEN, "app_secret": meta.APP_SECRET},
        "linkedin": {"source_platform": "LOCAL_DEVELOPER"},
        "microsoft": {"developer_token": microsoft.DEVELOPER_TOKEN},
        "klaviyo": {"api_key": klaviyo.API_KEY},
        "tiktok": {"access_token": tiktok.ACCESS_TOKEN},
        "the_trade_desk": {"access_token": the_trade_desk.ACCESS_TOKEN},
    }.get(slug, {})
    return values


class PlainSecret:
    """Implements `audiences.delivery.Secret` in memory."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Hold the values."""
        self.values = dict(values)

    def get(self, name: str) -> str | None:
        """Return a value."""
        return self.values.get(name) or None

    def reload(self) -> None:
        """Nobody else can have changed it."""

    def save(self, values: Mapping[str, str]) -> None:
        """Keep renewed values."""
        self.values.update(values)

    def scrub(self, text: str) -> str:
        """Return the text without the values."""
        for name, value in self.values.items():
            text = text.replace(value, "[secret removed]") if not name.endswith("_url") else text
        return text


class InProcessHttp:
    """Implements `audiences.delivery.Http` by calling a stand-in directly; `sent` keeps what left."""

    BASE = "http://127.0.0.1:1"

    def __init__(self, stand_in: StandIn) -> None:
        """Talk to one stand-in."""
        self._stand_in = stand_in
        self.sent: list[Request] = []

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Return the stand-in's answer; RetryLater when it cuts the connection."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        request = Request.make(method, target, headers=headers, body=body, base=self.BASE)
        self.sent.append(request)
        try:
            found = self._stand_in.handle(request)
        except ConnectionCut:
            raise RetryLater("The stand-in gave no answer.") from None
        return Answer(found.status, {name.lower(): text for name, text in found.headers.items()}, found.body)
