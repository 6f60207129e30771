"""Days in a ledger: who is due, who is not known, and what a setting says."""

from itertools import pairwise

import pytest
from audiences.errors import SetupError
from audiences.preparation.ledger import parts_of, split_day
from audiences.preparation.refresh import Memory, Refresh
from audiences.preparation.request import Request

PEOPLE = [f"{n:064x}\temail={n}" for n in range(2_000)]
YEAR = Memory(days=365, setting="days_here", source="https://example.com")


def test_a_day_is_no_part_of_what_is_held():
    assert split_day("k\temail=1\t@20780") == ("k\temail=1", "@20780")
    assert split_day("k\temail=1") == ("k\temail=1", "")
    assert parts_of("k\temail=1\tphone=2\t~7") == ["email=1", "phone=2"]


@pytest.mark.parametrize("mark", ["@", "@x", "~-1", "@1.5", "@99999999"])
def test_a_day_that_is_none_is_not_known(mark):
    assert split_day(f"k\temail=1\t{mark}") == ("k\temail=1", "")


def test_nobody_is_due_before_five_eighths_of_the_time_and_everybody_at_three_quarters():
    sent = [Refresh(365, 1_000).sent(line) for line in PEOPLE]
    due = [sum(map(Refresh(365, 1_000 + age).is_due, sent)) for age in range(366)]
    assert due[227] == 0
    assert due[273] == len(PEOPLE)
    grown = [after - before for before, after in pairwise(due)]
    assert max(grown) < len(PEOPLE) / 20


def test_people_of_an_unknown_day_are_due_within_a_month():
    day = Refresh(365, 1_000)
    dated = [day.dated(line) for line in PEOPLE]
    assert all(split_day(line)[1].startswith("~") for line in dated)
    due = [sum(map(Refresh(365, 1_000 + age).is_due, dated)) for age in range(31)]
    assert 0 < due[0] < len(PEOPLE) / 20
    assert due[29] == len(PEOPLE)
    assert [Refresh(365, 1_010).dated(line) for line in dated] == dated


def test_a_day_that_is_still_to_come_is_not_known():
    assert split_day(Refresh(365, 1_000).dated("k\te=1\t@5000"))[1].startswith("~")
    assert Refresh(365, 1_000).dated("k\te=1\t@1001") == "k\te=1\t@1001"


@pytest.mark.parametrize(
    ("told", "days"),
    [({}, 365), ({"days_here": "30"}, 30), ({"days_here": "900"}, 365), ({"days_here": "-1"}, 365)],
)
def test_a_setting_says_fewer_days(told, days):
    assert YEAR.days_for(told) == days


def test_a_setting_may_end_what_is_for_good():
    memory = Memory(days=0, setting="s", unit_seconds=1, source="https://example.com")
    assert (memory.days_for({}), memory.days_for({"s": "-1"}), memory.days_for({"s": "864000"})) == (0, 0, 10)


def test_a_setting_that_is_no_number_stops():
    with pytest.raises(SetupError, match="days_here is no number"):
        YEAR.days_for({"days_here": "a year"})


def test_a_request_keeps_its_day_and_one_of_before_gets_today():
    request = Request(platform="google", audience="A", day=7)
    told = request.as_json()
    assert Request.from_json(told).day == 7
    del told["day"]
    assert Request.from_json(told).day > 20_000


def test_who_is_due_is_sent_and_counted_among_the_sent(run):
    customers = "user_id,email\n" + "".join(f"{n},p{n}@example.com\n" for n in range(50))
    segment = "user_id\n" + "".join(f"{n}\n" for n in range(50))
    asked = {"platform": "the_trade_desk", "mode": "mirror"}
    first = run(segment, customers, day=1_000, **asked)
    second = run(segment, customers, ledger=first.ledger(), day=1_125, **asked)
    counts = second.counts
    assert (counts.sent, counts.unchanged) == (counts.refreshed, 50 - counts.refreshed)
    assert 0 < counts.refreshed < 50
    assert sum(line.endswith("@1125") for line in second.wanted()) == counts.refreshed
    assert sum(line.endswith("@1000") for line in second.wanted()) == counts.unchanged
    gone = run("user_id\n1\n", customers, ledger=second.ledger(), day=1_126, fuse=0, **asked)
    removed = [line for path in gone.folder.glob("part-remove*") for line in path.read_text().splitlines()]
    assert len(removed) == 49
    assert not any("@" in line or "~" in line for line in removed)


def test_where_a_guard_stops_the_audience_everybody_keeps_their_day(run):
    customers = "user_id,email,consent_ads\n" + "".join(f"{n},p{n}@example.com,yes\n" for n in range(50))
    asked = {"platform": "the_trade_desk", "mode": "mirror"}
    first = run("user_id\n" + "".join(f"{n}\n" for n in range(50)), customers, day=1_000, **asked)
    held = run(
        "user_id\n1\n2\n", customers, suppress="user_id\n9\n", ledger=first.ledger(), day=1_200, **asked
    )
    assert (held.counts.sent, held.counts.unchanged) == (0, 2)
    assert len(held.wanted()) == 49
    assert set(held.wanted()) < set(first.wanted())
