"""Official clients speak to our stand-ins: what they send is taken, what they are answered is read.

Runs with AUDIENCES_ORACLES=1, because it installs packages; each client has its own folder and process,
since some of them install the same top-level package.
"""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from local.platforms import Platforms
from tests.oracles.install import HERE, install
from tests.oracles.recording import LOOPBACK_ONLY

pytestmark = pytest.mark.skipif(
    not os.environ.get("AUDIENCES_ORACLES"),
    reason="installs packages: AUDIENCES_ORACLES=1 or make test-oracles",
)
HASHES = [hashlib.sha256(f"person{number}@example.com".encode()).hexdigest() for number in range(7)]


@pytest.fixture
def ads():
    with Platforms() as serving:
        yield serving


def drive(client, address):
    worker = HERE / "clients" / f"drive_{client.replace('-', '_')}.py"
    environment = {**os.environ, "PYTHONPATH": str(install(client)), **LOOPBACK_ONLY}
    done = subprocess.run(
        [sys.executable, str(worker), address, json.dumps(HASHES)],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_meta(ads):
    ads["meta"].misbehave("flagged", skip=4, on="POST")
    told = drive("facebook-business", ads.origin("meta"))
    assert (told["added"]["num_received"], told["removed"]["num_received"]) == (4, 1)
    assert told["before"]["operation_status"]["code"] == 200
    assert told["refused"] == [100, 1713230, 400]
    assert ads["meta"].members(told["id"]) == [HASHES[6]], "the replace came last"


def test_google_with_numbers(ads):
    told = drive("google-ads-datamanager", ads.origin("google"))
    assert told["states"] == ["PROCESSING", "SUCCESS"]
    assert (told["count"], told["refused"]) == (7, [400, "INVALID_HASH"])
    assert ads["google"].members(told["id"]) == sorted(HASHES[2:])


def test_google_with_names(ads):
    told = drive("google-api-python-client", ads.origin("google"))
    assert told["states"] == ["PROCESSING", "SUCCESS"]
    assert (told["refused"], told["listed"]) == ([409, "DISPLAY_NAME_ALREADY_USED"], ["Action"])
    assert ads["google"].members(told["id"]) == sorted(HASHES[2:])


def test_tiktok(ads):
    told = drive("tiktok-business-api-sdk-official", ads.origin("tiktok"))
    assert told["states"] == ["PROCESSING", "READY"]
    assert told["refused"][0] == "TiktokSDKError"
    assert ads["tiktok"].members(told["id"]) == sorted(HASHES[2:])


def test_pinterest(ads):
    told = drive("pinterest-generated-client", ads.origin("pinterest"))
    assert (told["states"], told["refused"]) == (["PROCESSING", "TOO_SMALL"], 404)
    assert ads["pinterest"].members(told["id"]) == sorted(HASHES[2:])


def test_microsoft(ads):
    told = drive("msads", ads.origin("microsoft"))
    assert (told["none"], told["some"]) == ([], [[2, "CustomerListItemInvalid"]])
    assert ads["microsoft"].members(told["id"]) == sorted(HASHES[2:])


def test_the_trade_desk(ads):
    told = drive("ttd-data", ads.origin("the_trade_desk"))
    assert told["failed"] == [["3", "InvalidParameterFormat"]]
    assert len(ads["the_trade_desk"].members(told["id"])) == 1


def test_linkedin(ads):
    told = drive("linkedin-api-client", ads.origin("linkedin"))
    assert (told["added"], told["found"]) == ([201] * 7 + [400], ["Action"])
    assert ads["linkedin"].members(told["id"]) == sorted(HASHES[2:])


def test_klaviyo(ads):
    told = drive("klaviyo-api", ads.origin("klaviyo"))
    assert told["states"] == ["queued", "complete"]
    assert told["pointers"] == ["/data/attributes/profiles/data/7"]
    assert len(ads["klaviyo"].members(told["id"])) == 5
