"""The samples are events as EventBridge delivers them, documented, and free of personal data."""

import json
import re
from pathlib import Path

import pytest
from audiences.report import RunFacts, build_report
from audiences.triggers import execution_key

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "data" / "events").glob("*.json"))
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}


def load(name):
    return json.loads((ROOT / "data" / "events" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_events_without_personal_data(path):
    text = path.read_text(encoding="utf-8")
    event = json.loads(text)
    assert set(event) == ENVELOPE
    assert len(event["detail-type"]) <= 128
    assert "@" not in text
    assert not re.search(r"\+\d{7,}", text)
    if event["source"].startswith("audiences."):
        assert set(event["detail"]) == {"metadata", "data"}
        assert set(event["detail"]["metadata"]) == {"run_id", "version", "at"}
    else:
        assert event["source"] == "solutions.aws.personalize"
        assert {"Arn", "Status"} <= set(event["detail"])
        assert event["resources"] == [event["detail"]["Arn"]]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_in_the_reference(path):
    page = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    assert f"`{path.name}`" in page
    event = load(path.stem)
    if event["source"].startswith("audiences."):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{event['detail-type']}` |")]
        assert path.name in row


def test_there_are_samples():
    assert len(SAMPLES) >= 10


def test_the_sample_of_the_end_says_what_a_report_says():
    facts = RunFacts("run", "relay", "title", "2026-11-22T10:00:00+00:00", "2026-11-22T11:00:00+00:00")
    assert set(load("run-finished")["detail"]["data"]) == {*build_report(facts, []).summary(), "report"}


def test_the_sample_of_the_start_names_its_execution():
    event = load("run-started")
    assert execution_key(event).startswith(event["detail"]["metadata"]["run_id"])
