"""The way out: checked addresses, one answer, no redirects, kept-alive connections."""

import gzip
import socket
import threading
import time
import traceback
import tracemalloc
import zlib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from audiences.edges import addresses
from audiences.edges.http import ANSWER_BYTES, HttpsClient
from audiences.errors import RetryLater, SetupError


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.path, self.client_address, body))
        if "/cut" in self.path:
            self.close_connection = True
            return
        self.send_response(302 if self.path.endswith("/away") else 200)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("X-Told", "yes")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.seen = []
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def client(server, path=""):
    return HttpsClient(f"http://127.0.0.1:{server.server_port}{path}", read_seconds=2, stand_ins=True)


def test_paths_go_below_the_base_over_one_connection(server):
    http = client(server, "/meta")
    answers = [http.send("POST", "/v1/x", body=b"1"), http.send("POST", "v1/y", body=b"2")]
    http.close()
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].headers["x-told"] == "yes"
    assert [row[0] for row in server.seen] == ["/meta/v1/x", "/meta/v1/y"]
    assert server.seen[0][1] == server.seen[1][1]


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    http = client(server)
    assert http.send("POST", "/away", body=b"people").status == 302
    http.close()
    assert len(server.seen) == 1


def test_a_cut_connection_is_retry_later_sent_once_and_tells_no_query(server):
    http = client(server)
    with pytest.raises(RetryLater) as error:
        http.send("POST", "/cut?access_token=hidden", body=b"x")
    http.close()
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["Authorization", "TTD-Auth", "Access-Token", "Cookie", "X-Api-Key", "DeveloperToken"]
)
def test_credentials_go_to_the_platform_and_nowhere_else(server, name):
    """In whatever header: what an answer names as the next page or a place to drop data is not the platform."""
    http = HttpsClient(f"http://127.0.0.1:{server.server_port}", ("elsewhere.example.com",), stand_ins=True)
    for url in ("https://elsewhere.example.com/page2", f"http://localhost:{server.server_port}/page2"):
        with pytest.raises(SetupError, match="with credentials was about to go to"):
            http.send("GET", url, headers={name: "x"})
    with pytest.raises(SetupError, match="none of the platform's known hosts"):
        http.send("PUT", "https://undeclared.example.com/drop", body=b"people")
    own = f"http://127.0.0.1:{server.server_port}/page2"
    assert http.send("POST", own, headers={"Authorization": "Bearer x"}).status == 200
    http.close()


def test_nobody_there_is_retry_later():
    with pytest.raises(RetryLater):
        HttpsClient("http://127.0.0.1:9", stand_ins=True).send("GET", "/")


class Raw:
    """A server that says exactly these bytes, `piece` by `piece`, to whoever has sent a request."""

    def __init__(self, pieces, pause=0.0):
        self.pieces, self.pause = pieces, pause
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        with suppress(OSError):
            taken, _ = self.listener.accept()
            with taken, suppress(OSError):
                taken.recv(1 << 16)
                for piece in self.pieces:
                    if self.stopped.wait(self.pause):
                        return
                    taken.sendall(piece)

    def stop(self):
        self.stopped.set()
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def raw():
    made = []

    def start(*arguments, **options):
        made.append(Raw(*arguments, **options))
        return made[-1].url

    yield start
    for server in made:
        server.stop()


HEAD = b"HTTP/1.1 200 OK\r\n"
ONE_BY_ONE = [bytes([byte]) for byte in b"x" * 10_000]


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"Content-Length: 10000\r\n\r\n", *ONE_BY_ONE],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 10_000],
        [HEAD + b"\r\n", *ONE_BY_ONE],  # to the end of the connection
        [HEAD + b"X-Odd: ", *ONE_BY_ONE],
        ONE_BY_ONE,
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 10_000,
    ],
    ids=["length", "chunked", "endless", "header", "status", "continue"],
)
def test_an_answer_that_trickles_in_is_cut_off(raw, pieces):
    """A piece within every read's time-out, and no end: the whole request has a bound."""
    http = HttpsClient(raw(pieces, pause=0.05), read_seconds=0.3, stand_ins=True)
    started = time.monotonic()
    with pytest.raises(RetryLater, match=r"127.0.0.1 gave no answer") as error:
        http.send("GET", "/")
    http.close()
    assert error.value.why == "It was cut off after 0.6 seconds."
    assert time.monotonic() - started < 2


def test_a_body_that_nobody_takes_is_cut_off():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        http = HttpsClient(f"http://127.0.0.1:{silent.getsockname()[1]}", read_seconds=0.2, stand_ins=True)
        with pytest.raises(RetryLater):
            http.send("PUT", "/", body=b"x" * (32 << 20))
        http.close()


def chunked(data, size):
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


