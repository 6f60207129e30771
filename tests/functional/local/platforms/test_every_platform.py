"""Questions every stand-in must answer alike: what it takes, what it refuses, how it goes wrong."""

import json

import pytest

from local.platforms.registry import STAND_INS
from local.platforms.trouble import SCENARIOS
from local.platforms.wire import ConnectionCut
from tests.functional.local.platforms.conftest import ready
from tests.functional.local.platforms.drivers import DRIVERS, NOTHING, hashes

HASHED = sorted(slug for slug, kind in DRIVERS.items() if kind.is_hashed)
LIMITED = sorted(slug for slug, kind in DRIVERS.items() if kind.most_rows)
OAUTH = sorted(slug for slug, kind in DRIVERS.items() if kind.token_path)


def with_scenario(scenario):
    return [pytest.param(kind.slug, id=kind.slug) for kind in STAND_INS if scenario in kind.scenarios]


def test_every_stand_in_is_driven():
    assert {kind.slug for kind in STAND_INS} == set(DRIVERS)


def test_people_are_added_once_and_removed(any_ad):
    three = hashes(3)
    assert any_ad.is_ok(any_ad.add(three))
    assert any_ad.is_ok(any_ad.add(three[:1]))
    assert any_ad.members() == any_ad.shown(three)
    assert any_ad.is_ok(any_ad.remove(three[1:]))
    assert any_ad.members() == any_ad.shown(three[:1])


@pytest.mark.parametrize("slug", HASHED)
@pytest.mark.parametrize("value", ["someone@example.com", NOTHING])
def test_plain_addresses_and_the_hash_of_nothing_are_refused(slug, value):
    ad = ready(slug)
    response = ad.add([hashes(1)[0], value])
    assert not ad.is_ok(response)
    assert b"someone" not in response.body
    assert ad.members() == []


@pytest.mark.parametrize("slug", HASHED)
def test_upper_case_and_cut_hashes_are_never_members(slug):
    ad = ready(slug)
    ad.add([hashes(1)[0][:63]])
    if slug != "the_trade_desk":  # base64 has no case to get wrong
        ad.add([hashes(1)[0].upper()])
    assert ad.members() == []


def test_an_empty_batch_is_refused_or_changes_nothing(any_ad):
    response = any_ad.add([])
    assert any_ad.members() == []
    assert not any_ad.is_ok(response) or any_ad.slug == "the_trade_desk"  # an empty file is a file


@pytest.mark.parametrize("slug", LIMITED)
def test_one_row_too_many_is_refused_and_a_full_batch_is_taken(slug):
    ad = ready(slug)
    rows = hashes(ad.most_rows + 1)
    response = ad.add(rows)
    assert not ad.is_ok(response)
    assert str(ad.most_rows) in response.body.decode()
    assert ad.is_ok(ad.add(rows[:-1]))
    assert len(ad.members()) == ad.most_rows


def test_a_wrong_token_and_none_are_refused(any_ad):
    any_ad.token = "someone else's"
    wrong = any_ad.add(hashes(1))
    any_ad.headers = dict
    none = any_ad.add(hashes(1))
    assert not any_ad.is_ok(wrong)
    assert not any_ad.is_ok(none)
    assert wrong.body != none.body
    assert any_ad.members() == []


def test_an_unknown_path_and_audience_are_refused(any_ad):
    assert not any_ad.is_ok(any_ad.call("GET", "/no/such/path"))
    any_ad.audience = "99"
    assert not any_ad.is_ok(any_ad.add(hashes(1)))


@pytest.mark.parametrize("slug", with_scenario("rate_limited"))
def test_a_rate_limit_tells_how_long_to_wait(slug):
    ad = ready(slug)
    ad.ad.misbehave("rate_limited", retry_after=120)
    response = ad.add(hashes(1))
    names = {name.lower(): value for name, value in response.headers.items()}
    if slug == "meta":
        usage = json.loads(names["x-business-use-case-usage"])
        assert usage["1"][0]["estimated_time_to_regain_access"] == 2
        assert (response.status, response.json()["error"]["code"]) == (400, 80003)
    else:
        assert (response.status, names["retry-after"]) == (429, "120")
    assert ad.is_ok(ad.add(hashes(1)))


@pytest.mark.parametrize("slug", with_scenario("rate_limited_bare"))
def test_a_rate_limit_may_say_nothing(slug):
    ad = ready(slug)
    ad.ad.misbehave("rate_limited_bare", times=2)
    first, second = ad.add(hashes(1)), ad.add(hashes(1))
    assert not ad.is_ok(first)
    assert first.body == second.body
    assert not {"retry-after", "x-business-use-case-usage"} & {name.lower() for name in first.headers}
    assert ad.members() == []
    assert ad.is_ok(ad.add(hashes(1)))


