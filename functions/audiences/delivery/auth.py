"""Credentials on requests: static tokens, and OAuth tokens that are renewed in the middle of a session."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from audiences.delivery.told import Told
from audiences.delivery.waits import read_wait
from audiences.errors import RetryLater, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from audiences.delivery.client import Answer, Http, Secret

_EARLY = 60  # seconds before its end at which a token is renewed
_REFUSED = (400, 401, 403)


def need(secret: Secret, name: str, title: str) -> str:
    """Return a secret value; SetupError says which one is missing."""
    value = secret.get(name)
    if not value:
        raise SetupError(
            f"The secret of {title} has no {name}.",
            "Nothing can be sent without it.",
            "Put it in with aws secretsmanager put-secret-value, see docs/how-to/rotate-a-secret.md.",
        )
    return value


def _seconds(text: str) -> float:
    """Return when a token ends, in seconds since the epoch; long ago when nobody can read it."""
    try:
        return float(text)
    except ValueError:
        return 0.0


class Auth(Protocol):
    """Puts credentials on requests."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers of the next request."""

    def renew(self, used: Mapping[str, str]) -> None:
        """Get other credentials than the refused ones; SetupError when a person has to."""


class StaticToken:
    """A token that a person made, under any header."""

    def __init__(
        self,
        secret: Secret,
        title: str,
        field: str = "access_token",
        header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:
        """Send the secret's `field` as `header: prefix + value`."""
        self._secret, self._title, self._field = secret, title, field
        self._header, self._prefix = header, prefix

    def headers(self) -> Mapping[str, str]:
        """Return the header."""
        return {self._header: self._prefix + need(self._secret, self._field, self._title)}

    def renew(self, used: Mapping[str, str]) -> None:
        """Look whether a person put in a new one meanwhile."""
        self._secret.reload()
        if self.headers() == used:
            raise SetupError(
                f"{self._title} refused the {self._field}.",
                "It has expired or was revoked.",
                "Put a new one into the secret, see docs/how-to/rotate-a-secret.md; then redrive.",
            )


class OAuthRefresh:
    """An access token bought with a refresh token (RFC 6749, section 6); both are kept in the secret.

    A platform may hand out a new refresh token each time: it is saved before it is used.
    """

    def __init__(
        self,
        http: Http,
        secret: Secret,
        title: str,
        token_url: str,
        *,
        scope: str = "",
        basic: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Use the token endpoint; the secret's `token_url` comes first.

        basic: the client signs in with HTTP Basic (RFC 6749, section 2.3.1), else in the form.
        """
        self._http, self._secret, self._title = http, secret, title
        self._url, self._scope, self._clock = secret.get("token_url") or token_url, scope, clock
        self._basic, self._lock = basic, threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """Return the header, renewing a token that ends within a minute."""
        token, ends = self._secret.get("access_token"), self._secret.get("access_token_expires_at")
        if not token or (ends and _seconds(ends) - _EARLY <= self._clock()):
            self.renew({"Authorization": f"Bearer {token}"})
            token = self._secret.get("access_token")
        return {"Authorization": f"Bearer {token}"}

    def renew(self, used: Mapping[str, str]) -> None:
        """Buy a token, unless another thread or function did since `used` was made."""
        with self._lock:
            self._secret.reload()
            token = self._secret.get("access_token")
            ends = self._secret.get("access_token_expires_at")
            fresh = not ends or _seconds(ends) - _EARLY > self._clock()
            if token and fresh and used.get("Authorization") != f"Bearer {token}":
                return
            self._buy()

    def _buy(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": need(self._secret, "refresh_token", self._title),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        client = {name: need(self._secret, name, self._title) for name in ("client_id", "client_secret")}
        if self._basic:
            signed = base64.b64encode(":".join(client.values()).encode()).decode()
            headers["Authorization"] = f"Basic {signed}"
        else:
            form |= client
        if self._scope:
            form["scope"] = self._scope
        answer = self._http.send("POST", self._url, headers=headers, body=urlencode(form).encode())
        self._keep(answer)

    def _keep(self, answer: Answer) -> None:
        if answer.status in _REFUSED:
            raise SetupError(
                f"{self._title} does not renew the access token.",
                f"Its token endpoint says {answer.fields.get('error') or answer.status}.",
                "Sign in again and put the refresh_token into the secret: docs/how-to/rotate-a-secret.md.",
            )
        token = answer.fields.get("access_token")
        if answer.status != 200 or not token:
            wait = read_wait(answer.headers, answer.json, self._clock())
            raise RetryLater(
                f"{self._title} could not renew the access token.", f"HTTP {answer.status}.", retry_after=wait
            )
        told = Told(answer.json, self._title)
        token, seconds = told.token("access_token"), told.count("expires_in", default=1800)
        values = {"access_token": token, "access_token_expires_at": str(int(self._clock() + seconds))}
        if told.says("refresh_token"):
            values["refresh_token"] = told.token("refresh_token")
        self._secret.save(values)
