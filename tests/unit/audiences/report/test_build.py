"""The report says what the stages said, adds nothing, and never calls a problem a success."""

import json
from dataclasses import replace

import pytest
from audiences.errors import DataError
from audiences.report import (
    Record,
    RunFacts,
    build_report,
    render_mail,
    render_page,
    resolve_unreadable,
    waiting_for,
)
from audiences.runs import StageResult, safe_name

PROMISED_KEYS = {
    "run_id": str,
    "stack": str,
    "duration_seconds": int,
    "training": dict,
    "segments": list,
    "deliveries": list,
    "emails": list,
    "failures": list,
    "status": str,
}


def test_report_has_the_promised_keys_and_is_json(succeeded):
    value = json.loads(json.dumps(succeeded.as_json()))
    assert {key: type(value[key]) for key in PROMISED_KEYS} == PROMISED_KEYS
    assert set(value["training"]) >= {"dataset_group", "status", "events"}
    assert set(value["segments"][0]) == {"name", "query", "users", "targets", "file"}
    assert set(value["segments"][0]["targets"][0]) >= {"service", "segment_id", "size", "status"}
    named = {"platform", "audience", "pattern", "mode", "received", "sent", "accepted", "rejected"}
    assert set(value["deliveries"][0]) >= named | {"reject_reasons", "refused", "refused_reasons", "status"}


def test_a_good_run(succeeded):
    assert succeeded.status == "succeeded"
    assert succeeded.failures == []
    assert succeeded.duration_seconds == 52 * 60
    assert succeeded.training["dataset_group"] == "bingewatch"
    assert [event["resource"] for event in succeeded.training["events"]] == [
        "Solution Version",
        "Batch Segment Job",
    ]
    action, comedy = succeeded.segments
    assert (action["name"], action["users"], action["query"]) == (
        "ITEMSgenresAction",
        300,
        'ITEMS.genres = "Action"',
    )
    (target,) = comedy["targets"]
    assert target["service"] == "customer-profiles"
    assert (target["segment_id"], target["size"], target["status"]) == (
        "relay-ITEMSgenresComedy",
        298,
        "succeeded",
    )
    assert [row["seconds_after_start"] for row in succeeded.stages] == [2700, 2760, 2820, 2880, 2940]


def test_problems_of_every_kind_are_listed(partial):
    assert partial.status == "partial"
    assert [(failure["stage"], failure["error"]) for failure in partial.failures] == [
        ("segment-postprocessing", "DataError"),
        ("customer-profiles-import", "RecordRejected"),
        ("customer-profiles-import", "SetupError"),
    ]
    assert all(failure["what"] and failure["fix"] for failure in partial.failures)
    assert [segment["targets"][0]["status"] for segment in partial.segments] == ["partial", "failed"]


def test_a_run_without_anything_usable_failed(failed):
    assert failed.status == "failed"
    assert failed.segments == []
    assert failed.training["status"] == "failed"
    assert failed.training["events"][0]["failure_reason"] == "Too few interactions."


def test_a_model_without_segments_is_a_failure(facts, stages):
    nothing = stages.postprocessing("failed", segments=())
    report = build_report(facts, stages.timed([stages.training(), nothing]))
    assert report.status == "failed"
    assert [failure["error"] for failure in report.failures] == ["Unknown"]


def test_a_training_without_segment_jobs_succeeds(facts, stages):
    training = replace(stages.training(), expects=[])
    assert build_report(facts, stages.timed([training])).status == "succeeded"


def test_no_record_at_all_is_a_failure(facts):
    report = build_report(facts, [])
    assert report.status == "failed"
    assert report.training == {"dataset_group": None, "status": "skipped", "events": []}


def test_what_never_finished_is_named(facts, stages):
    begun = StageResult("segment-postprocessing", "batch_bw_1", "pending")
    report = build_report(facts, stages.timed([stages.training(), begun]))
    (failure,) = report.failures
    assert (failure["stage"], failure["name"], failure["error"]) == (
        "segment-postprocessing",
        "batch_bw_1",
        "NotFinished",
    )
    assert "50 hours" in failure["why"]
    assert [row["status"] for row in report.stages] == ["succeeded", "unfinished"]
    assert report.status == "failed"


def test_a_promised_import_that_never_came_is_an_unfinished_target(facts, stages):
    results = [stages.training(), stages.postprocessing(), stages.imported(stages.action, 300)]
    report = build_report(facts, stages.timed(results))
    action, comedy = report.segments
    assert action["targets"][0]["status"] == "succeeded"
    assert [(target["service"], target["status"]) for target in comedy["targets"]] == [
        ("customer-profiles", "unfinished")
    ]
    assert report.status == "partial"