PIECE = b"x" * (1 << 20)
MANY = (ANSWER_BYTES >> 20) * 4
BOMB = gzip.compress(b"0" * (ANSWER_BYTES * 8), mtime=0)


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"Content-Length: %d\r\n\r\n" % (len(PIECE) * MANY), *[PIECE] * MANY],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"100000\r\n%b\r\n" % PIECE] * MANY],
        [HEAD + b"\r\n", *[PIECE] * MANY],
        [HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB), BOMB],
        [HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", chunked(BOMB, 5_000)],
    ],
    ids=["length", "chunked", "endless", "packed", "packed and chunked"],
)
def test_an_answer_longer_than_any_is_not_taken_into_memory(raw, pieces):
    http = HttpsClient(raw(pieces), stand_ins=True)
    tracemalloc.start()
    with pytest.raises(RetryLater, match="longer than 16 MiB"):
        http.send("GET", "/")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    http.close()
    assert most < 3 * ANSWER_BYTES


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        (b"Content-Encoding: gzip", gzip.compress(b'{"a": 1}', mtime=0)[:-5], "broke off"),
        (b"Content-Encoding: gzip", b"no gzip", "gave no answer"),
        (b"Content-Encoding: br", b"xx", "not asked for"),
        (b"Content-Encoding: gzip, gzip", gzip.compress(gzip.compress(b"{}"), mtime=0), "not asked for"),
        (b"X: 1\r\nTransfer-Encoding: chunked", b"zz\r\n", "gave no answer"),
    ],
)
def test_an_answer_that_cannot_be_unpacked_is_not_believed(raw, head, body, told):
    length = b"" if b"chunked" in head else b"\r\nContent-Length: %d" % len(body)
    http = HttpsClient(raw([HEAD + head + length + b"\r\n\r\n" + body]), stand_ins=True)
    with pytest.raises(RetryLater, match=told):
        http.send("GET", "/")
    http.close()


@pytest.mark.parametrize("packed", [gzip.compress(b'{"a": 1}', mtime=0), zlib.compress(b'{"a": 1}')])
def test_a_packed_answer_is_read(raw, packed):
    url = raw([HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(packed, 3)])
    http = HttpsClient(url, stand_ins=True)
    assert http.send("GET", "/").json == {"a": 1}
    http.close()


def test_the_watch_ends_with_its_request(server):
    http = HttpsClient(f"http://127.0.0.1:{server.server_port}", read_seconds=0.1, stand_ins=True)
    before = threading.active_count()
    assert http.send("POST", "/1").status == 200
    time.sleep(0.3)  # longer than a request may last: the connection is kept, and nobody cuts it off
    assert http.send("POST", "/2").status == 200
    http.close()
    assert threading.active_count() <= before + 1  # the server's own thread of the connection
    assert server.seen[0][1] == server.seen[1][1]


def test_a_name_is_resolved_once_and_the_checked_address_is_called(server, monkeypatch):
    """A name server that answers something else the second time leads nowhere else."""
    asked = []

    def resolve(host, port, *_rest, **_options):
        asked.append(host)
        number = (
            "127.0.0.1" if host in ("platform.example.com", "127.0.0.1") and len(asked) < 3 else "127.0.0.9"
        )
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(addresses, "LOOPBACK", ("platform.example.com",))
    http = HttpsClient(f"http://platform.example.com:{server.server_port}", stand_ins=True)
    assert http.send("POST", "/").status == 200
    http.close()
    assert asked == ["platform.example.com", "127.0.0.1"]  # the second asks for a number, which is itself


@pytest.mark.parametrize(
    "number", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "192.168.1.1", "::1", "fd00::1", "::ffff:10.0.0.5"]
)
def test_a_name_that_leads_into_the_company_is_not_called(number, monkeypatch):
    """Whoever answers with an address can also answer its name: only what it resolves to is the truth."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_o: [(socket.AF_INET, 1, 6, "", (number, 443))])
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_o: pytest.fail("it was called"))
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *_a, **_o: pytest.fail("called"))
    http = HttpsClient("https://platform.example.com", stand_ins=False)
    with pytest.raises(SetupError, match="no host on the public internet"):
        http.send("GET", "/", headers={"Authorization": "Bearer x"})
    http.close()


def test_a_name_that_nobody_knows_is_retry_later(monkeypatch):
    def resolve(*_arguments, **_options):
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(RetryLater, match=r"platform.example.com gave no answer"):
        HttpsClient("https://platform.example.com", stand_ins=False).send("GET", "/")


SECRET = "tok-5f1d-very-secret"


@pytest.mark.parametrize(
    "damage", ["{}\n", "{}\r\nX-Admin: 1", "{}\0", "\u201c{}\u201d", "{}\ud800", "{} \x0b"]
)
@pytest.mark.parametrize("name", ["Authorization", "TTD-Auth", "Access-Token"])
def test_a_damaged_credential_is_told_by_its_header_and_never_by_its_value(server, name, damage):
    http = client(server)
    with pytest.raises(SetupError, match=f"The header {name} for 127.0.0.1") as error:
        http.send("POST", "/", headers={name: damage.format(SECRET)})
    http.close()
    text = "".join(traceback.format_exception(error.value))
    assert SECRET not in text + repr(error.value.as_failure())
    assert error.value.__context__ is None
    assert server.seen == []


@pytest.mark.parametrize("method", ["PO ST", "GET\r\nX: 1", "G\u20acT"])
def test_what_a_library_refuses_is_not_repeated_with_its_value(server, method):
    http = client(server)
    with pytest.raises(SetupError, match="could not be written") as error:
        http.send(method, f"/x?access_token={SECRET}")
    http.close()
    assert SECRET not in "".join(traceback.format_exception(error.value))
