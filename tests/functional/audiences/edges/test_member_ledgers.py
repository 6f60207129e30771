"""What must not replace the members that Customer Profiles has: an older file, a torn list, a shrunken segment."""

import pytest
from audiences.edges.member_ledgers import note_members
from audiences.edges.profile_files import write_parts
from audiences.edges.s3_files import upload_once
from audiences.errors import DataError

from tests.functional.pretended_aws import audience_bucket

LEDGERS = "s3://audience/ledger/customer-profiles/"
BEST, NOTE = "ledger/customer-profiles/best.csv", "deliveries/customer-profiles/best.json"


@pytest.fixture
def bucket():
    with audience_bucket() as found:
        yield found


@pytest.fixture
def bring(bucket, tmp_path):
    """Import one file as the workflow does, up to the ledger; returns the leavers."""

    def import_file(name, *users, segment="best", complete=True, **metadata):
        key = f"customer-profiles/{name}"
        bucket.put_object(Key=key, Body="\n".join(["User.UserId", *users]).encode())
        file = {
            "file": f"s3://audience/{key}", "format": "csv", "kind": "segment", "segment_name": name,
            "run_segment": segment, "bad_rows": 0, "problems": [], "run_id": "run-1", **metadata,
        }  # fmt: skip
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        _, plan = write_parts(file, LEDGERS, "s3://audience/deliveries/customer-profiles/", folder)
        upload_once(folder / ("members.csv" if complete else "everyone.csv"), plan["ledger"], plan["held"])
        note_members({**plan, "file": file}, complete=complete, failed=False)
        told.append(plan["lost"])
        return plan["counts"]["left"]

    told = import_file.told = []

    return import_file


def test_the_older_file_is_refused_and_the_members_stay(bucket, bring):
    assert bring("best_20261105-100000.csv", "1", "2") == 0
    with pytest.raises(
        DataError, match=r"(?s)best_20261104-100000\.csv is older than best_20261105-100000\.csv"
    ):
        bring("best_20261104-100000.csv", "3")
    held = bucket.Object("ledger/customer-profiles/best.csv").get()["Body"].read()
    assert sorted(held.split()) == [b"1", b"2"]


def test_a_newer_file_and_the_same_again_are_taken(bucket, bring):
    bring("best_20261104-100000.csv", "1", "2")
    assert bring("best_20261105-100000.csv", "2", "3") == 1
    assert bring("best_20261105-100000.csv", "2", "3") == 0


def test_a_ledger_of_a_former_version_stops_nothing(bucket, bring):
    bucket.put_object(Key="ledger/customer-profiles/best.csv", Body=b"1\n", Metadata={"run-id": "r"})
    assert bring("best_20261104-100000.csv", "2") == 1


def test_two_segments_that_would_share_an_attribute_do_not_share_members(bring):
    bring("a.csv", "1", "2", segment="winter-boots")
    with pytest.raises(DataError, match=r"(?s)winter_boots and winter-boots.*aff_winter_boots"):
        bring("b.csv", "3", segment="winter_boots")
    assert bring("c.csv", "1", segment="winter-boots") == 1


def users(count):
    return [str(number) for number in range(count)]


def test_a_segment_that_shrinks_far_is_held_and_told_with_the_way_to_confirm_it(bucket, bring):
    bring("best.csv", *users(300))
    with pytest.raises(
        DataError, match=r"(?s)segment best would shrink from 300 to 1 people.*at least 50%"
    ) as held:
        bring("best.csv", "1")
    assert "--metadata fuse=0,segment-name=best,target=customer-profiles" in held.value.fix
    assert len(bucket.Object(BEST).get()["Body"].read().split()) == 300
    assert bring("best.csv", "1", fuse="0") == 299
    assert bring("best.csv", "2") == 1


def test_half_of_the_members_may_leave(bring):
    bring("best.csv", *users(300))
    assert bring("best.csv", *users(150)) == 150


@pytest.mark.parametrize("fuse", ["2", "-1", "half", "nan"])
def test_a_fuse_that_is_no_share_is_refused(bring, fuse):
    with pytest.raises(DataError, match=r"no number from 0 to 1"):
        bring("best.csv", "1", fuse=fuse)


@pytest.mark.parametrize(
    ("body", "words"),
    [(None, "is gone"), (b"", "is gone"), (b"x\ny\n", "is not what the last import wrote")],
)
def test_a_list_that_is_not_what_the_last_import_wrote_is_told_once_and_the_fuse_counts_all_the_same(
    bucket, bring, body, words
):
    bring("best.csv", *users(300))
    bucket.Object(BEST).delete() if body is None else bucket.put_object(Key=BEST, Body=body)
    with pytest.raises(DataError, match="would shrink from 300 to 1 people"):
        bring("best.csv", "1")
    bring("best.csv", *users(200))
    assert words in bring.told[-1]["what"]
    assert "run run-1 left 300 members" in bring.told[-1]["why"]
    bring("best.csv", *users(200))
    assert bring.told[-1] == {}


def test_restoring_the_list_takes_out_who_left_meanwhile(bucket, bring):
    bring("best.csv", *users(10))
    before = bucket.Object(BEST).get()["Body"].read()
    bucket.Object(BEST).delete()
    assert bring("best.csv", *users(8)) == 0
    bucket.put_object(Key=BEST, Body=before)  # what the failure says to do
    assert bring("best.csv", *users(8)) == 2
    assert "just restored it" in bring.told[-1]["fix"]


def test_the_fuse_counts_members_and_not_who_is_still_to_be_marked_as_left(bring):
    bring("best.csv", *users(10))
    bring("best.csv", *users(6), complete=False)  # the ledger keeps the four who left
    assert bring("best.csv", *users(3)) == 7
    assert bring.told[-1] == {}


def test_a_note_that_somebody_changed_is_told(bucket, bring):
    bring("best.csv", "1")
    bucket.put_object(Key=NOTE, Body=b'{"people": "many"}')
    with pytest.raises(DataError, match=r"best\.json is not what an import noted"):
        bring("best.csv", "1")
    bucket.Object(NOTE).delete()  # what the error says
    assert bring("best.csv", "1") == 0
