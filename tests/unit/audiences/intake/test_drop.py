import pytest
from audiences.errors import DataError, SetupError
from audiences.intake.drop import Drop

ARRIVED = "2026-11-22T10:15:00+00:00"


def drop(key="drop/crm-team/winter-boots.csv", user="crm-team", version="v1", execution="e1"):
    event = {
        "token": "t",
        "serviceMetadata": {
            "executionDetails": {"workflowId": "w-1", "executionId": execution},
            "transferDetails": {"sessionId": "s", "userName": user, "serverId": "s-1"},
        },
        "fileLocation": {"domain": "S3", "bucket": "b", "key": key, "eTag": "e", "versionId": version},
    }
    return Drop.of(event, 12, ARRIVED)


def test_a_file_becomes_its_users_segment():
    found = drop()

    assert found.segment == "crm-team.winter-boots"
    assert found.run_id.startswith("intake-20261122-101500-")
    assert found.target_key == (
        f"segments/sftp/crm-team.winter-boots/crm-team.winter-boots_20261122-101500-{found.run_id[-6:]}.csv"
    )
    assert found.refused_uri == "s3://b/refused/crm-team/winter-boots.csv"


def test_packed_files_keep_their_ending():
    assert drop("drop/crm-team/boots.csv.gz").segment == "crm-team.boots"
    assert drop("drop/crm-team/boots.csv.gz").target_key.endswith(".csv.gz")


def test_two_users_never_share_a_segment():
    one, other = drop("drop/a.b/c.csv", "a.b"), drop("drop/a/b.c.csv", "a..")
    assert one.segment == "a.b.c"
    with pytest.raises(DataError):  # a segment's own name has no dot, so that the last one ends the user
        _ = other.segment


def test_every_upload_is_a_run_of_its_own_and_every_step_finds_it_again():
    assert drop(execution="e1").run_id == drop(execution="e1").run_id
    assert drop(execution="e1").target_key != drop(execution="e2").target_key


def test_an_unversioned_file_has_no_version():
    assert drop(version=None).version == ""


@pytest.mark.parametrize(
    "key",
    [
        "drop/crm-team/boots.xlsx",
        "drop/crm-team/boots.csv.filepart",
        "drop/crm-team/.csv",
        "drop/crm-team/winter boots.csv",
        "drop/crm-team/" + "x" * 81 + ".csv",
        "drop/crm-team/a/boots.csv",
        "drop/other/boots.csv",
        "elsewhere/crm-team/boots.csv",
    ],
)
def test_names_and_folders_that_no_segment_has_are_refused_without_being_repeated(key):
    with pytest.raises(DataError) as raised:
        _ = drop(key).segment
    assert "boots" not in str(raised.value)


def test_users_whose_name_may_be_an_address_are_refused():
    with pytest.raises(SetupError):
        _ = drop("drop/anna@example.com/boots.csv", "anna@example.com").segment
