"""A segment starts the right preparations, on the right engine, from the right files."""

import json
from dataclasses import replace

import pytest
from audiences.activations.outcome import failed_work, finished_work, planned_segment, told_as_one
from audiences.activations.validate import check_activation
from audiences.activations.work import Folder, Home, SegmentFile, latest_of, plan_work
from audiences.errors import DataError

IDENTITIES = Folder(("s3://b/identities/c.csv",), 1000)
NOTHING = Folder((), 0)
AT = "2026-02-01T00:00:01.000+00:00"
OLD = SegmentFile(
    "segments/personalize/Action/1.csv", "personalize", "Action", "2026-01-01T00:00:00+00:00", 10
)
NEW = SegmentFile(
    "segments/personalize/Action/2.csv", "personalize", "Action", "2026-02-01T00:00:00+00:00", 10
)
OTHER = SegmentFile("segments/rfm/ActionBest/1.csv", "rfm", "ActionBest", "2026-01-05T00:00:00+00:00", 10)


def activation(**change):
    value = {"segments": ["Action*"], "platforms": ["meta", "google"], "audience": "A b", **change}
    found, problems = check_activation(json.dumps(value).encode(), "a.json", "a")
    assert problems == []
    return found


def plan(*activations, arrived=NEW, identities=IDENTITIES, most=10_000, homes=None):
    segments = [OLD, NEW, OTHER]
    homes = homes or {(slug, one.name): Home("A-b") for one in activations for slug in one.platforms}
    return plan_work("b", "run-1", arrived, activations, segments, identities, NOTHING, homes, AT, most)


def test_one_preparation_for_each_platform():
    meta, _google = plan(activation())
    assert meta.output.startswith("s3://b/prepared/meta/A-b/run-1-")
    assert meta.output.endswith("/")
    assert meta.segments == ("s3://b/segments/personalize/Action/2.csv",)
    assert meta.name in meta.output


def test_a_mirror_is_of_all_its_segments_with_their_latest_files():
    (meta, _) = plan(activation(mode="mirror"))
    assert meta.segments == (
        "s3://b/segments/personalize/Action/2.csv",
        "s3://b/segments/rfm/ActionBest/1.csv",
    )
    assert latest_of(activation(), [NEW, OLD]) == [NEW]


def test_an_audience_is_where_it_was_found_and_one_without_a_place_is_left_out():
    homes = {("google", "a"): Home("former", ("It moved.",))}
    (google,) = plan(activation(), homes=homes)
    assert google.output.startswith("s3://b/prepared/google/former/")
    assert google.request.key == "former"
    assert finished_work(google, MADE, ["google"]).data["warnings"] == ["It moved."]


def test_two_activations_that_take_one_file_into_one_audience_have_a_folder_each():
    one, other = activation(), replace(activation(), name="b")
    assert len({work.output for work in plan(one, other)}) == len({w.name for w in plan(one, other)}) == 4


LATE = SegmentFile(
    "segments/x/Action/Action_20260105-101500.csv", "x", "Action", "2026-02-03T01:00:00+00:00", 1
)
NEWEST = SegmentFile("segments/x/Action/Action_20260106.csv", "x", "Action", "2026-01-06T03:00:00+00:00", 1)


def plan_late(mode):
    homes = {("meta", "a"): Home("A-b")}
    asked = activation(mode=mode, platforms=["meta"])
    (work,) = plan_work("b", "run-1", LATE, [asked], [LATE, NEWEST], IDENTITIES, NOTHING, homes, AT, 10)
    return work


def test_the_older_file_that_arrives_late_does_not_replace_the_newer_one_and_is_told():
    work = plan_late("mirror")
    assert work.segments == (f"s3://b/{NEWEST.key}",)
    assert f"{LATE.key} was passed over: {NEWEST.key} is newer" in work.notes[0]
    assert plan_late("add").segments == (f"s3://b/{LATE.key}",)  # adding has no order
    assert plan_late("add").notes == ()
    assert plan(activation(mode="mirror"))[0].notes == ()
    assert work.request.planned_at == AT


def test_a_dry_run_goes_where_no_delivery_looks():
    assert plan(activation(dry_run=True))[0].output.startswith("s3://b/plans/meta/")


@pytest.mark.parametrize(
    ("change", "engine"),
    [
        ({}, "lambda"),
        ({"most": 1009}, "spark"),
        ({"identities": Folder(("s3://b/identities/c.parquet",), 1)}, "spark"),
        ({"arrived": SegmentFile("segments/x/Action/s.PARQUET", "x", "Action", "", 1)}, "spark"),
    ],
)
def test_big_inputs_and_parquet_go_to_spark(change, engine):
    assert {work.engine for work in plan(activation(), **change)} == {engine}


def test_a_segment_nobody_wants_starts_nothing():
    assert plan(activation(segments=["Comedy"])) == []


@pytest.mark.parametrize(
    "key", ["segments/x.csv", "segments/a/b.csv", "other/a/b/c.csv", "segments//b/c.csv"]
)
def test_a_file_in_no_segments_folder_is_refused(key):
    with pytest.raises(DataError, match=r"segments/<source>/<segment>"):
        SegmentFile.of(key)


MADE = {
    "counts": {"received": 3, "sent": 1, "rejected": 2, "unchanged": 0, "suppressed": 0},
    "reject_reasons": {"no_identity": 2},
    "removals": {"rows": 0},
    "parts": [{}],
    "audience_size": {"after": 1},
    "warnings": [],
}


def test_a_delivery_is_promised_only_where_somebody_will_deliver():
    work = plan(activation())[0]
    assert finished_work(work, MADE, ["meta"]).expects == [["delivery", work.name]]
    assert finished_work(work, MADE, [""]).expects == []
    dry = plan(activation(dry_run=True))[0]
    assert finished_work(dry, MADE, ["meta"]).expects == []
    assert finished_work(work, MADE, []).data["received"] == 3


def test_an_audience_that_no_enabled_uploader_takes_says_so():
    work, dry = plan(activation())[0], plan(activation(dry_run=True))[0]
    assert "Uploader=Enabled" in finished_work(work, MADE, ["google"]).data["warnings"][0]
    assert finished_work(work, MADE, ["meta"]).data["warnings"] == []
    assert finished_work(dry, MADE, []).data["warnings"] == []


def test_what_the_spark_job_says_itself_comes_first():
    work = plan(activation())[0]
    told = {"error": "DataError", "what": "w", "why": "", "fix": ""}
    assert failed_work(work, {"Error": "States.TaskFailed", "Cause": "{}"}, told).failure == told
    assert failed_work(work, {"Error": "States.Timeout", "Cause": ""}, None).failure["what"]


def test_the_plans_result_promises_and_tells():
    works, wrong = plan(activation()), DataError("bad")
    assert planned_segment("k", "f", works, None).expects == [["audience-preparation", w.name] for w in works]
    assert told_as_one([]) is None
    assert told_as_one([wrong]) is wrong
    assert "bad" in told_as_one([wrong, DataError("worse")]).why
    statuses = [planned_segment("k", "f", w, e).status for w, e in ((works, wrong), ([], wrong), ([], None))]
    assert statuses == ["partial", "failed", "skipped"]
