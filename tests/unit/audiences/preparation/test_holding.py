"""Minimum and fuse stop everything but the removals of people who opted out or withdrew consent."""

import hashlib
import json

import pytest
from audiences.activations.outcome import finished_work
from audiences.activations.work import Work
from audiences.errors import DataError
from audiences.preparation.request import Request
from audiences.preparation.summary import summarise
from hypothesis import given
from hypothesis import strategies as st

HEADER = "user_id,email,phone,consent_ads\n"


def people(numbers, said_no=()):
    return HEADER + "".join(
        f"{n},p{n}@example.com,20255501{n:02d},{'no' if n in said_no else 'yes'}\n" for n in numbers
    )


def segment(numbers):
    return "user_id\n" + "".join(f"{n}\n" for n in numbers)


def sha(number):
    return hashlib.sha256(f"p{number}@example.com".encode()).hexdigest()


def removed(made):
    return {row[0] for row in made.rows("remove")}


@pytest.fixture
def before(run):
    """Ten people on the platform."""
    return run(segment(range(10)), people(range(30)))


GUARDS = [
    ({"mode": "add", "minimum": 10}, [*range(10), 20]),
    ({"mode": "mirror", "minimum": 10}, [*range(9), 20]),
    ({"mode": "mirror"}, [0, 1, 4, 20]),
]


@pytest.mark.parametrize(("asked", "wanted"), GUARDS)
def test_only_who_opted_out_or_withdrew_consent_leaves(run, before, asked, wanted):
    made = run(
        segment(wanted),
        people(range(30), said_no=[1, 8]),
        suppress=segment([0, 9]),
        ledger=before.ledger(),
        **asked,
    )
    manifest = made.manifest()
    assert removed(made) == {sha(0), sha(1), sha(8), sha(9)}
    assert made.rows() == []
    assert manifest["removals"]["reasons"] == {"consent_withdrawn": 2, "opted_out": 2}
    assert made.wanted() == [
        line for line in before.wanted() if not any(sha(n) in line for n in (0, 1, 8, 9))
    ]
    counts = manifest["counts"]
    assert counts["received"] == len(wanted) == sum(counts.values()) - counts["received"]
    assert counts["sent"] == 0
    assert manifest["reject_reasons"]["held_back"] == 1
    assert made.rejects()[len(wanted) + 1] == "held_back"
    assert manifest["audience_size"] == {"before": 10, "after": 6, "platform_minimum": 100}


def test_what_was_held_back_is_told_with_the_way_on(run, before):
    asked = {"mode": "mirror", "suppress": segment([0]), "ledger": before.ledger()}
    made = run(segment([0, 20]), people(range(30)), **asked)
    told = made.manifest()["held"]
    assert told["what"] == "The audience 'A' would shrink from 10 to 1 people."
    assert (
        "1 row of the segment is held back, and only 1 person who opted out or withdrew consent is"
        in told["why"]
    )
    assert "lower `fuse`" in told["fix"]
    assert "HELD BACK. The audience 'A' would shrink from 10 to 1 people." in summarise(made.made)
    assert run(segment([0, 20]), people(range(30)), **asked, fuse=0).manifest()["held"] is None


def test_the_run_has_a_problem_and_a_delivery(run, before):
    made = run(
        segment([0]), people(range(30)), mode="mirror", suppress=segment([0]), ledger=before.ledger()
    ).manifest()
    work = Work("meta/A/r", Request(platform="meta", audience="A"), (), (), (), "s3://b/p/", "lambda")
    told = finished_work(work, made, ["meta"])
    assert (told.status, told.failure["error"]) == ("partial", "DataError")
    assert told.expects == [["delivery", "meta/A/r"]]
    assert told.data["removals"] == 1


