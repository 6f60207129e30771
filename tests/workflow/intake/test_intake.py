"""Files that partners upload by SFTP: taken as segments, or kept aside with the reason told."""

import hashlib
import json

import asyncssh
import pytest

from tests.workflow.deployed.relay import wait_for
from tests.workflow.intake.conftest import AUDIENCE, KEY, USER

GOOD = b"user_id,score\nu1,5\nu2,3\n,1\n"


def tags_of(relay, key):
    found = relay.client("s3").get_object_tagging(Bucket=relay.outputs["AudienceBucketName"], Key=key)
    return {tag["Key"]: tag["Value"] for tag in found["TagSet"]}


def test_a_segment_that_is_uploaded_goes_all_the_way_to_audience_preparation(intake, ended):
    relay, drop = intake.relay, f"drop/{USER}/winter-boots.csv"
    intake.upload("winter-boots.csv", GOOD)
    execution = ended(drop)

    assert execution["Status"] == "COMPLETED", execution["Results"]
    assert [step["StepType"] for step in execution["Results"]["Steps"]] == ["CUSTOM", "TAG", "DELETE"]
    (key,) = relay.keys("segments/sftp/")
    assert key.startswith(f"segments/sftp/{USER}.winter-boots/{USER}.winter-boots_")
    assert relay.read(f"s3://{relay.outputs['AudienceBucketName']}/{key}").encode() == GOOD
    assert relay.keys("drop/") == []
    assert relay.keys("refused/") == []

    run = relay.run_of("sftp-intake", f"{USER}/winter-boots.csv")
    (result,) = run.stages["sftp-intake"]
    assert result["status"] == "succeeded"
    assert (result["data"]["users"], result["data"]["bad_rows"]) == (2, 1)
    (looked_at,) = run.stages["audience-preparation"]
    assert looked_at["name"] == key
    assert "Segment Received" in [event["detail-type"] for event in relay.events(run.run_id)]


def test_a_file_that_comes_by_sftp_leaves_by_sftp_to_liveramp(intake):
    relay = intake.relay
    people = "user_id,email,country\nu1,Anna@Example.com,US\nu2,ben@example.com,US\nu3,carla@example.com,US\n"
    activation = {
        "segments": [f"sftp/{USER}.boot-lovers"], "platforms": ["liveramp"], "audience": AUDIENCE,
        "mode": "mirror", "identifiers": ["email"], "country": "US", "minimum": 0,
    }  # fmt: skip
    relay.put("AudienceBucketName", "identities/people.csv", people)
    relay.put("AudienceBucketName", "activations/boots.json", json.dumps(activation))
    intake.upload("boot-lovers.csv", GOOD)

    run = relay.run_of("sftp-intake", f"{USER}/boot-lovers.csv")
    (delivery,) = run.report["deliveries"]
    assert (delivery["platform"], delivery["sent"], delivery["status"]) == ("liveramp", 2, "succeeded")
    (file,) = [path for path in intake.liveramp.rglob("*.csv") if KEY in path.name]
    text = file.read_text()
    for address, there in (("anna", True), ("ben", True), ("carla", False)):
        digest = hashlib.sha256(f"{address}@example.com".encode()).hexdigest()
        assert (digest in text.lower()) is there


def test_a_file_that_is_no_segment_is_kept_aside_and_the_mail_says_why(intake, ended):
    relay, drop = intake.relay, f"drop/{USER}/people.csv"
    intake.upload("people.csv", b"anna@example.com,5\nben@example.com,3\n")
    execution = ended(drop)

    assert execution["Status"] == "EXCEPTION"
    handled = execution["Results"]["OnExceptionSteps"]
    assert [step["StepType"] for step in handled] == ["CUSTOM", "COPY", "TAG", "DELETE"]
    assert not any("Error" in step for step in handled)
    assert relay.keys("refused/") == [f"refused/{USER}/people.csv"]
    assert tags_of(relay, f"refused/{USER}/people.csv") == {"sftp-intake": "refused"}
    assert drop not in relay.keys("drop/")
    assert not any("people" in key for key in relay.keys("segments/"))

    run = relay.run_of("sftp-intake", f"{USER}/people.csv")
    assert "people.csv has no column of user ids." in run.mail["body"]
    assert "example.com" not in run.mail["body"].replace("marketer@example.com", "")
    told = [event for event in relay.events(run.run_id) if event["detail-type"] == "Segment Refused"]
    assert [event["detail"]["data"]["failure"]["error"] for event in told] == ["DataError"]


def test_a_check_that_fails_itself_is_told_too(intake, ended):
    relay, drop = intake.relay, f"drop/{USER}/unlucky.csv"
    with relay.without("SftpIntakeServer/ReceiveSegmentFunctionRole", "s3:PutObject", "TellTheRun"):
        intake.upload("unlucky.csv", GOOD)
        execution = ended(drop)

    assert execution["Results"]["Steps"][-1]["Error"]["Type"] == "CUSTOM_STEP_FAILED"
    assert f"refused/{USER}/unlucky.csv" in relay.keys("refused/")
    run = relay.run_of("sftp-intake", f"{USER}/unlucky.csv")
    assert "The file could not be checked." in run.mail["body"]


def test_a_file_that_cannot_be_cleared_away_is_told_and_stays_taken(intake, ended):
    relay, drop = intake.relay, f"drop/{USER}/sticky.csv"
    with relay.without("SftpIntakeServer/WorkflowRole", "s3:DeleteObject", "TakeFromTheDrop"):
        intake.upload("sticky.csv", GOOD)
        execution = ended(drop)

    assert execution["Results"]["Steps"][-1]["Error"]["Type"] == "PERMISSION_DENIED"
    assert tags_of(relay, drop) == {"sftp-intake": "taken"}
    run_ids = wait_for(lambda: relay.run_ids("sftp-intake", f"{USER}/sticky.csv"), "the run")
    run = relay.run(run_ids[0])
    (result,) = run.stages["sftp-intake"]
    assert result["status"] == "partial"
    assert any("sticky" in key for key in relay.keys("segments/sftp/"))


def test_strangers_and_foreign_keys_do_not_get_in(intake):
    with pytest.raises(asyncssh.PermissionDenied):
        intake.upload("a.csv", GOOD, key=asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(asyncssh.PermissionDenied):
        intake.upload("a.csv", GOOD, user="somebody")


def test_without_permission_of_the_users_role_nothing_is_stored(intake):
    relay = intake.relay
    with (
        relay.without("SftpIntakeServer/UserRole", "s3:PutObject"),
        pytest.raises(asyncssh.SFTPPermissionDenied),
    ):
        intake.upload("denied.csv", GOOD)
    assert not any("denied" in key for key in relay.keys(""))
