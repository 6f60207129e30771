"""The stand-ins through real sockets: paths, own ports, odd bodies, cut connections, the admin API."""

import gzip
import http.client
import json
import urllib.error
import urllib.request

import pytest

from local.platforms import Platforms
from tests.functional.local.platforms.drivers import hashes

TOKEN = {"Authorization": "Bearer local-meta-access", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def ads():
    with Platforms() as serving:
        yield serving


@pytest.fixture(autouse=True)
def _fresh(ads):
    for one in ads.stand_ins.values():
        one.reset()


def ask(url, body=None, method=None, headers=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, headers or TOKEN, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.loads(response.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


def create(base):
    body = {"name": "Action", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
    return ask(f"{base}/v26.0/act_1/customaudiences", body)[1]["id"]


def payload(values):
    return {"payload": {"schema": ["EMAIL"], "data": [[value] for value in values]}}


def test_a_platform_is_served_under_a_path_and_on_its_own_port(ads):
    audience = create(ads.url("meta"))
    assert ask(f"{ads.origin('meta')}/v26.0/{audience}/users", payload(hashes(2)))[0] == 200
    assert ads.origin("meta") == ads.origin("meta")
    status, told = ask(f"{ads.admin_url}/members/meta/{audience}")
    assert (status, told) == (200, {"count": 2, "members": sorted(hashes(2))})


def test_a_handed_out_address_works_as_it_is(ads):
    headers = {"TTD-Auth": "local-the-trade-desk-access", "Content-Type": "application/json"}
    for base in (ads.url("the_trade_desk"), ads.origin("the_trade_desk")):
        body = {"AdvertiserId": "adv", "SegmentName": "A", "Region": "US"}
        segment = ask(f"{base}/v3/crmdata/segment", body, headers=headers)[1]["CrmDataId"]
        body = {"PiiType": "EmailHashedUnifiedId2", "MergeMode": "Add"}
        url = ask(f"{base}/v3/crmdata/segment/adv/{segment}", body, headers=headers)[1]["Url"]
        assert url.startswith(f"{base}/drop/")
        request = urllib.request.Request(
            url, b"A" * 43 + b"=\n", {"Content-Type": "text/plain"}, method="PUT"
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            assert response.status == 200
        assert len(ads["the_trade_desk"].members(segment)) == 1


def test_chunked_and_zipped_bodies_and_one_connection(ads):
    audience = create(ads.url("meta"))
    connection = http.client.HTTPConnection("127.0.0.1", ads.server.server_port, timeout=5)
    path = f"/meta/v26.0/{audience}/users"
    zipped = gzip.compress(json.dumps(payload(hashes(1))).encode())
    connection.request("POST", path, zipped, {**TOKEN, "Content-Encoding": "gzip"})
    assert json.loads(connection.getresponse().read())["num_received"] == 1
    chunks = iter([json.dumps(payload(hashes(1, 1))).encode()])
    connection.request("POST", path, chunks, {**TOKEN, "Transfer-Encoding": "chunked"}, encode_chunked=True)
    assert json.loads(connection.getresponse().read())["num_received"] == 1
    connection.close()
    assert len(ads["meta"].members(audience)) == 2


def test_a_cut_connection_gives_no_answer_though_the_work_is_done(ads):
    audience = create(ads.url("meta"))
    body = {"platform": "meta", "scenario": "cut", "on": "POST /v26.0/" + audience}
    assert ask(f"{ads.admin_url}/misbehave", body)[0] == 204
    with pytest.raises(http.client.RemoteDisconnected):
        ask(f"{ads.url('meta')}/v26.0/{audience}/users", payload(hashes(1)))
    assert ads["meta"].members(audience) == hashes(1)


def test_the_admin_api_tells_and_resets(ads):
    audience = create(ads.url("meta"))
    assert ask(f"{ads.admin_url}/audiences/meta")[1]["audiences"] == [
        {"id": audience, "name": "Action", "owner": "1", "members": 0}]  # fmt: skip
    log = ask(f"{ads.admin_url}/requests/meta")[1]["requests"]
    assert (log[0]["method"], log[0]["path"], log[0]["status"]) == (
        "POST",
        "/v26.0/act_1/customaudiences",
        200,
    )
    assert "authorization" in log[0]["header_names"]
    assert "local-meta-access" not in json.dumps(log)
    assert "async_stuck" in ask(f"{ads.admin_url}/platforms")[1]["google"]["scenarios"]
    assert ask(f"{ads.admin_url}/reset/meta", {})[0] == 204
    assert ask(f"{ads.admin_url}/audiences/meta")[1] == {"audiences": []}
    assert ask(f"{ads.admin_url}/reset", {})[0] == 204


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("members/meta/9", None, 404),
        ("members/shoe/9", None, 404),
        ("shoe", None, 404),
        ("misbehave", {"platform": "meta", "scenario": "shoe"}, 400),
        ("misbehave", {"platform": "meta", "scenario": "cut", "shoe": 1}, 400),
        ("misbehave", {"platform": "meta"}, 404),
    ],
)
def test_the_admin_api_says_what_it_does_not_know(ads, path, body, expected):
    assert ask(f"{ads.admin_url}/{path}", body)[0] == expected


def test_an_unknown_platform_is_named(ads):
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{ads.server.server_port}/shoe/x", timeout=5)
    with caught.value as error:
        assert b"meta" in error.read()