def test_with_nobody_to_take_out_nothing_is_written(run, before, tmp_path):
    with pytest.raises(DataError, match="would shrink from 10 to 2 people"):
        run(segment([3, 4]), people(range(30)), mode="mirror", ledger=before.ledger())
    with pytest.raises(DataError, match="Its minimum is 5"):
        run(segment([3, 4]), people(range(30)), suppress=segment([3]), minimum=5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out-0"]


def test_a_dry_run_tells_the_same_and_writes_no_parts(run, before):
    asked = {"mode": "mirror", "suppress": segment([0]), "ledger": before.ledger(), "dry_run": True}
    made = run(segment([3]), people(range(30)), **asked)
    plan = json.loads((made.folder / "plan.json").read_text())
    assert plan["held"]["error"] == "DataError"
    assert (plan["parts"], plan["removals"]["rows"]) == ([], 1)


def test_a_platform_of_whole_audiences_gets_what_it_holds_without_them(run):
    customers = "user_id,email,first_name,consent_ads\n" + "".join(
        f"{n},p{n}@example.com,Person{n},{'no' if n == 8 else 'yes'}\n" for n in range(30) if n != 7
    )
    asked = {"platform": "liveramp", "country": None}
    everybody = customers.replace(",no\n", ",yes\n") + "7,p7@example.com,Gone,yes\n"
    first = run(segment(range(10)), everybody, **asked)
    made = run(segment([0, 3, 20]), customers, suppress=segment([0]), ledger=first.ledger(), **asked)
    lines = (made.folder / "part-add-00001.csv").read_text().splitlines()
    assert lines[0] == "email,first_name"
    stay = [1, 2, 3, 4, 5, 6, 7, 9]
    assert sorted(lines[1:]) == sorted(f"{sha(n)},{'' if n == 7 else f'Person{n}'}" for n in stay)
    assert len(made.wanted()) == len(stay)
    assert made.manifest()["counts"] == {
        "received": 3, "sent": 1, "rejected": 1, "unchanged": 0, "suppressed": 1, "refreshed": 0}  # fmt: skip


def test_who_changed_an_address_stays_as_the_platform_knows_them(run, before):
    moved = people(range(30)).replace("2025550104", "2025550199")
    made = run(segment([4, 0]), moved, mode="mirror", suppress=segment([0]), ledger=before.ledger())
    assert removed(made) == {sha(0)}
    assert next(line for line in before.wanted() if sha(4) in line) in made.wanted()
    assert made.rejects() == {2: "held_back"}


def test_a_no_in_any_row_of_a_person_outside_the_segment_takes_that_person_out_and_nobody_else(run, before):
    rows = "4,p4@example.com,2025550104,yes\n4,,,no\n"
    customers = people([n for n in range(30) if n != 4]) + rows
    made = run(segment([0]), customers, mode="mirror", ledger=before.ledger())
    assert removed(made) == {sha(4)}


def test_in_the_mode_add_who_withdraws_consent_leaves_without_being_in_a_segment_again(run, before):
    customers = people(range(30), said_no=[4, 6]).replace(
        "7,p7@example.com,2025550107,yes", "7,p7@example.com,,"
    )
    made = run(segment([0, 20]), customers, ledger=before.ledger(), mode="add")
    assert removed(made) == {sha(4), sha(6)}
    assert made.manifest()["removals"]["reasons"] == {"consent_withdrawn": 2}
    assert len(made.wanted()) == 9, "no answer is no withdrawal, and everybody else stays"
    counts = made.manifest()["counts"]
    assert (counts["received"], counts["sent"], counts["unchanged"]) == (2, 1, 1)


def test_the_no_of_an_account_outside_the_segment_is_not_that_of_another_one_in_it(run, before):
    customers = people(range(30)) + "99,p4@example.com,2025550104,no\n"
    made = run(segment([4]), customers, ledger=before.ledger(), mode="add")
    assert removed(made) == set()
    listed = run(segment([4]), customers, suppress=segment([99]), ledger=before.ledger(), mode="add")
    assert removed(listed) == {sha(4)}, "an opt-out holds for whoever has the address"


numbers = st.lists(st.integers(0, 14), unique=True, max_size=12)


@given(
    held=numbers,
    wanted=st.lists(st.integers(0, 16), max_size=12),
    said_no=numbers,
    opted_out=numbers,
    mode=st.sampled_from(["add", "mirror"]),
    platform=st.sampled_from(["meta", "google", "klaviyo", "liveramp"]),
    minimum=st.integers(0, 8),
)
def test_nobody_who_said_no_stays_and_nobody_else_moves(
    run, held, wanted, said_no, opted_out, mode, platform, minimum
):
    asked = {"platform": platform, "identifiers": ("email",)}
    first = run(segment(held), people(range(15)), **asked)
    lists = [segment(opted_out)] if opted_out else []
    try:
        made = run(
            segment(wanted), people(range(15), said_no), suppress=lists, ledger=first.ledger(), mode=mode,
            minimum=minimum, **asked,
        )  # fmt: skip
    except DataError:
        assert not set(held) & {*opted_out, *said_no}
        return
    counts = made.manifest()["counts"]
    assert counts["received"] == len(wanted) == sum(counts.values()) - counts["received"]
    assert counts["rejected"] == len(made.rejects())
    if made.manifest()["held"]:
        gone = {sha(n) for n in {*opted_out, *said_no}}
        assert made.wanted() == [line for line in first.wanted() if line.partition("\t")[0] not in gone]
        assert set(made.manifest()["removals"]["reasons"]) <= {"opted_out", "consent_withdrawn"}
