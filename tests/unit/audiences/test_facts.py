"""Whatever writes the result of a delivery says every count that is known there."""

import pytest
from audiences.delivery.model import Audience, Outcome, Prepared
from audiences.delivery.outcome import (
    build_receipt,
    failed_result,
    rehearsed_result,
    stage_result,
    superseded,
)
from audiences.facts import Delivery, Preparation, count_in, counts_in, texts_in

COUNTS = {"received": 10, "sent": 6, "rejected": 2, "unchanged": 1, "suppressed": 1}
MANIFEST = {
    "platform": "the_trade_desk", "audience": "Lovers", "audience_key": "Lovers", "mode": "mirror",
    "counts": COUNTS, "reject_reasons": {"no_identity": 2}, "removals": {"rows": 0}, "parts": [], "files": {},
    "audience_size": {"before": 0, "after": 7}, "run_id": "20261122-101500-ab12cd",
}  # fmt: skip
RUN = "20261122-101500-ab12cd-abcdef"
PREPARED = Prepared.from_json(MANIFEST, run=RUN, prepared_at="2026-11-22T10:20:00Z")
BATCH = {"result": {"accepted": 5, "rejected": 1, "reasons": {"invalid": 1}}}


def finished(entries):
    return build_receipt(
        PREPARED, Audience("1", "Lovers"), entries, pattern="multi-step", one_identifier=True, at="now",
        told={"warnings": ["Sent as a whole."]}, ledger="", rejects="", manifest="s3://x",
    )  # fmt: skip


def result_of(receipt):
    return stage_result(PREPARED, Outcome(status=receipt["status"], receipt=receipt), "s3://r")


RESULTS = {
    "succeeded": result_of(finished({})),
    "partial": result_of(finished({"add-00001": BATCH})),
    "superseded": result_of(superseded(PREPARED, "multi-step", "20261123", "s3://x", "now")),
    "rehearsed": rehearsed_result(
        PREPARED,
        Outcome(status="skipped", receipt={"status": "skipped", "dry_run": True}),
        "multi-step",
        "s3://r",
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_each_ending_says_every_count(name):
    told = Delivery.of(RESULTS[name].data, RESULTS[name].status)
    assert (told.platform, told.audience, told.pattern, told.mode) == (
        "the_trade_desk",
        "Lovers",
        "multi-step",
        "mirror",
    )
    assert told.counts.unknown == []
    assert told.counts.add_up
    assert None not in (told.accepted, told.refused)
    assert told.counts.sent == told.accepted + told.refused


def test_a_delivery_given_up_does_not_know_who_was_refused():
    told = Delivery.of(failed_result(PREPARED, "multi-step", {"error": "x"}, "s3://x", 3).data, "failed")
    assert (told.counts.unknown, told.accepted, told.refused) == ([], 3, None)


def test_what_is_not_there_or_something_else_is_none():
    for odd in ({}, {"n": None}, {"n": "7"}, {"n": True}, {"n": -1}, {"n": 7.0}, {"n": [7]}):
        assert count_in(odd, "n") is None
    assert count_in({"n": 0}, "n") == 0
    assert counts_in({"n": {"a": 1, "b": "x"}}, "n") == {"a": 1, "b": None}
    assert (counts_in({"n": []}, "n"), texts_in({"n": "abc"}, "n"), texts_in({"n": ["a", 1]}, "n")) == (
        {},
        [],
        ["a"],
    )
    empty = Delivery.of({"platform_says": "all is well"}, "succeeded")
    assert len(empty.counts.unknown) == 5
    assert not empty.counts.add_up
    assert len(Preparation.of({}).counts.unknown) == 5
