"""Post-processing in the deployed stack: whatever a batch segment job put out, in a run of its own."""

from . import films
from .conftest import output_line


def test_a_lost_job_fails_in_a_run_of_its_own_and_the_mail_says_why(relay, lost_job):
    assert lost_job.report["status"] == "failed"
    (problem,) = lost_job.report["failures"]
    assert problem["stage"] == "segment-postprocessing"
    assert "Personalize.ResourceNotFoundException" in problem["what"]
    assert problem["what"] in lost_job.mail["body"]
    assert [e["detail-type"] for e in relay.events(lost_job.run_id)] == [
        "Run Started", "Segment Creation Failed", "Run Finished",
    ]  # fmt: skip


def test_an_empty_segment_is_reported_and_imported_nowhere(relay, post_process):
    viewer = films.viewer("films", 1)
    run = post_process(
        "empty", output_line('ITEMS.MOOD = "none"'), output_line('ITEMS.MOOD = "some"', viewer)
    )
    assert run.report["status"] == "succeeded"
    segments = {segment["name"]: segment for segment in run.report["segments"]}
    assert segments["ITEMSMOODnone"]["users"] == 0
    assert segments["ITEMSMOODnone"]["targets"] == []
    assert len(segments["ITEMSMOODsome"]["targets"]) == 2
    assert "Nobody to import: the segment is empty." in run.mail["body"]
    assert not [key for key in relay.keys("", "SegmentImportBucket") if "ITEMSMOODnone" in key]


def test_a_job_without_any_segment_fails(post_process):
    query = 'ITEMS.MOOD = "unknown"'
    run = post_process("nothing", output_line(query, error="was not present in the training data"))
    assert run.report["status"] == "failed"
    assert query in run.mail["body"]
    assert "was not present in the training data" in run.mail["body"]


def test_users_whom_pinpoint_does_not_know_still_reach_customer_profiles(post_process):
    users = [f"stranger-{number}" for number in range(3)]
    run = post_process("strangers", output_line('ITEMS.MOOD = "strange"', *users))
    (segment,) = run.report["segments"]
    assert (segment["users"], segment["users_without_endpoint"]) == (3, 3)
    assert [(t["service"], t["size"]) for t in segment["targets"]] == [("customer-profiles", 3)]
    assert "none of its users has a usable endpoint" in run.mail["body"]
