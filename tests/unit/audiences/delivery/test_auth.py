"""Tokens are bought once, kept, renewed when refused, and a new refresh token is never lost."""

import json
import traceback

import pytest
from audiences.delivery.api import ApiClient
from audiences.delivery.auth import OAuthRefresh, StaticToken
from audiences.delivery.client import Answer
from audiences.errors import DataError, RetryLater, SetupError

from local.stand_in_access import PlainSecret

FIELDS = {"client_id": "id-value", "client_secret": "very-secret", "refresh_token": "refresh-1"}


class Script:
    """Answers in order and keeps what was asked."""

    def __init__(self, *answers):
        self.answers, self.sent = list(answers), []

    def send(self, method, url, *, headers=None, body=b""):
        self.sent.append((method, url, dict(headers or {}), body))
        return self.answers.pop(0)


def token(name, **more):
    return Answer(200, {}, json.dumps({"access_token": name, "expires_in": 3600, **more}).encode())


def oauth(http, secret, now=1000.0):
    return OAuthRefresh(http, secret, "Ads", "https://t.example.com/token", clock=lambda: now)


def test_a_token_is_bought_once_and_kept_with_its_end():
    http, secret = Script(token("a1")), PlainSecret(FIELDS)
    auth = oauth(http, secret)
    assert auth.headers() == auth.headers() == {"Authorization": "Bearer a1"}
    assert secret.values["access_token_expires_at"] == "4600"
    assert len(http.sent) == 1


def test_a_token_near_its_end_is_renewed_before_it_is_refused():
    secret = PlainSecret({**FIELDS, "access_token": "old", "access_token_expires_at": "1030"})
    assert oauth(Script(token("new")), secret).headers() == {"Authorization": "Bearer new"}


def test_an_end_that_nobody_can_read_is_past_and_told_to_nobody():
    secret = PlainSecret({**FIELDS, "access_token": "old", "access_token_expires_at": "soon-or-secret"})
    assert oauth(Script(token("new")), secret).headers() == {"Authorization": "Bearer new"}


def test_the_client_signs_in_as_the_platform_asks():
    """Pinterest's specification asks for HTTP Basic at its token endpoint; the others take the form."""
    form, basic = Script(token("a1")), Script(token("a1"))
    oauth(form, PlainSecret(FIELDS)).headers()
    OAuthRefresh(basic, PlainSecret(FIELDS), "Ads", "/token", basic=True, clock=lambda: 1000.0).headers()
    assert b"client_secret=very-secret" in form.sent[0][3]
    assert "Authorization" not in form.sent[0][2]
    assert basic.sent[0][2]["Authorization"] == "Basic aWQtdmFsdWU6dmVyeS1zZWNyZXQ="
    assert basic.sent[0][3] == b"grant_type=refresh_token&refresh_token=refresh-1"


def test_a_new_refresh_token_is_saved():
    secret = PlainSecret(FIELDS)
    oauth(Script(token("a1", refresh_token="refresh-2")), secret).headers()
    assert secret.get("refresh_token") == "refresh-2"


def test_a_token_that_another_function_renewed_is_used_instead_of_buying_again():
    http = Script()
    secret = PlainSecret({**FIELDS, "access_token": "theirs", "access_token_expires_at": "9000"})
    oauth(http, secret).renew({"Authorization": "Bearer mine"})
    assert http.sent == []


@pytest.mark.parametrize(
    ("status", "error"), [(400, SetupError), (401, SetupError), (500, RetryLater), (429, RetryLater)]
)
def test_a_refusal_needs_a_person_and_trouble_needs_time(status, error):
    with pytest.raises(error) as raised:
        oauth(Script(Answer(status, {}, b'{"error": "invalid_grant"}')), PlainSecret(FIELDS)).headers()
    assert not any(value in str(raised.value) for value in FIELDS.values())


def test_a_missing_field_is_named():
    with pytest.raises(SetupError, match="refresh_token"):
        oauth(Script(), PlainSecret({})).headers()


class Api(ApiClient):
    title = "Ads"

    def __init__(self, http, secret):
        super().__init__(http, secret, {"account": "7"}, clock=lambda: 0.0)
        self.auth = oauth(http, secret)


def test_a_token_that_ends_in_the_middle_is_renewed_and_the_request_sent_again():
    secret = PlainSecret({**FIELDS, "access_token": "old", "access_token_expires_at": "9000"})
    http = Script(Answer(401), token("new"), Answer(200, {}, b"{}"))
    Api(http, secret).request("POST", "/x", data={"a": 1})
    assert [row[2].get("Authorization") for row in http.sent] == ["Bearer old", None, "Bearer new"]
    assert http.sent[0][3] == http.sent[2][3] == b'{"a":1}'


def test_a_token_that_stays_refused_asks_for_a_person():
    secret = PlainSecret({**FIELDS, "access_token": "old", "access_token_expires_at": "9000"})
    with pytest.raises(SetupError):
        Api(Script(Answer(401), token("new"), Answer(401)), secret).request("GET", "/x")


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, SetupError), (400, SetupError), (404, SetupError), (302, SetupError), (413, DataError),
     (429, RetryLater), (409, RetryLater), (500, RetryLater), (503, RetryLater)],
)  # fmt: skip
def test_a_status_says_who_has_to_act(status, error):
    secret = PlainSecret({**FIELDS, "access_token": "old-token-value", "access_token_expires_at": "9000"})
    body = b'{"error": {"message": "old-token-value of jane@example.com is bad"}}'
    with pytest.raises(error) as raised:
        Api(Script(Answer(status, {"retry-after": "9"}, body)), secret).request("GET", "/x")
    assert "is bad" in str(raised.value)
    assert "jane@example.com" not in str(raised.value)
    assert "old-token-value" not in str(raised.value)
    if error is RetryLater:
        assert raised.value.retry_after == 9


def test_the_destination_comes_before_the_secret():
    assert Api(Script(), PlainSecret({"account": "1"})).setting("account") == "7"
    with pytest.raises(SetupError, match="needs region"):
        Api(Script(), PlainSecret({})).setting("region")


def test_a_static_token_that_a_person_changed_is_taken_up():
    class Changed(PlainSecret):
        def reload(self):
            self.values["access_token"] = "second"

    auth = StaticToken(Changed({"access_token": "first"}), "Ads")
    auth.renew(auth.headers())
    assert auth.headers() == {"Authorization": "Bearer second"}
    with pytest.raises(SetupError):
        auth.renew(auth.headers())


def test_a_number_that_is_none_is_told_by_its_name():
    """Settings stand in the secret beside credentials, and people mistake one for the other."""
    client = ApiClient(Script(), PlainSecret({"days": "tok-5f1d-very-secret", "weeks": "12"}), {})
    assert (client.whole_number("weeks", 1), client.whole_number("months", 3)) == (12, 3)
    with pytest.raises(SetupError, match="days is no whole number") as error:
        client.whole_number("days", 1)
    assert "5f1d" not in "".join(traceback.format_exception(error.value))
    assert error.value.__suppress_context__
