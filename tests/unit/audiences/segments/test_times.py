"""The age of a segment file is in its name, where a name has one that can be true."""

import pytest
from audiences.segments.times import made_at

STORED = "2026-12-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("ITEMSgenresAction_20261121-101500.csv", "2026-11-21T10:15:00+00:00"),
        ("crm.boots_20261121-101500-a1b2c3.csv.gz", "2026-11-21T10:15:00+00:00"),
        ("crm.boots_20261121-101500-123456.csv.gz", "2026-11-21T10:15:00+00:00"),
        ("2026-11-21T10:15:07Z.csv", "2026-11-21T10:15:07+00:00"),
        ("rfm-2026-11-21.parquet", "2026-11-21T00:00:00+00:00"),
        ("rfm_20261121.csv", "2026-11-21T00:00:00+00:00"),
        ("rfm_202611211015.csv", "2026-11-21T10:15:00+00:00"),
        ("best_20261121-996099.csv", "2026-11-21T00:00:00+00:00"),
        ("from_20261101_to_20261121.csv", "2026-11-21T00:00:00+00:00"),
        ("dt=2026-11-21/part-0000.parquet", "2026-11-21T00:00:00+00:00"),
        ("best_20261202-020000.csv", "2026-12-02T02:00:00+00:00"),  # local time, east of Greenwich
    ],
)
def test_a_day_in_the_name_counts(name, made):
    assert made_at(name, STORED) == made


@pytest.mark.parametrize(
    "name",
    [
        "best.csv", "v2.csv", "", "20.csv", "best_20261321.csv", "best_20260231.csv", "id20261121.csv",
        "best_202611211.csv", "1f20261121a.csv", "best_21112026.csv", "best_20271121-101500.csv", "19991231.csv",
    ],
)  # fmt: skip
def test_without_a_day_or_with_one_to_come_it_is_when_it_was_stored(name):
    assert made_at(name, STORED) == STORED


def test_times_of_storage_are_compared_in_utc():
    assert made_at("best.csv", "2026-12-01T14:00:00.500+02:00") == "2026-12-01T12:00:00+00:00"
