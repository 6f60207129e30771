"""The only way out to a platform: kept-alive TLS, time-outs, no redirects, addresses checked first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3 import exceptions

from audiences.delivery.client import Answer
from audiences.errors import RetryLater, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0


def check_address(url: str) -> str:
    """Return an address that credentials may be sent to: https, or http to this machine (a stand-in)."""
    parts = urlsplit(url)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    ):
        return url
    raise SetupError(
        f"{parts.scheme}://{parts.hostname or ''} is no address to send customer data to.",
        "It must be https.",
        "Correct base_url in the platform's secret.",
    )


class HttpsClient:
    """Implements `audiences.delivery.Http` for one platform.

    Repeats are the engine's business: none happen here.
    """

    def __init__(self, base_url: str, *, connections: int = 8, read_seconds: float = READ_SECONDS) -> None:
        """Send paths below `base_url`. connections: kept open at most."""
        self._base = check_address(base_url).rstrip("/") + "/"
        self._pool = urllib3.PoolManager(
            num_pools=4,
            maxsize=connections,
            block=True,
            cert_reqs="CERT_REQUIRED",
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
        )

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Return the answer, whatever its status; a redirect is an answer too.

        RetryLater when there is none.
        """
        target = check_address(url if "://" in url else urljoin(self._base, url.lstrip("/")))
        host = urlsplit(target).hostname
        if "Authorization" in (headers or {}) and urlsplit(target)[:2] != urlsplit(self._base)[:2]:
            raise SetupError(
                f"A request with credentials was about to go to {host}.",
                "An answer of the platform named that address, and credentials stay with the platform.",
                "Report this with the platform's name.",
            )
        try:
            found = self._pool.request(
                method,
                target,
                headers={"User-Agent": "audience-relay", **(headers or {})},
                body=body or None,
                redirect=False,
                retries=False,
            )
        except exceptions.SSLError as error:
            raise SetupError(
                f"The certificate of {host} was not accepted.",
                type(error).__name__,
                "Check base_url in the platform's secret, and whatever stands between.",
            ) from None
        except (
            exceptions.HTTPError
        ) as error:  # the message may hold the address with its query: only the kind is told
            raise RetryLater(f"{host} gave no answer.", f"{type(error).__name__}.") from None
        return Answer(
            found.status, {name.lower(): value for name, value in found.headers.items()}, found.data
        )

    def close(self) -> None:
        """Close what is kept open."""
        self._pool.clear()
