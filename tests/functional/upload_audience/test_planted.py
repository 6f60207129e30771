"""What a platform says about people and what is wrong with a secret is in no word that leaves the delivery."""

import importlib
import io
import json
import logging

import pytest
from audiences.delivery.client import Answer
from audiences.edges import aws, secrets
from audiences.report import Record, RunFacts, build_report, render_mail, render_page
from audiences.runs import StageResult

from tests.planted import SENTENCE, TOKEN, traces_in

from .world import BUCKET

BODY = {
    "error": {"message": SENTENCE, "error_user_msg": SENTENCE, "code": 100, "type": SENTENCE},
    "message": SENTENCE,
}  # fmt: skip


@pytest.fixture
def words(world):
    """Everything that leaves: logs, events, answers; `words()` adds objects, dead letters, report and mail."""
    stream, heard = io.StringIO(), []
    world.events.meta.events.register(
        "before-parameter-build.events.PutEvents", lambda params, **_: heard.append(json.dumps(params))
    )
    importlib.import_module("upload_audience.handler")
    for handler in logging.getLogger("service_undefined").handlers:
        handler.setStream(stream)

    def collect():
        facts = RunFacts("r", "relay", "x", "2026-11-22T10:15:00+00:00", "2026-11-22T10:16:00+00:00")
        records = [Record(StageResult.from_json(result)) for result in world.results()]
        report = build_report(facts, records)
        kept = [stream.getvalue(), *heard, json.dumps(report.as_json()), render_page(report)]
        kept += [render_mail(report, "", "").body, *(json.dumps(told) for _, told in world.buried())]
        for item in world.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            if item["Key"].startswith(("deliveries/", "runs/")):
                kept.append(world.s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read().decode())
        assert records
        assert stream.getvalue()
        assert heard
        return kept

    return collect


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_that_quotes_people_is_told_without_them(world, words, status):
    world.http.send = lambda *_, **__: Answer(status, {}, json.dumps(BODY).encode())
    world.drain(world.prepare(range(20)))
    assert world.buried()
    assert traces_in(*words()) == []


def test_a_busy_platform_that_quotes_people_is_given_up_without_them(world, words, monkeypatch):
    world.longest = 0
    monkeypatch.setenv("DELIVERY_PATIENCE_HOURS", "1")
    monkeypatch.setattr("upload_audience.handler.time.time", world.clock)
    world.http.send = lambda *_, **__: Answer(503, {}, json.dumps(BODY).encode())
    world.drain(world.prepare(range(20)))
    assert world.buried()
    assert traces_in(*words()) == []


def test_an_exception_of_a_library_that_quotes_people_is_buried_without_them(world, words):
    def send(*_, **__):
        raise ValueError(SENTENCE)

    world.http.send = send
    assert world.invoke(world.prepare(range(20)), receives=5) == []
    assert world.buried()
    assert traces_in(*words()) == []


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f'{{"access_token": "{TOKEN}"',
        json.dumps([TOKEN]),
        json.dumps({"access_token": f"{TOKEN}\r\nX-Other: 1", "ad_account_id": "1"}),
        json.dumps({"access_token": f"{TOKEN}\x00x", "ad_account_id": "1"}),
        json.dumps({"access_token": f"{TOKEN}ü", "ad_account_id": f"{TOKEN}"}),
        json.dumps({"access_token": {"value": TOKEN}, "ad_account_id": [TOKEN]}),
        json.dumps({"access_token": "x" * 20, "base_url": f"https://{TOKEN}@x y/"}),
        json.dumps({"access_token": "x" * 20, "base_url": f"no address {TOKEN}"}),
    ],
)
def test_a_broken_secret_is_told_without_its_value(world, words, monkeypatch, text):
    made = aws.client("secretsmanager").create_secret(Name="broken", SecretString=text)
    monkeypatch.setenv("PLATFORM_SECRET_ARN", made["ARN"])
    secrets.open_secret.cache_clear()
    world.http.send = lambda *_, **__: Answer(401, {}, b"{}")
    body = world.prepare(range(3))
    world.invoke(body, receives=5)
    assert traces_in(*words()) == []
