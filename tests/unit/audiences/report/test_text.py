"""Words and numbers as people write them."""

import pytest
from audiences.report.links import console_link
from audiences.report.text import (
    ascii_line,
    count,
    day,
    duration,
    moment,
    seconds_between,
    stage_title,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (59.4, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (599, "9 min 59 s"), (3120, "52 min"),
        (3599, "1 h"), (3600, "1 h"), (7500, "2 h 5 min"), (-3, "0 s"),
    ],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_counts():
    assert [count(1, "user"), count(2400, "user"), count(2, "row was", "rows were")] == [
        "1 user",
        "2,400 users",
        "2 rows were",
    ]


def test_times_are_in_utc_and_survive_nonsense():
    assert moment("2026-11-22T00:30:00+02:00") == "21 Nov 2026, 22:30 UTC"
    assert moment("soon") == "soon"
    assert (day("2026-01-02T03:04:05"), day("soon")) == ("2 Jan", "")
    assert seconds_between("2026-11-22T10:00:00+00:00", "2026-11-22T12:00:30+01:00") == 3630
    assert seconds_between("2026-11-22T10:00:00", "2026-11-22T09:00:00") == 0
    assert seconds_between("", "2026-11-22T10:00:00") is None


def test_ascii_lines():
    assert ascii_line("Zoë\tlikes\r\nfilms", 99) == "Zoe likes films"
    assert ascii_line("abcdefghij", 8) == "abcde..."


def test_unknown_stages_are_named_as_they_are():
    assert stage_title("clean-rooms-query") == "Clean rooms query"


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-central-1", "console.aws.amazon.com"),
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_console_links_work_in_every_partition(region, domain):
    link = console_link(region, "audience", "runs/r 1/report.html")
    assert link == f"https://{domain}/s3/object/audience?region={region}&prefix=runs/r%201/report.html"
