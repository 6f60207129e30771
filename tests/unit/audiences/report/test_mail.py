"""The mail says the verdict in its subject, what to do in its text, and fits what SNS takes."""

from dataclasses import replace
from pathlib import Path

import pytest
from audiences.report import Record, build_report, render_mail
from audiences.runs import StageResult

GOLDEN = Path(__file__).parent / "golden"
LINK = "https://console.aws.amazon.com/s3/object/audience?region=eu-central-1&prefix=runs/20261122-101500-ab12cd/report.html"
URI = "s3://audience/runs/20261122-101500-ab12cd/report.html"


def mail_of(report):
    return render_mail(report, LINK, URI)


@pytest.mark.parametrize("name", ["succeeded", "partial", "failed"])
def test_the_mail_reads_as_agreed(name, request):
    mail = mail_of(request.getfixturevalue(name))
    assert f"Subject: {mail.subject}\n\n{mail.body}" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_an_import_alone_says_what_was_imported(facts):
    data = {"file": "s3://imports/pinpoint/endpoints.csv", "kind": "endpoints", "size": 3180}
    result = StageResult("pinpoint-import", "pinpoint/endpoints.csv", "succeeded", data)
    mail = mail_of(build_report(replace(facts, title="endpoints.csv"), [Record(result)]))
    assert mail.subject == "Audience Relay: 1 file imported - endpoints.csv - 22 Nov"
    assert "IMPORTED\n  pinpoint/endpoints.csv\n    Pinpoint: ready, 3,180 in it\n" in mail.body


@pytest.mark.parametrize(
    "title", ["x" * 300, "Kürbis\r\nBcc: all", "映画", "", "\x00\x1b[31m", "a" * 40 + "\n" * 80]
)
def test_subjects_are_one_short_line_of_ascii(succeeded, partial, failed, title):
    for report in (succeeded, partial, failed):
        named = replace(report, title=title, training={**report.training, "dataset_group": title})
        subject = mail_of(named).subject
        assert subject.isascii()
        assert subject.isprintable()
        assert 0 < len(subject) <= 99
        assert subject.startswith("Audience Relay: ")
        assert subject.endswith(" - 22 Nov")


def test_a_title_that_is_no_ascii_is_replaced_by_the_run(succeeded):
    report = replace(succeeded, title="映画", training={"dataset_group": None})
    assert "20261122-101500-ab12cd" in mail_of(report).subject


def test_long_lists_are_cut_and_the_mail_stays_small(succeeded):
    many = [{**succeeded.segments[0], "name": f"segment{number}"} for number in range(1000)]
    body = mail_of(replace(succeeded, segments=many)).body
    assert "segment39:" in body
    assert "segment40:" not in body
    assert "... and 960 more: see the report." in body


def test_a_huge_text_is_cut_below_the_limit_of_a_state(succeeded):
    failure = {
        "stage": "delivery",
        "name": "x",
        "error": "DataError",
        "what": "ü" * 200_000,
        "why": "",
        "fix": "",
    }
    mail = mail_of(replace(succeeded, status="partial", failures=[failure]))
    assert len(mail.body.encode()) <= 100_000


def test_notes_of_stages_reach_the_reader(succeeded):
    segment = {
        **succeeded.segments[0],
        "users_without_endpoint": 12,
        "note": "Nobody to import: it is empty.",
    }
    training = {**succeeded.training, "warnings": ["Users were not imported."]}
    body = mail_of(replace(succeeded, segments=[segment], training=training)).body
    assert "    12 users without an endpoint\n    Note: Nobody to import: it is empty.\n" in body
    assert "    Note: Users were not imported.\n" in body


def test_reasons_of_several_lines_stay_indented(partial):
    failure = {**partial.failures[0], "why": "job one: stopped\njob two: stopped"}
    body = mail_of(replace(partial, failures=[failure])).body
    assert "     Why:  job one: stopped\n           job two: stopped\n" in body


def test_what_the_platform_refused_is_told_with_its_reasons(facts, stages):
    refused = stages.delivery(refused=2, refused_reasons={"invalid hash": 2})
    body = mail_of(build_report(facts, [Record(refused)])).body
    assert "236 sent, 234 accepted, 2 refused by meta, 40 rejected" in body
    assert "    Refused because: 2 invalid hash\n" in body