@pytest.mark.parametrize("scenario", ["server_error", "forbidden", "sunset"])
def test_failures_do_nothing_and_pass(any_ad, scenario):
    any_ad.ad.misbehave(scenario)
    response = any_ad.add(hashes(1))
    assert not any_ad.is_ok(response)
    assert any_ad.members() == []
    assert any_ad.is_ok(any_ad.add(hashes(1)))


def test_a_request_cut_after_acceptance_is_safe_to_send_again(any_ad):
    two = hashes(2)
    any_ad.ad.misbehave("cut")
    with pytest.raises(ConnectionCut):
        any_ad.add(two)
    assert any_ad.is_ok(any_ad.add(two))
    assert any_ad.members() == any_ad.shown(two)
    seen = list(any_ad.ad.requests)
    assert seen[0]["status"] == 0
    assert seen[1]["repeat"]


def test_a_request_cut_before_acceptance_did_nothing(any_ad):
    any_ad.ad.misbehave("cut_before")
    with pytest.raises(ConnectionCut):
        any_ad.add(hashes(1))
    assert any_ad.members() == []


@pytest.mark.parametrize("slug", OAUTH)
def test_a_token_that_ends_mid_session_is_refreshed(slug):
    ad = ready(slug)
    ad.ad.misbehave("token_expired", skip=1)
    assert ad.is_ok(ad.add(hashes(1)))
    ended = ad.add(hashes(1, 1))
    assert ended.status == 401
    assert ad.add(hashes(1, 1)).status == 401, "the old token stays dead"
    assert ad.refresh().status == 200
    assert ad.is_ok(ad.add(hashes(1, 1)))
    assert ad.members() == ad.shown(hashes(2))


@pytest.mark.parametrize("slug", OAUTH)
def test_tokens_end_with_time_and_refreshing_can_fail_for_good(slug):
    ad = ready(slug)
    ad.clock.now += ad.ad.access_seconds
    assert ad.add(hashes(1)).status == 401
    ad.ad.misbehave("refresh_fails", times=0)
    assert [ad.refresh().status for _ in range(3)] == [400] * 3
    assert ad.refresh().json()["error"] == "invalid_grant"


@pytest.mark.parametrize("slug", OAUTH)
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"refresh_token": "wrong"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_is_strict(slug, change, error):
    assert ready(slug).refresh(**change).json()["error"] == error


@pytest.mark.parametrize("slug", sorted(set(DRIVERS) - set(OAUTH)))
def test_a_static_token_that_ends_cannot_be_refreshed(slug):
    ad = ready(slug)
    ad.ad.misbehave("token_expired", times=0)
    assert not ad.is_ok(ad.add(hashes(1)))
    assert not ad.is_ok(ad.add(hashes(1)))


@pytest.mark.parametrize("slug", with_scenario("terms_not_accepted"))
def test_terms_must_be_accepted(slug):
    ad = DRIVERS[slug]()
    ad.ad.misbehave("terms_not_accepted", times=0)
    responses = [ad.create()]
    if ad.is_ok(responses[0]):
        responses.append(ad.add(hashes(1)))
    if slug == "tiktok":
        path = ad.upload(hashes(1)[0].encode()).json()["data"]["file_path"]
        body = {
            "advertiser_id": "7",
            "custom_audience_name": "A",
            "file_paths": [path],
            "calculate_type": "EMAIL_SHA256",
        }
        responses.append(ad.call("POST", f"{ad.api}/create/", body))
    assert not ad.is_ok(responses[-1])
    assert "erms" in responses[-1].body.decode() or slug == "the_trade_desk"


def test_troubles_are_known_to_all_and_wrong_ones_are_named(any_ad):
    assert any_ad.ad.scenarios <= set(SCENARIOS)
    with pytest.raises(ValueError, match="It has: "):
        any_ad.ad.misbehave("earthquake")
    with pytest.raises(ValueError, match="negative"):
        any_ad.ad.misbehave("cut", times=-1)


def test_a_trouble_can_wait_for_one_kind_of_request(any_ad):
    any_ad.ad.misbehave("server_error", on="NO /SUCH")
    assert any_ad.is_ok(any_ad.add(hashes(1)))


def test_the_log_tells_sizes_and_names_but_no_values(any_ad):
    any_ad.add(hashes(1))
    log = json.dumps(list(any_ad.ad.requests))
    assert '"bytes": ' in log
    assert any_ad.token not in log
    assert hashes(1)[0] not in log


def test_reset_forgets_everything(any_ad):
    any_ad.add(hashes(1))
    any_ad.ad.misbehave("cut", times=0)
    any_ad.ad.reset()
    assert list(any_ad.ad.list_audiences()) == []
    any_ad.token = DRIVERS[any_ad.slug]().token
    assert any_ad.is_ok(any_ad.create())
