"""Runs as the stages describe them: one that went well, one with problems, one that failed."""

import pytest
from audiences.errors import SetupError
from audiences.report import Record, RunFacts, build_report
from audiences.runs import StageResult

IMPORTS = "s3://imports/customer-profiles"
AUDIENCE = "s3://audience/segments/personalize"


def _training(status="succeeded", failure=None, **changes):
    data = {
        "dataset_group": "bingewatch",
        "title": "bingewatch",
        "interactions": 66000,
        "users": 2400,
        "items": 450,
        "segment_jobs": ["batch_bw_1"],
        "events": [
            {
                "resource": "Solution Version",
                "arn": "arn:aws:personalize:eu-central-1:123456789012:solution/bw/1a",
                "status": "ACTIVE",
                "at": "2026-11-22T10:40:00+00:00",
                "duration_seconds": 1440,
            },
            {"resource": "Batch Segment Job", "status": "ACTIVE", "at": "2026-11-22T11:00:00+00:00"},
        ],
    }
    expects = [["segment-postprocessing", "batch_bw_1"]]
    return StageResult("personalize-training", "bingewatch", status, data | changes, expects, failure)


def _segment(name, query, users):
    time = "20261122-110500"
    return {
        "name": name,
        "query": query,
        "users": users,
        "file": f"{AUDIENCE}/{name}/{name}_{time}.csv",
        "imports": [f"{IMPORTS}/{name}_{time}.csv"],
    }


ACTION = _segment("ITEMSgenresAction", 'ITEMS.genres = "Action"', 300)
COMEDY = _segment("ITEMSgenresComedy", 'ITEMS.genres = "Comedy"', 298)


def _postprocessing(status="succeeded", segments=(ACTION, COMEDY), **changes):
    keys = [uri.removeprefix("s3://imports/") for segment in segments for uri in segment["imports"]]
    data = {"job": "batch_bw_1", "segments": list(segments), "failed_queries": []}
    expects = [["customer-profiles-import", key] for key in keys]
    return StageResult("segment-postprocessing", "batch_bw_1", status, data | changes, expects)


def _import(segment, size, status="succeeded", failure=None, **changes):
    key = segment["imports"][0].removeprefix("s3://imports/")
    data = {
        "file": segment["imports"][0],
        "segment_name": segment["name"],
        "segment_id": f"relay-{segment['name']}",
        "size": size,
        "processed": size,
        "failed": 0,
        "failures": [],
        "kind": "segment",
        "run_segment": segment["name"],
    }
    return StageResult("customer-profiles-import", key, status, data | changes, failure=failure)


def _delivery(**changes):
    data = {
        "platform": "meta",
        "audience": "Bingewatch action lovers",
        "pattern": "single-step",
        "mode": "mirror",
        "received": 300,
        "sent": 236,
        "accepted": 234,
        "refused": 2,
        "rejected": 40,
        "unchanged": 0,
        "suppressed": 24,
        "reject_reasons": {"no consent": 31, "no usable identifier": 9},
        "status": "succeeded",
    }
    return StageResult("delivery", "meta/action-lovers", data.get("status"), data | changes)


def _timed(results):
    return [Record(result, f"2026-11-22T11:{minute:02d}:00+00:00") for minute, result in enumerate(results)]


@pytest.fixture
def facts():
    return RunFacts(
        run_id="20261122-101500-ab12cd",
        stack="contextual-targeting",
        title="bingewatch",
        started_at="2026-11-22T10:15:00+00:00",
        finished_at="2026-11-22T11:07:00+00:00",
    )


@pytest.fixture
def stages():
    """Builders of stage results, for tests that need a variation."""

    class Stages:
        training = staticmethod(_training)
        postprocessing = staticmethod(_postprocessing)
        imported = staticmethod(_import)
        delivery = staticmethod(_delivery)
        timed = staticmethod(_timed)
        action, comedy = ACTION, COMEDY

    return Stages


@pytest.fixture
def succeeded(facts):
    results = [_training(), _postprocessing(), _import(ACTION, 300), _import(COMEDY, 298), _delivery()]
    return build_report(facts, _timed(results))


@pytest.fixture
def partial(facts):
    query = {"query": 'ITEMS.genres = "Noir"', "reason": "No item has this genre."}
    refused = SetupError(
        "Customer Profiles refused the upload (AccessDenied).",
        "The domain belongs to another account.",
        "Set the parameter CustomerProfilesDomain to your domain and deploy again.",
    )
    results = [
        _training(),
        _postprocessing("partial", failed_queries=[query]),
        _import(ACTION, 296, "partial", failed=4, failures=["line 7: the user id is empty"] * 4),
        _import(COMEDY, None, "failed", refused.as_failure(), segment_id=None),
    ]
    return build_report(facts, _timed(results))


@pytest.fixture
def failed(facts):
    error = SetupError(
        "Personalize could not train the model (CREATE FAILED).",
        "Fewer than 25 users have two interactions or more.",
        "Upload more interactions to train/bingewatch/interactions.csv, then config.json again.",
    )
    event = {
        "resource": "Solution Version",
        "status": "CREATE FAILED",
        "failure_reason": "Too few interactions.",
    }
    training = StageResult(
        "personalize-training",
        "bingewatch",
        "failed",
        {"dataset_group": "bingewatch", "events": [event]},
        failure=error.as_failure(),
    )
    return build_report(facts, _timed([training]))
