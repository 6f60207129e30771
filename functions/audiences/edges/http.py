"""The only way out to a platform: kept-alive TLS, bounds on time and size, no redirects, addresses checked first."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import urllib3
from urllib3 import exceptions

from audiences.delivery.client import Answer
from audiences.edges import addresses
from audiences.edges.connections import POOLS, watched
from audiences.errors import RetryLater, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from urllib3 import BaseHTTPResponse

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
TOTAL_READS = 2  # a request may take as long as this many reads in all
ANSWER_BYTES = 16 << 20  # also unpacked; the longest real ones are lists of audiences, some 100 KB
_CHUNK_BYTES = 1 << 16
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class HttpsClient:
    """Implements `audiences.delivery.Http` for one platform.

    Repeats are the engine's business: none happen here.
    """

    def __init__(
        self,
        base_url: str,
        hosts: Iterable[str] = (),
        *,
        connections: int = 8,
        read_seconds: float = READ_SECONDS,
        stand_ins: bool | None = None,
    ) -> None:
        """Send paths below `base_url`, and addresses at `hosts` (`*` for anything) without credentials.

        connections: kept open at most. read_seconds: between two pieces of an answer; a request may last twice
        that. stand_ins: this machine may be the platform; default: what `addresses.has_stand_ins` says.
        """
        self._stand_ins = addresses.has_stand_ins() if stand_ins is None else stand_ins
        self._base = addresses.check_address(base_url, stand_ins=self._stand_ins).rstrip("/") + "/"
        self._hosts = tuple(hosts)
        self._total_seconds = read_seconds * TOTAL_READS
        self._pool = urllib3.PoolManager(
            num_pools=4,
            maxsize=connections,
            block=True,
            cert_reqs="CERT_REQUIRED",
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
        )
        self._pool.pool_classes_by_scheme = POOLS

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Return the answer, whatever its status; a redirect is an answer too.

        RetryLater when there is none within the bounds. SetupError for an address or a header that must not be
        used: none of their values is told.
        """
        target = url if "://" in url else urljoin(self._base, url.lstrip("/"))
        addresses.check_address(target, stand_ins=self._stand_ins)
        host = addresses.host_of(target)
        given = dict(headers or {})
        addresses.check_journey(target, self._base, self._hosts, given, stand_ins=self._stand_ins)
        addresses.check_headers(given, host)
        with watched(self._total_seconds, stand_ins=self._stand_ins) as watch:
            try:
                answer = self._exchange(method, target, {"User-Agent": "audience-relay", **given}, body)
                if not watch.over:  # else it may be the half of one
                    return answer
                kind = ""
            except exceptions.SSLError as error:
                if not watch.over:
                    raise SetupError(
                        f"The certificate of {host} was not accepted.",
                        type(error).__name__,
                        "Check base_url in the platform's secret, and whatever stands between.",
                    ) from None
                kind = "SSLError"
            except (exceptions.HTTPError, OSError, zlib.error) as error:
                # The message may hold the address with its query: only the kind is told.
                kind = type(error).__name__
            except ValueError as error:  # http.client's and urllib3's, which hold the value
                raise SetupError(
                    f"The request to {host} could not be written.",
                    f"{type(error).__name__}.",
                    "Look for odd characters in the platform's secret and in the activation's destinations.",
                ) from None
        if watch.over:
            kind = f"It was cut off after {self._total_seconds:g} seconds"
        raise RetryLater(f"{host} gave no answer.", f"{kind}.")

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        found = self._pool.request(
            method,
            target,
            headers=headers,
            body=body or None,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        try:
            told = {name.lower(): value for name, value in found.headers.items()}
            return Answer(found.status, told, _unpack(_read(found), told.get("content-encoding", "")))
        except BaseException:
            found.close()
            raise
        finally:
            found.release_conn()

    def close(self) -> None:
        """Close what is kept open."""
        self._pool.clear()


def _read(found: BaseHTTPResponse) -> bytes:
    """Read a body as it comes, chunked or not. RetryLater when it is too long."""
    pieces: list[bytes] = []
    size = 0
    while piece := found.read(_CHUNK_BYTES, decode_content=False):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES:
            raise _too_long()
    return b"".join(pieces)


def _unpack(body: bytes, encoding: str) -> bytes:
    """Undo a compression that nobody asked for. RetryLater when it is unknown or hides too much."""
    packed = [word for part in encoding.lower().split(",") if (word := part.strip()) not in ("", "identity")]
    if not packed or not body:
        return body
    if len(packed) > 1 or packed[0] not in _PACKED:
        raise RetryLater("An answer is packed in a way that was not asked for.", "It cannot be read.")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # the head says which of the two it is
    plain = unpacker.decompress(body, ANSWER_BYTES + 1)
    if len(plain) > ANSWER_BYTES:
        raise _too_long()
    if not unpacker.eof:
        raise RetryLater("A packed answer broke off.", "It cannot be read.")
    return plain


def _too_long() -> RetryLater:
    return RetryLater(
        f"An answer is longer than {ANSWER_BYTES >> 20} MiB.",
        "No answer of a platform is, so whatever stands there was not believed.",
    )
