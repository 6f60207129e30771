"""Our clients deliver to our stand-ins through Prism, which holds both against the platform's description.

Only Google's description is in a package (google-api-python-client). No package of pip or npm has the OpenAPI
documents of Pinterest and Klaviyo in it: docs/reference/oracles.md says where we looked. Their descriptions are
rebuilt here, at test time, from clients that were generated of those documents: what such a client would send
and accept is what they said. The Trade Desk describes nothing of what we use.
Runs with AUDIENCES_ORACLES=1 (`make test-oracles`), because it installs packages.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
from audiences.errors import AudienceError, SetupError

from local.platforms import Platforms
from local.stand_in_access import PlainSecret, secret_of
from tests.contract.world import World, digests
from tests.oracles.install import HERE, install
from tests.oracles.prism import JudgedHttp, Prism

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("AUDIENCES_ORACLES"),
        reason="installs packages: AUDIENCES_ORACLES=1 or make test-oracles",
    ),
    pytest.mark.skipif(not shutil.which("npm"), reason="Prism is an npm package"),
]


@dataclass(frozen=True)
class Source:
    """Where a description comes from: a pinned package, the script that reads it, and which part of it."""

    slug: str
    script: str
    package: str
    part: str
    base: str = ""


SOURCES = {
    # Pinterest's own client, of OpenAPI 5.14.0; failures have no schema in it
    "pinterest-generated-client": Source(
        "pinterest",
        "describe_classic_client.py",
        "openapi_generated.pinterest_client",
        "CustomerListsApi,OauthApi",
        "/v5",
    ),
    # a third party's client, of Pinterest's OpenAPI 5.28.0; failures have their schema
    "pinterestsdk": Source(
        "pinterest", "describe_pydantic_client.py", "pinterestsdk", "CustomerListsApi,OauthApi", "/v5"
    ),
    # Klaviyo's own client, of revision 2026-10-15
    "klaviyo-api": Source("klaviyo", "describe_pydantic_client.py", "openapi_client", "ListsApi,ProfilesApi"),
    # Google's own description, whole: no rebuilding
    "google-api-python-client": Source(
        "google", "describe_discovery_document.py", "googleapiclient.discovery_cache", "datamanager.v1.json"
    ),
}


@dataclass(frozen=True)
class Case:
    """What is asked of a platform.

    requests  every request of a delivery; answers: the stand-in's method and the field to spoil in what it says
    broken    a path, a body that no description has, and the field that is wrong; query: the same for a query
    refused   rows that the stand-in refuses, so that reading them is judged, too
    """

    requests: set[str]
    broken: tuple[str, dict, str]
    query: tuple[str, dict, str]
    answers: tuple[str, str]
    refused: int = 0


PINTEREST_LISTS = "/v5/ad_accounts/{ad_account_id}/customer_lists"
KLAVIYO_JOBS = "/api/profile-bulk-import-jobs"
GOOGLE_LISTS = "/v1/accountTypes/{accountTypesId}/accounts/{accountsId}/userLists"
CASES = {
    "pinterest": Case(
        requests={
            "POST /v5/oauth/token",
            f"GET {PINTEREST_LISTS}",
            f"POST {PINTEREST_LISTS}",
            f"GET {PINTEREST_LISTS}/{{customer_list_id}}",
            f"PATCH {PINTEREST_LISTS}/{{customer_list_id}}",
        },
        broken=("/v5/ad_accounts/1234567890/customer_lists", {"name": 7, "records": ""}, "name"),
        query=("/v5/ad_accounts/1234567890/customer_lists", {"page_size": "251"}, "page_size"),
        answers=("_describe", "status"),
    ),
    "klaviyo": Case(
        requests={
            "GET /api/lists",
            "POST /api/lists",
            "GET /api/lists/{id}",
            f"POST {KLAVIYO_JOBS}",
            f"GET {KLAVIYO_JOBS}/{{job_id}}",
            f"GET {KLAVIYO_JOBS}/{{id}}/import-errors",
            "GET /api/profiles",
            "DELETE /api/lists/{id}/relationships/profiles",
        },
        broken=(KLAVIYO_JOBS, {"data": {"type": "shoe", "attributes": {"profiles": {"data": []}}}}, "type"),
        query=(
            "/api/profiles",
            {"filter": 'equals(email,"a@example.com")', "page[size]": "101"},
            "page[size]",
        ),
        answers=("_describe_list", "type"),
        refused=1,
    ),
    "google": Case(
        requests={
            f"GET {GOOGLE_LISTS}",
            f"POST {GOOGLE_LISTS}",
            f"GET {GOOGLE_LISTS}/{{userListsId}}",
            "POST /v1/audienceMembers:ingest",
            "POST /v1/audienceMembers:remove",
            "GET /v1/requestStatus:retrieve",
        },
        broken=("/v1/audienceMembers:ingest", {"shoe": []}, "shoe"),
        query=("/v1/accountTypes/GOOGLE_ADS/accounts/1234567890/userLists", {"pageSize": "all"}, "pageSize"),
        answers=("_status_of", "requestStatus"),
    ),
}


class JudgedWorld(World):
    """A platform's stand-in on loopback with Prism before it, and deliveries that go through Prism."""

    def __init__(self, ads, slug, url, description, folder):
        self.slug, self.folder, self.stand_in, self.case = slug, folder, ads[slug], CASES[slug]
        self.now, self.runs, self.destination = time.time(), 0, {}
        self.http = JudgedHttp(url, description)
        self.secret = PlainSecret(secret_of(slug, ads.origin(slug)))
        if (
            "POST /v5/oauth/token" in self.case.requests
        ):  # the client must buy a token, where it thinks it is sold
            del self.secret.values["token_url"], self.secret.values["access_token"]

    def ask(self, method, path, **options):
        client = self.delivery(self.prepare(range(40))).client
        return (client._ask if self.slug == "klaviyo" else client.request)(method, path, **options)


