"""A secret is read once, renewed in place, and shown to nobody."""

import json

import boto3
import pytest
from audiences.edges import aws
from audiences.edges.secrets import ManagedSecret
from audiences.errors import SetupError
from moto import mock_aws


@pytest.fixture
def arn(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws.client.cache_clear()
    with mock_aws():
        made = boto3.client("secretsmanager").create_secret(
            Name="s", SecretString=json.dumps({"access_token": "first-token", "account": "12", "empty": ""})
        )
        yield made["ARN"]
    aws.client.cache_clear()


def change(arn, text):
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=text)


def test_it_is_read_once_and_again_after_five_minutes(arn):
    now = [0.0]
    secret = ManagedSecret(arn, clock=lambda: now[0])
    assert secret.get("access_token") == "first-token"
    change(arn, '{"access_token": "second-token"}')
    assert secret.get("access_token") == "first-token"
    now[0] = 301
    assert secret.get("access_token") == "second-token"
    assert secret.get("empty") is None


def test_renewed_values_are_written_beside_the_others(arn):
    secret = ManagedSecret(arn)
    secret.get("account")
    secret.save({"access_token": "renewed-token"})
    kept = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    assert kept == {"access_token": "renewed-token", "account": "12", "empty": ""}


def test_it_shows_no_value_also_none_it_had(arn):
    secret = ManagedSecret(arn)
    secret.get("account")
    secret.save({"access_token": "renewed-token"})
    assert "token" not in repr(secret).replace(arn, "")
    assert secret.scrub("a first-token and a renewed-token") == "a [secret removed] and a [secret removed]"


@pytest.mark.parametrize("text", ["no json of secret-value", "[]"])
def test_a_secret_that_is_no_object_is_told_without_its_text(arn, text):
    change(arn, text)
    with pytest.raises(SetupError) as error:
        ManagedSecret(arn).get("x")
    assert "secret-value" not in str(error.value)


def test_a_secret_that_is_not_there_is_a_setup_error(arn):
    with pytest.raises(SetupError, match="could not be used"):
        ManagedSecret(arn + "x").get("x")


@pytest.mark.parametrize("end", ["\n", "\r\n", " ", "\t\n", "\u00a0", "\ufeff", "\u200b", "\0"])
def test_a_line_break_around_a_value_is_no_part_of_it(arn, end):
    """Files and clipboards bring it along; in a header it would end the request, and the error would tell the value."""
    change(arn, json.dumps({"access_token": end + "first-token" + end, "key": "-----BEGIN-----\nabc\n"}))
    secret = ManagedSecret(arn)
    assert secret.get("access_token") == "first-token"
    assert secret.get("key") == "-----BEGIN-----\nabc"
    assert secret.scrub("a first-token") == "a [secret removed]"


def test_it_is_found_in_addresses_too(arn):
    change(arn, json.dumps({"refresh_token": "1//a b+c=d"}))
    secret = ManagedSecret(arn)
    secret.get("refresh_token")
    for text in ("1//a b+c=d", "x?t=1%2F%2Fa%20b%2Bc%3Dd", "t=1%2F%2Fa+b%2Bc%3Dd&x"):
        assert "[secret removed]" in secret.scrub(text)
