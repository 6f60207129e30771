"""With ttd-data on the path: people by address, which the SDK hashes and has UID2 turn into ids.

There is no stand-in for a UID2 operator, so this one answers here: it opens the SDK's envelope, keeps what
was asked (told on stdout) and gives each digest an invented id.
"""

import base64
import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from ttd_data import DataClient
from ttd_data.uid2.config import IdentityScope, UID2Config
from ttd_data.uid2.models import AdvertiserDataItem
from uid2_client.encryption import _decrypt_gcm, _encrypt_gcm

asked = json.loads(sys.argv[1])
KEY = b"k" * 32
kept = []


class Operator(BaseHTTPRequestHandler):
    """Answers /v3/identity/map."""

    def do_POST(self):  # http.server's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        opened = _decrypt_gcm(body[1:], KEY)
        wanted = json.loads(opened[16:])
        headers = {"Authorization": self.headers["Authorization"]}
        kept.append({"method": "POST", "target": self.path, "headers": headers, "body": wanted})
        found = [
            {"u": base64.b64encode(hashlib.sha256(one.encode()).digest()).decode(), "p": None, "r": 1}
            for one in wanted["email_hash"]
        ]
        told = json.dumps({"status": "success", "body": {"email_hash": found, "phone_hash": []}}).encode()
        sealed = _encrypt_gcm(opened[:16] + told, None, KEY)
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(sealed)))
        self.end_headers()
        self.wfile.write(sealed)

    def log_message(self, *_about):
        """Say nothing."""


operator = HTTPServer(("127.0.0.1", 0), Operator)
threading.Thread(target=operator.serve_forever, daemon=True).start()
uid2 = UID2Config(
    base_url=f"http://127.0.0.1:{operator.server_port}",
    api_key="local-uid2-key",
    client_secret=base64.b64encode(KEY).decode(),
    identity_scope=IdentityScope.UID2,
)
client = DataClient(uid2_config=uid2, ttd_auth=asked["secret"]["access_token"])
for run, minutes in (("arrive", 1440), ("leave", 0)):
    items = [
        AdvertiserDataItem(email=one["email"], data=[{"name": asked["name"], "ttl_in_minutes": minutes}])
        for one in asked[run]
    ]
    client.advertiser.ingest_advertiser_data(
        advertiser_id=asked["account"], items=items, server_url=asked["base"]
    )
operator.shutdown()
json.dump(kept, sys.stdout)
