"""Serves the stand-ins on loopback: all on one port, and each on its own for clients that allow no path."""

from __future__ import annotations

import gzip
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.platforms.admin import handle_admin
from local.platforms.registry import STAND_INS
from local.platforms.wire import ConnectionCut, Request, Response

if TYPE_CHECKING:
    from types import TracebackType

    from local.platforms.base import StandIn

MAX_BODY_BYTES = 256 << 20


class Platforms:
    """The stand-ins in one process. `with Platforms() as ads: ads.url("meta")`."""

    def __init__(self, port: int = 0) -> None:
        """Bind 127.0.0.1; port 0 takes a free one."""
        self.stand_ins: dict[str, StandIn] = {kind.slug: kind() for kind in STAND_INS}
        self._servers: dict[str, _Server] = {}
        self.server = self._serve("", port)

    def __getitem__(self, slug: str) -> StandIn:
        """Return a platform's stand-in."""
        return self.stand_ins[slug]

    def url(self, slug: str) -> str:
        """Return the address under which a platform is served on the common port."""
        return f"{self.admin_url.removesuffix('/_admin')}/{self[slug].slug}"

    def origin(self, slug: str) -> str:
        """Return the address of a port that serves this platform alone, opened when first asked for."""
        server = self._servers.get(slug) or self._serve(self[slug].slug, 0)
        return f"http://127.0.0.1:{server.server_port}"

    @property
    def admin_url(self) -> str:
        """The address of the admin API."""
        return f"http://127.0.0.1:{self.server.server_port}/_admin"

    def _serve(self, slug: str, port: int) -> _Server:
        server = _Server(("127.0.0.1", port), self.stand_ins, slug)
        self._servers[slug] = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def __enter__(self) -> Platforms:
        """Serve until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], stand_ins: dict[str, StandIn], only: str) -> None:
        self.stand_ins, self.only = stand_ins, only
        self._open: set[Any] = set()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Remember the connection, so that closing the server ends it."""
        accepted = super().get_request()
        self._open.add(accepted[0])
        return accepted

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End the connections still open, too."""
        super().server_close()
        for connection in list(self._open):
            self.shutdown_request(connection)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet per answer
    server: _Server

    def _answer(self) -> None:
        try:
            response = self._respond(self._read_body())
        except ConnectionCut:
            self.close_connection = True
            return
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # http.server's names

    def _respond(self, body: bytes) -> Response:
        first, slug, rest = self._split()
        base = f"http://{self.headers.get('Host', '127.0.0.1')}{first}"
        request = Request.make(self.command, rest, headers=dict(self.headers.items()), body=body, base=base)
        if slug == "_admin":
            return handle_admin(self.server.stand_ins, request)
        stand_in = self.server.stand_ins.get(slug)
        if stand_in is None:
            return Response(
                404, f"No stand-in {slug!r}. There are: {', '.join(self.server.stand_ins)}.\n".encode()
            )
        return stand_in.handle(request)

    def _split(self) -> tuple[str, str, str]:
        """Return the base path, the platform and the target it sees."""
        if self.server.only:
            return "", self.server.only, self.path
        slug, _, rest = self.path.removeprefix("/").partition("/")
        if slug == "_admin":
            return "", slug, self.path
        return f"/{slug}", urlsplit(slug).path, f"/{rest}"

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _chunks(self) -> list[bytes]:
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return chunks

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Say nothing: paths and queries may hold tokens."""
