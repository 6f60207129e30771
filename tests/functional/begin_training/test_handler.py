"""Beginning a run: a pending result and one event, the same whenever it is repeated."""

import json

import boto3
import pytest
from audiences.edges import aws
from begin_training.handler import lambda_handler
from moto import mock_aws

from tests.functional.pretended_aws import Context

EVENT = {
    "trigger": {
        "detail": {"bucket": {"name": "data"}, "object": {"key": "train/shop/config.json"}},
        "execution_key": "k1",
    },
    "started_at": "2026-11-22T10:00:00.123Z",
}


@pytest.fixture
def s3(monkeypatch):
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AUDIENCE_BUCKET", "audience")
    monkeypatch.setenv("EVENT_BUS_NAME", "relay")
    aws.client.cache_clear()
    with mock_aws():
        boto3.client("events").create_event_bus(Name="relay")
        client = boto3.client("s3")
        client.create_bucket(Bucket="audience")
        yield client
    aws.client.cache_clear()


def test_a_run_begins_once_however_often_it_is_begun(s3, monkeypatch):
    put = []
    monkeypatch.setattr("begin_training.handler.put_events", put.extend)
    first, second = lambda_handler(EVENT, Context()), lambda_handler(EVENT, Context())
    assert first == second
    assert first["name"] == "shop"
    assert first["run_id"].startswith("20261122-100000-")
    (only,) = s3.list_objects_v2(Bucket="audience")["Contents"]
    assert only["Key"].startswith(f"runs/{first['run_id']}/stages/personalize-training/shop-")
    result = json.loads(s3.get_object(Bucket="audience", Key=only["Key"])["Body"].read())
    assert result["status"] == "pending"
    assert (put[0]["Source"], put[0]["DetailType"]) == ("audiences.personalize-training", "Run Started")
    assert json.loads(put[0]["Detail"])["data"] == {"title": "Personalize training of shop"}