@pytest.fixture(scope="module")
def ads():
    with Platforms() as serving:
        yield serving


@pytest.fixture(scope="module", params=SOURCES)
def judge(request, ads, tmp_path_factory):
    """Return stand-in, Prism's address and the description it judges by."""
    source = SOURCES[request.param]
    made = subprocess.run(
        [sys.executable, str(HERE / source.script), source.package, source.part, source.base],
        env={**os.environ, "PYTHONPATH": str(install(request.param))},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    description = json.loads(made.stdout)
    with Prism(description, ads.origin(source.slug), tmp_path_factory.mktemp(request.param)) as url:
        yield source.slug, url, description


@pytest.fixture
def world(ads, judge, tmp_path):
    slug, url, description = judge
    ads[slug].reset()
    return JudgedWorld(ads, slug, url, description, tmp_path)


def test_a_delivery_keeps_to_the_description(world):
    """Make, add, poll, remove, read: every request of ours and every answer of the stand-in."""
    if world.case.refused:
        world.stand_in.misbehave("async_partial", rows=world.case.refused)
    first = world.delivery(world.prepare(range(40))).run()
    second = world.delivery(world.prepare(range(10, 50)))
    second.run()
    (held,) = world.stand_in.list_audiences()
    second.client.describe(second.client.find_audience(held["name"]))
    assert world.http.violations == []
    assert set(world.http.seen) == world.case.requests
    assert first.receipt["accepted"] == 40 - world.case.refused
    assert set(world.members()) <= digests(world, range(10, 50))
    assert len(world.members()) >= 40


@pytest.mark.parametrize("scenario", ["rate_limited", "server_error", "token_expired", "forbidden"])
def test_refusals_keep_to_the_description(world, scenario):
    """What goes wrong is told in the described form, and our client understands it."""
    world.stand_in.misbehave(scenario, on="" if world.slug == "klaviyo" else "ists")
    delivery = world.delivery(world.prepare(range(40)))
    if scenario == "forbidden" or (scenario == "token_expired" and world.slug == "klaviyo"):
        with pytest.raises(SetupError):
            delivery.run()
    else:
        delivery.run()
    assert world.http.violations == []


def test_a_broken_request_is_reported(world):
    path, body, wrong = world.case.broken
    with pytest.raises(AudienceError):
        world.ask("POST", path, data=body)
    told = world.http.violations[-1][-1]
    assert wrong in json.dumps(told)
    assert not list(world.stand_in.list_audiences()), "Prism lets nothing broken through"


def test_a_broken_query_is_reported(world):
    path, query, wrong = world.case.query
    with contextlib.suppress(AudienceError):  # Prism refuses it, or what stands beside Prism only notes it
        world.ask("GET", path, query=query)
    (noted,) = world.http.violations
    assert wrong.lower() in json.dumps(noted).lower()  # Prism writes names of parameters so
    with contextlib.suppress(AudienceError):
        world.ask("GET", path, query={"shoe": "1"})
    assert "shoe" in json.dumps(world.http.violations[1])


def test_a_broken_answer_is_reported(world, monkeypatch):
    """The stand-in is judged, too: here it answers with a word that no description has."""
    name, wrong = world.case.answers
    honest = getattr(world.stand_in, name)
    monkeypatch.setattr(
        world.stand_in, name, lambda *given, **named: {**honest(*given, **named), wrong: "SHOE"}
    )
    with pytest.raises(AudienceError):
        world.delivery(world.prepare(range(40)), attempts=1).run()
    assert any(wrong in json.dumps(told) for *_, told in world.http.violations)


def test_the_trade_desk_describes_no_crm_data():
    """Its description and its client are of the data API; CRM data, which we send, is in neither."""
    files = list(install("ttd-data").glob("ttd_data/**/*.py"))
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert "/data/advertiser" in sources
    if "crmdata" in sources.lower():
        pytest.fail("ttd-data knows CRM data now: drive our client against it as the others are here")
    pytest.skip(
        "The Trade Desk publishes no description of /v3/crmdata: its documentation needs a login, and its official "
        "packages (ttd-data 0.3.2, ttd-workflows 0.13.2, in wheel and source) do not know the path. What they do "
        "know, /data/advertiser, is checked by test_clients.py."
    )