def test_an_unfinished_training_says_so(facts, stages):
    report = build_report(facts, [Record(stages.training("pending"))])
    assert report.training["status"] == "unfinished"
    assert report.status == "failed"


def test_imports_find_their_segment_by_file_when_they_carry_no_name(facts, stages):
    imported = stages.imported(stages.action, 300, run_segment=None)
    report = build_report(facts, stages.timed([stages.postprocessing(segments=[stages.action]), imported]))
    assert len(report.segments) == 1
    assert report.segments[0]["targets"][0]["size"] == 300


def test_a_segment_file_from_elsewhere_is_its_own_segment(facts, stages):
    imported = stages.imported(stages.action, 120, run_segment=None, segment_name="crm_vip")
    report = build_report(facts, stages.timed([imported]))
    assert [(segment["name"], segment["users"]) for segment in report.segments] == [("crm_vip", 120)]
    assert report.segments[0]["targets"][0]["segment_id"] == "relay-ITEMSgenresAction"
    assert report.status == "succeeded"


def test_an_endpoints_file_is_an_import_and_no_segment(facts):
    data = {
        "file": "s3://imports/pinpoint/endpoints.csv",
        "kind": "endpoints",
        "size": 3180,
        "segment_id": "e1",
    }
    result = StageResult("pinpoint-import", "pinpoint/endpoints.csv", "succeeded", data)
    report = build_report(facts, [Record(result)])
    assert report.segments == []
    assert [(row["name"], row["service"], row["size"]) for row in report.imports] == [
        ("pinpoint/endpoints.csv", "pinpoint", 3180)
    ]


@pytest.mark.parametrize(
    "changes",
    [{"received": 301}, {"suppressed": 23}, {"rejected": 41}, {"unchanged": 1}, {"accepted": 237}],
)
def test_counts_that_do_not_add_up_are_a_problem(facts, stages, changes):
    report = build_report(facts, stages.timed([stages.delivery(**changes)]))
    assert [failure["what"][:42] for failure in report.failures] == [
        "The counts of this delivery do not add up:"
    ]
    assert report.status == "partial"


def test_counts_that_add_up_are_none(facts, stages):
    assert build_report(facts, stages.timed([stages.delivery()])).failures == []


def test_what_the_platform_refused_is_told_beside_what_preparation_rejected(facts, stages):
    reasons = {"invalid hash": 1, "jane.doe@example.com is unknown": 1}
    report = build_report(facts, stages.timed([stages.delivery(refused=2, refused_reasons=reasons)]))
    (delivery,) = report.deliveries
    assert (delivery["refused"], delivery["refused_reasons"]) == (
        2,
        {"invalid hash": 1, "[e-mail removed] is unknown": 1},
    )
    assert delivery["sent"] == delivery["accepted"] + delivery["refused"]


@pytest.mark.parametrize("count", ["received", "sent", "accepted", "rejected", "unchanged", "suppressed"])
@pytest.mark.parametrize("instead", ["nothing", None, "many", -1, 2.5, True])
def test_a_count_that_is_not_there_is_unknown_and_no_zero(facts, stages, count, instead):
    told = stages.delivery(**{count: instead})
    if instead == "nothing":
        del told.data[count]
    report = build_report(facts, stages.timed([told]))
    assert report.deliveries[0][count] is None
    (failure,) = report.failures
    assert failure["what"] == f"The result of this delivery does not say how many were {count}."
    assert f"unknown {count}" in render_mail(report, "", "").body
    assert "unknown" in render_page(report)


def test_a_failed_delivery_without_counts_is_one_problem(facts):
    wrong = DataError("The manifest is damaged.", "It was cut.", "Prepare again.").as_failure()
    data = {"platform": "meta", "audience": "A", "status": "failed", "manifest": "s3://x"}
    report = build_report(facts, [Record(StageResult("delivery", "meta/a/r", "failed", data, failure=wrong))])
    assert [failure["what"] for failure in report.failures] == ["The manifest is damaged."]
    assert "unknown received, unknown sent, unknown accepted\n" in render_mail(report, "", "").body


def test_a_segment_of_unknown_size_is_not_empty(facts, stages):
    segment = {**stages.action, "users": None}
    imported = stages.imported(stages.comedy, None, run_segment=None)
    report = build_report(facts, stages.timed([stages.postprocessing(segments=[segment]), imported]))
    assert [row["users"] for row in report.segments] == [None, None]
    assert "ITEMSgenresAction: unknown users" in render_mail(report, "", "").body


