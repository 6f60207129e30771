"""A person in a file where nobody expects one is in no log, event, state, run record, report, mail or dead letter."""

import json

import pytest
from audiences.edges import aws
from botocore.stub import Stubber

from tests.functional.planted.world import BUCKET, DATA, RUN
from tests.planted import DIGEST, EMAIL, NAME, NATIONAL, PHONE, SENTENCE, TOKEN, USER, traces_in

SEGMENT = "segments/personalize/Action/Action_1.csv"
ROW = f'{USER},{EMAIL},{PHONE},"{NAME}",{DIGEST}'
HEADER = "user_id,email,phone,first_name,consent_ads,consent_region,country"
QUOTE = '"' + SENTENCE.replace('"', '""') + '"'
GOOD = {
    SEGMENT: f"User.UserId\n{USER}\nu2\n",
    "identities/c.csv": f"{HEADER}\n{USER},{EMAIL},{PHONE},{NAME},yes,DE,DE\nu2,b@example.com,,,yes,,US\n",
    "suppressions/o.csv": "user_id\nu9\n",
    "activations/a.json": json.dumps(
        {"segments": ["Action"], "platforms": ["meta"], "audience": "A", "minimum": 0, "country": "US"}
    ),
}
BROKEN = {
    "no header": f"{ROW}\nu2,b@example.com,,,x\n",
    "one column, no header": f"{EMAIL}\n{PHONE}\n{NAME}\n",
    # A name among known titles is a title like any other: docs/reference/personal-data.md says so.
    "people as columns": f"user_id,{EMAIL},{PHONE},{USER},{TOKEN},{DIGEST}\nu2,1,2,3,4,5\n",
    "the same column twice": f"user_id,{EMAIL},{EMAIL}\nu2,1,2\n",
    "near a known name": f"user_id,consent_{USER},email\nu2,yes,b@example.com\n",
    "ragged": f"{HEADER}\n{ROW},too,many,cells,{NAME},{EMAIL}\n{USER}\n",
    "odd cells": f"{HEADER}\n{USER},{QUOTE},{NATIONAL},{QUOTE},{QUOTE},{NAME},{NAME}\n",
    "not UTF-8": f"{HEADER}\n".encode() + b"u1," + NAME.encode() + b"\xff\xfe" + EMAIL.encode() + b",,,,,\n",
    "a quotation not closed": f'{HEADER}\n{USER},"{EMAIL},{NAME}\n' + f"{EMAIL}\n" * 50,
    "zero bytes": f"{HEADER}\n{USER},{EMAIL}\0,{NAME},,,,\n",
    "JSON": json.dumps([{"user_id": USER, EMAIL: NAME}]),
    "JSON lines": json.dumps({"user_id": USER, EMAIL: NAME}) + "\n" + f'{{"user_id": "{NAME}", broken\n',
    "a web page": f"<html><body>{SENTENCE}</body></html>",
    "gzip by name only": f"\x1f\x8b{SENTENCE}",
    "other delimiters": f"user_id|email|{USER}\n{USER}|{EMAIL}|{NAME}\n",
    "a sentence": SENTENCE,
}
NAMES = {
    "segment": [SEGMENT],
    "identities": ["identities/c.csv", "identities/c.jsonl"],
    "suppressions": ["suppressions/o.csv"],
    "activation": ["activations/a.json"],
}
QUERY = 'ITEMS.genres = "Noir"'
CASES = [(where, key, what) for where, keys in NAMES.items() for key in keys for what in BROKEN]


@pytest.mark.parametrize(("where", "key", "what"), CASES, ids=lambda one: one if "/" not in one else one[-5:])
def test_a_broken_file_is_told_without_its_people(world, where, key, what):
    for name, body in GOOD.items():
        if not key.startswith(name.rpartition("/")[0]):
            world.put(name, body, **{"run-id": RUN})
    world.put(key, BROKEN[what], **{"run-id": RUN})
    event = {"file": f"s3://{BUCKET}/{SEGMENT}", "execution_key": "e1", "time": "2026-11-22T10:15:00Z"}
    planned, caught = world.call("plan_audiences", event)
    if caught:
        world.call("announce_audience", {**event, "work": "", "error": caught})
    for item in (planned or {"items": []})["items"]:
        _, caught = world.call("prepare_audience", {"work": item["work"]})
        world.call("announce_audience", {"work": item["work"], **({"error": caught} if caught else {})})
    for run in world.runs():
        world.report(run)
    assert world.runs()
    assert traces_in(*world.everything()) == []


@pytest.mark.parametrize("what", BROKEN)
def test_an_upload_by_sftp_is_refused_without_its_people(world, what):
    key = "drop/crm-team/boots.csv"
    version = world.put(key, BROKEN[what])
    event = {
        "token": "t1",
        "serviceMetadata": {
            "executionDetails": {"workflowId": "w-" + "0" * 17, "executionId": "11111111-2222-3333-4444-555555555555"},
            "transferDetails": {"sessionId": "s", "userName": "crm-team", "serverId": "s-1"},
        },
        "fileLocation": {"domain": "S3", "bucket": BUCKET, "key": key, "eTag": "e", "versionId": version},
    }  # fmt: skip
    with Stubber(aws.client("transfer")) as stub:
        for _ in range(2):
            stub.add_response("send_workflow_step_state", {})
        world.call("receive_segment", event)
        world.call("refuse_segment", event)
    for run in world.runs():
        world.report(run)
    assert world.runs()
    assert traces_in(*world.everything()) == []


