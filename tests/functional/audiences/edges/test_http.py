"""The way out: checked addresses, one answer, no redirects, kept-alive connections."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from audiences.edges.http import HttpsClient, check_address
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
    return HttpsClient(f"http://127.0.0.1:{server.server_port}{path}", read_seconds=2)


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


def test_credentials_go_to_the_platform_and_nowhere_else(server):
    http = client(server)
    with pytest.raises(SetupError, match="about to go to"):
        http.send("GET", "https://elsewhere.example.com/page2", headers={"Authorization": "Bearer x"})
    own = f"http://127.0.0.1:{server.server_port}/page2"
    assert http.send("POST", own, headers={"Authorization": "Bearer x"}).status == 200
    http.close()


def test_nobody_there_is_retry_later():
    with pytest.raises(RetryLater):
        HttpsClient("http://127.0.0.1:9").send("GET", "/")


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "ftp://example.com", "file:///etc/passwd", "", "http://127.0.0.1.example.com"],
)
def test_customer_data_goes_to_https_or_to_this_machine_only(url):
    with pytest.raises(SetupError):
        check_address(url)


def test_https_and_loopback_are_fine():
    for url in ("https://example.com", "http://127.0.0.1:8080/x", "http://localhost:1"):
        assert check_address(url) == url