def test_unknown_stages_show_in_the_flow(facts):
    report = build_report(facts, [Record(StageResult("clean-rooms-query", "overlap", "succeeded"))])
    assert [row["stage"] for row in report.stages] == ["clean-rooms-query"]
    assert report.status == "succeeded"


def test_personal_data_left_in_results_does_not_get_in(facts, stages):
    digest = "ab" * 32
    leaky = stages.imported(
        stages.action,
        10,
        "partial",
        failed=1,
        failures=[f"jane.doe@example.com and +1 202 555 0123 and {digest}"],
        addresses=["jane.doe@example.com"],
    )
    report = build_report(facts, stages.timed([stages.training(secret="jane.doe@example.com"), leaky]))
    text = json.dumps(report.as_json())
    assert "jane.doe" not in text
    assert "555 0123" not in text
    assert digest not in text
    assert "[e-mail removed] and [phone removed] and [digest removed]" in text


def test_an_unreadable_record_is_a_failure_and_not_waited_for(facts, stages):
    name = stages.comedy["imports"][0].removeprefix("s3://imports/")
    key = f"runs/{facts.run_id}/stages/customer-profiles-import/{safe_name(name)}.json"
    good = stages.timed([stages.training(), stages.postprocessing(), stages.imported(stages.action, 300)])
    assert waiting_for(good) == [["customer-profiles-import", name]]
    records = resolve_unreadable(good, [key])
    assert waiting_for(records) == []
    report = build_report(facts, records)
    assert [(failure["name"], failure["error"]) for failure in report.failures] == [(name, "DataError")]
    assert report.status == "partial"


def test_an_unreadable_record_that_nobody_promised_keeps_the_name_of_its_key(facts):
    (record,) = resolve_unreadable([], [f"runs/{facts.run_id}/stages/delivery/meta-1f2e.json"])
    assert (record.result.stage, record.result.name, record.result.status) == (
        "delivery",
        "meta-1f2e",
        "failed",
    )


def test_a_file_meant_for_another_service_is_no_target(facts, stages):
    skipped = stages.imported(stages.action, 0, "skipped")
    report = build_report(facts, stages.timed([stages.postprocessing(segments=[stages.action]), skipped]))
    assert report.segments[0]["targets"] == []
    assert [row["status"] for row in report.stages] == ["succeeded", "skipped"]
    assert report.status == "succeeded"


def test_a_skipped_file_of_its_own_run_is_no_segment(facts, stages):
    report = build_report(facts, stages.timed([stages.imported(stages.action, 0, "skipped")]))
    assert report.segments == []
    assert [row["status"] for row in report.imports] == ["skipped"]


def test_a_run_is_called_by_its_dataset_group(succeeded, facts):
    assert succeeded.name == "bingewatch"
    assert build_report(replace(facts, title="Import of endpoints.csv"), []).name == "Import of endpoints.csv"


def test_prepared_audiences_are_told_with_their_counts_and_a_plan_is_none():
    data = {
        "platform": "meta", "audience": "Action lovers", "mode": "mirror", "engine": "lambda", "dry_run": False,
        "received": 10, "sent": 6, "refreshed": 4, "rejected": 3, "unchanged": 0, "suppressed": 1, "removals": 2,
        "reject_reasons": {"consent_denied": 3}, "manifest": "s3://audience/prepared/meta/a/r/manifest.json",
    }  # fmt: skip
    made = StageResult("audience-preparation", "meta/a/r", "succeeded", data)
    plan = StageResult("audience-preparation", "segments/x/A/a.csv", "succeeded", {"file": "s3://audience/x"})
    records = [Record(made, "2026-11-22T10:20:00+00:00"), Record(plan, "2026-11-22T10:19:00+00:00")]
    at = "2026-11-22T10:15:00+00:00"
    report = build_report(RunFacts("r", "relay", "x", at, at), records)
    assert report.audiences == [{**data, "warnings": [], "status": "succeeded"}]
    body = render_mail(report, "link", "uri").body
    assert "meta / Action lovers" in body
    assert "10 received, 6 to send, 3 rejected, 1 suppressed" in body
    assert "Of those sent, 4 again, before meta forgets them" in body
    assert "4 sent again before they are forgotten" in render_page(report)
    assert "consent_denied" in render_page(report)