@pytest.mark.parametrize("key", ["customer-profiles/x.csv", "pinpoint/x.json"])
@pytest.mark.parametrize("what", BROKEN)
def test_an_import_is_told_without_its_people(world, what, key):
    world.put(key, BROKEN[what], DATA, **{"run-id": RUN})
    detail = {"bucket": {"name": DATA}, "object": {"key": key, "size": 9}}
    event = {"detail": detail, "execution_key": "e1", "time": "2026-11-22T10:15:00Z"}
    _, caught = world.call("inspect_import", event)
    if caught:
        told = {
            "stage": "customer-profiles-import",
            "name": key,
            "run_id": RUN,
            "object": f"s3://{DATA}/{key}",
        }
        told |= {
            "run_prefix": "import-",
            "title": "x",
            "error": caught,
            "execution_key": "e1",
            "time": event["time"],
        }
        world.call("record_failure", told)
    world.report()
    assert traces_in(*world.everything()) == []


def test_what_pinpoint_says_of_rows_is_told_without_their_people(world):
    from audiences.edges.stage_log import end_stage
    from audiences.imports.outcome import pinpoint_result, profiles_result

    file = {"file": "s3://b/pinpoint/x.csv", "segment_name": "x", "kind": "endpoints", "problems": []}
    job = {
        "JobStatus": "COMPLETED",
        "TotalProcessed": 9,
        "TotalFailures": 2,
        "Failures": [SENTENCE, f"address={NAME}"],
    }
    end_stage(RUN, pinpoint_result("x", file, job, "s"), "Segment Imported", [{"x": 1}])
    jobs = [{"Status": "FAILED", "StatusReason": SENTENCE}]
    end_stage(RUN, profiles_result("y", file, jobs, rejected=0, segment={}), "Segment Imported", [{"x": 1}])
    assert "PROBLEMS (2)" in world.report()
    assert traces_in(*world.everything()) == []


@pytest.mark.parametrize(
    "line",
    [
        SENTENCE,
        json.dumps({"input": {"itemAttributes": QUERY}, "output": {"usersList": [USER]}, "error": SENTENCE}),
        json.dumps({"input": {"itemAttributes": QUERY}, "output": {"usersList": [USER]}, "error": {NAME: 1}}),
        json.dumps({"input": NAME, "output": {"usersList": SENTENCE}, "error": None}),
        f'{{"input": {{"itemAttributes": "ITEMS.genres = \\"Action\\""}}, "output": {{"usersList": ["{USER}", {NAME}',
    ],
)
def test_a_batch_output_is_told_without_its_people(world, line):
    world.put("batch/x/output/part.out", line + "\n", DATA)
    event = {"name": "batch_x", "arn": "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/x"}
    event |= {"output": f"s3://{DATA}/batch/x/output/", "run_id": RUN, "execution_key": "e1"}
    split, caught = world.call("split_segments", {**event, "time": "2026-11-22T10:15:00Z"})
    if caught:
        told = {
            "stage": "segment-postprocessing",
            "name": "batch_x",
            "run_id": RUN,
            "object": "",
            "run_prefix": "",
        }
        told |= {"title": "x", "error": caught, "execution_key": "e1", "time": "x"}
        world.call("record_failure", told)
    assert split or caught
    world.report()
    assert traces_in(*world.everything()) == []


@pytest.mark.parametrize("name", ["interactions", "users", "config"])
@pytest.mark.parametrize("what", BROKEN)
def test_a_training_is_told_without_its_people(world, what, name):
    files = {
        "train/shop/config.json": json.dumps({"datasetGroup": {"serviceConfig": {"name": "shop"}}}),
        "train/shop/interactions.csv": "USER_ID,ITEM_ID,TIMESTAMP\nu,i,1790000000\n",
    }
    files[f"train/shop/{name}.{'json' if name == 'config' else 'csv'}"] = BROKEN[what]
    for key, body in files.items():
        world.put(key, body, DATA)
    trigger = {"detail": {"bucket": {"name": DATA}, "object": {"key": "train/shop/config.json"}}}
    event = {"trigger": trigger, "started_at": "2026-11-22T10:15:00.123Z"}
    _, caught = world.call("check_training", event)
    world.call("finish_training", {**event, "failures": [caught] if caught else [], "begun": False})
    for run in world.runs():
        world.report(run)
    assert traces_in(*world.everything()) == []


@pytest.mark.parametrize(
    "body",
    [
        SENTENCE,
        json.dumps(
            {"audience": "Lovers", "operation": NAME, "user_id": USER, "identifiers": {"email": EMAIL}}
        ),
        json.dumps({"audience": "Lovers", "operation": "add", "user_id": USER, "identifiers": SENTENCE}),
        json.dumps({"audience": "Lovers", "operation": "add", "user_id": USER, "identifiers": {EMAIL: NAME}}),
        json.dumps(
            {
                "audience": "Lovers",
                "operation": "add",
                "user_id": USER,
                "country": NAME,
                "identifiers": {"email": SENTENCE, "phone": SENTENCE, NAME: EMAIL},
                "consent": {"ads": SENTENCE},
            }
        ),
    ],
)
def test_a_record_is_prepared_or_buried_without_its_people_in_any_word(world, body):
    world.call("collect_records", {"Records": [{"messageId": "m1", "body": body}]})
    assert traces_in(*world.letters(), *world.everything()) == []


def test_a_campaign_is_handed_over_without_its_people_in_any_word(world):
    endpoint = {"ChannelType": "CUSTOM", "Address": EMAIL, "OptOut": "NONE", "User": {"UserId": USER}}
    event = {
        "CampaignId": "c1",
        "ActivityId": "a1",
        "Data": "Action",
        "Endpoints": {USER: endpoint, NAME: SENTENCE},
    }
    world.call("receive_custom_channel", event)
    world.call("receive_custom_channel", {**event, "Endpoints": {USER: endpoint}})
    assert traces_in(*world.everything()) == []
