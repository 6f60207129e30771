"""An older file that arrives late does not take the members of a newer one out of a segment."""

import pytest
from audiences.edges.profile_files import write_parts
from audiences.edges.s3_files import upload_once
from audiences.errors import DataError

from tests.functional.pretended_aws import audience_bucket


@pytest.fixture
def bucket():
    with audience_bucket() as found:
        yield found


@pytest.fixture
def bring(bucket, tmp_path):
    """Import one file as the workflow does, up to the ledger; returns the leavers."""

    def import_file(name, *users, segment="best"):
        key = f"customer-profiles/{name}"
        bucket.put_object(Key=key, Body="\n".join(["User.UserId", *users]).encode())
        file = {
            "file": f"s3://audience/{key}", "format": "csv", "kind": "segment", "segment_name": name,
            "run_segment": segment, "bad_rows": 0, "problems": [],
        }  # fmt: skip
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        _, plan = write_parts(file, "s3://audience/ledger/customer-profiles/", folder)
        upload_once(folder / "members.csv", plan["ledger"], plan["held"])
        return plan["counts"]["left"]

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
