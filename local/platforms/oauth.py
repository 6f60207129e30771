"""Tokens as the platforms hand them out: short-lived access tokens, bought with a refresh token."""

from __future__ import annotations

import time
from typing import ClassVar

from local.platforms.base import Clock, StandIn
from local.platforms.trouble import COMMON
from local.platforms.wire import Refusal, Request, Response, answer

CLIENT_ID = "local-client"
CLIENT_SECRET = "local-secret"  # noqa: S105  # opens nothing but a stand-in on loopback
REFRESH_TOKEN = "local-refresh"  # noqa: S105  # the same


class OAuthStandIn(StandIn):
    """A platform with a token endpoint. The access token `local-<slug>-access` is good from the start."""

    scenarios: ClassVar[frozenset[str]] = COMMON | {"refresh_fails"}
    access_seconds: ClassVar[int] = 3600  #: life of an access token

    def __init__(self, clock: Clock = time.time) -> None:
        """Start with one access token handed out."""
        self._tokens: dict[str, float] = {}
        super().__init__(clock)

    def reset(self) -> None:
        """Forget everything, and be good again to the first token."""
        super().reset()
        self._issued = 0
        self._tokens = {f"local-{self.slug}-access": self.clock() + self.access_seconds}

    def revoke_tokens(self) -> None:
        """End every access token; the request that met this is refused by the check that follows."""
        self._tokens.clear()

    def check_bearer(self, request: Request) -> None:
        """Raise Refusal unless a live token comes as `Authorization: Bearer`."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal("unauthorized", "Authorization: Bearer <access token> is missing.")
        if self._tokens.get(token, 0) <= self.clock():
            raise Refusal("expired", "The access token is invalid or has expired.")

    def authorize(self, request: Request) -> None:
        """Ask for a live access token."""
        self.check_bearer(request)

    def issue_token(self, request: Request, **told: str) -> Response:
        """Answer the token endpoint (RFC 6749, section 6); `told` is what the platform's answer adds."""
        form = request.form()
        user, password = request.basic_credentials()
        client = (form.get("client_id") or user, form.get("client_secret") or password)
        if request.media_type != "application/x-www-form-urlencoded":
            return answer(400, {"error": "invalid_request", "error_description": "Send a url-encoded form."})
        if client != (CLIENT_ID, CLIENT_SECRET):
            return answer(401, {"error": "invalid_client", "error_description": "Unknown client."})
        if form.get("grant_type") != "refresh_token":
            return answer(400, {"error": "unsupported_grant_type"})
        if self.trouble("refresh_fails") or form.get("refresh_token") != REFRESH_TOKEN:
            return answer(
                400, {"error": "invalid_grant", "error_description": "The refresh token is not valid."}
            )
        self._issued += 1
        token = f"local-{self.slug}-access-{self._issued}"
        self._tokens[token] = self.clock() + self.access_seconds
        made = {"access_token": token, "token_type": "Bearer", "expires_in": self.access_seconds}
        return answer(200, {**made, **told})
