"""One upload through our real client, and one through an official client, each with a stand-in of its own.

Three runs, as an audience lives: seven people come, two of them go, and the list is sent whole because
nobody knows any more what the platform holds (only where our client can replace).
"""

import dataclasses
import hashlib
import io
import json
import os
import subprocess
import sys

from audiences.delivery import Delivery, Patience, find_uploader
from audiences.edges.http import HttpsClient
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source

from local.folder_store import FolderStore, read_folder
from local.platforms import Platforms
from local.platforms.wire import Request as Sent
from local.stand_in_access import ACCOUNT, PlainSecret, secret_of
from tests.oracles.canonical import canonical
from tests.oracles.install import HERE, install

AUDIENCE = "Lovers"
# a client that misses its override must not reach the real platform
LOOPBACK_ONLY = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
}
_OPEN = ("base_url", "token_url", "ad_account", "account", "advertiser_id", "customer_id")  # of a secret


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _person(number):
    address, phone = f"person{number}@example.com", f"+1650555010{number}"
    return {
        "email": address,
        "phone": phone,
        "email_sha256": _sha256(address),
        "phone_sha256": _sha256(phone),
    }


# Preparation sorts people by digest; the SDK's caller says its people in the same order.
PEOPLE = sorted((_person(number) for number in range(7)), key=lambda one: one["email_sha256"])
RUNS = ("arrive", "leave", "whole")
WANTED = {"arrive": PEOPLE, "leave": PEOPLE[2:], "whole": PEOPLE[4:]}


def record(stand_in):
    """Return the list that every request to the stand-in will be kept in."""
    kept, handle = [], stand_in.handle

    def keep(request):
        kept.append(request)
        return handle(request)

    stand_in.handle = keep
    return kept


def send_by_our_client(slug, fields, runs, folder):
    """Prepare and deliver; return the requests and who is in the audience at the end."""
    with Platforms() as serving:
        kept = record(serving[slug])
        secret = secret_of(slug, serving.origin(slug))
        http = HttpsClient(serving.origin(slug), stand_ins=True)
        for run in runs:
            home = folder / ("forgotten" if run == "whole" else "home")
            _deliver(slug, fields, run, PlainSecret(secret), http, home)
        http.close()
        (held,) = serving[slug].audiences
        return canonical(kept, _secrets(secret)), serving[slug].members(held)


def _deliver(slug, fields, run, secret, http, home):
    folder, held = home.parent / run, home / "ledger.tsv.gz"
    at = {one["email"]: number for number, one in enumerate(PEOPLE)}
    segment = "user_id\n" + "".join(f"u{at[one['email']]}\n" for one in WANTED[run])
    rows = "".join(f"u{number},{one['email']},{one['phone']},yes,US\n" for number, one in enumerate(PEOPLE))
    inputs = Inputs(
        segments=[_source("s.csv", segment)],
        identities=[_source("i.csv", "user_id,email,phone,consent_ads,country\n" + rows)],
        ledger=Source.of(held) if held.exists() else None,
    )
    asked = Request(platform=slug, audience=AUDIENCE, mode="mirror", identifiers=fields, country="US", fuse=0)
    prepare(asked, inputs, folder)
    prepared = read_folder(folder, prepared_at=f"2026-11-21T10:0{RUNS.index(run)}:00.000+00:00")
    uploader = dataclasses.replace(find_uploader(slug), parallel=1, poll_seconds=1)
    client = uploader.make(http, secret, {})
    store = FolderStore(home, folder, prepared)
    patience = Patience(sleep=lambda _seconds: None)
    outcome = Delivery(prepared, uploader, find_shape(slug), client, store, patience).run()
    assert outcome.status == "succeeded", outcome.receipt


def _source(name, text):
    return Source(name, lambda: io.BytesIO(text.encode()))


def send_by_sdk(sdk, version, runs):
    """Drive clients/send_<client>.py; return the requests and who is in the audience at the end.

    A worker tells on stdout what its client sent to another address: [{method, target, headers, body}].
    """
    worker = HERE / "clients" / f"send_{sdk.client.replace('-', '_')}.py"
    environment = {**os.environ, "PYTHONPATH": str(install(sdk.client)), **LOOPBACK_ONLY}
    with Platforms() as serving:
        kept = record(serving[sdk.slug])
        secret = secret_of(sdk.slug, serving.origin(sdk.slug))
        asked = {"base": serving.origin(sdk.slug), "name": AUDIENCE, "account": ACCOUNT, "version": version,
            "secret": secret, "arrive": PEOPLE, "leave": PEOPLE[:2], "whole": WANTED["whole"]}  # fmt: skip
        done = subprocess.run(
            [sys.executable, str(worker), json.dumps(asked)],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        kept += [Sent.make(**one) for one in json.loads(done.stdout or "[]")]  # what went elsewhere
        (held,) = serving[sdk.slug].audiences
        return canonical(kept, _secrets(secret)), serving[sdk.slug].members(held)


def _secrets(secret):
    return [value for name, value in secret.items() if name not in _OPEN]
