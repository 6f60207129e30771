"""What is doubtful and stopped nothing is told all the same: in the mail, on the page, in report.json."""

import re
from html import unescape

import pytest
from audiences.report import Record, build_report, render_mail, render_page
from audiences.runs import StageResult

UNREADABLE = "7 consent answers (consent_ads) say neither yes nor no: these people were not sent."
RESET = "The audience was made anew, so everybody was sent again: the ledger was another audience's."


def prepared(*warnings):
    data = {
        "platform": "meta", "audience": "Bingewatch action lovers", "mode": "mirror", "engine": "lambda",
        "received": 300, "sent": 236, "rejected": 40, "unchanged": 0, "suppressed": 24, "removals": 0,
        "reject_reasons": {"consent_unreadable": 40}, "manifest": "s3://audience/prepared/meta/a/r/manifest.json",
        "warnings": list(warnings),
    }  # fmt: skip
    return StageResult("audience-preparation", "meta/a/r", "succeeded", data)


def read(facts, *results):
    report = build_report(facts, [Record(result) for result in results])
    page = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", render_page(report))))
    return report, render_mail(report, "link", "uri"), page


def test_a_note_of_a_preparation_is_told_where_nothing_delivers_it(facts):
    report, mail, page = read(facts, prepared(UNREADABLE))
    assert report.audiences[0]["warnings"] == [UNREADABLE]
    assert f"    Note: {UNREADABLE}\n    File: s3://audience" in mail.body
    assert f"Note: {UNREADABLE}" in page


def test_notes_of_preparation_and_delivery_stand_below_the_delivery(facts, stages):
    told = stages.delivery(platform_says={"warnings": [RESET, RESET], "size": 3})
    report, mail, page = read(facts, prepared(UNREADABLE), told)
    assert report.deliveries[0]["warnings"] == [RESET, RESET]
    assert f"    Note: {UNREADABLE}\n    Note: {RESET}\n\n" in mail.body
    assert page.count(f"Note: {UNREADABLE}") == 1
    assert f"Note: {RESET}" in page


def test_notes_are_announced_in_the_subject_and_nobody_is_told_there_is_nothing_to_do(facts, stages):
    _, mail, _ = read(facts, prepared(UNREADABLE), stages.delivery())
    assert mail.subject.startswith("Audience Relay: 1 audience delivered, 1 note - ")
    assert "Nothing to do." not in mail.body
    assert "read them before you rely on the numbers" in mail.body


def test_beside_problems_notes_do_not_pass_as_needing_nothing(facts, stages):
    failed = stages.delivery(status="failed", received=301)
    _, mail, _ = read(facts, prepared(UNREADABLE), failed)
    assert "needs nothing" not in mail.body


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"superseded_by": "20261123-090000-cd34ef"}, "Not sent: the newer list of 20261123-090000-cd34ef"),
        ({"dry_run": True}, "Not sent: this was a dry run."),
    ],
)
def test_a_delivery_that_sent_nothing_says_why(facts, stages, more, note):
    skipped = stages.delivery(status="skipped", sent=0, accepted=0, refused=0, unchanged=236, **more)
    _, mail, page = read(facts, skipped)
    assert f"    Note: {note}" in mail.body
    assert f"Note: {note}" in page
    assert mail.subject.startswith("Audience Relay: 1 not sent, 1 note - ")
    assert "delivered - " not in page[:200]
    assert "audience delivered" not in page


def test_notes_go_through_the_masker(facts, stages):
    leaky = stages.delivery(platform_says={"warnings": ["Row of planted.person@example.com was left."]})
    report, mail, page = read(facts, prepared("planted.person@example.com is odd."), leaky)
    assert "planted.person" not in f"{report.as_json()}{mail.body}{page}"
