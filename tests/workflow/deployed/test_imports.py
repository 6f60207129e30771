"""Imports in the deployed stack: files become segments and profiles, and nothing is lost."""

import json

import pytest

from . import films
from .relay import wait_for

START = {
    "pinpoint-import": ("PinpointImport/StartFunction", "PinpointImport/ImportPinpoint"),
    "customer-profiles-import": (
        "CustomerProfilesImport/StartFunction",
        "CustomerProfilesImport/ImportCustomerProfiles",
    ),
}


def profiles_of(relay, user):
    found = relay.client("customer-profiles").search_profiles(
        DomainName=relay.outputs["CustomerProfilesDomainName"], KeyName="_account", Values=[user]
    )
    return found["Items"]


def pinpoint_segments(relay, name):
    found = relay.client("pinpoint").get_segments(ApplicationId=relay.pinpoint_app, PageSize="1000")
    return [segment for segment in found["SegmentsResponse"]["Item"] if segment["Name"] == name]


def result(run, stage):
    (found,) = run.stages[stage]
    return found


def test_endpoints_become_a_segment_and_profiles_and_one_mail(relay, known_viewers):
    assert known_viewers.report["status"] == "succeeded"
    assert known_viewers.mail["subject"].startswith("Audience Relay: ")
    assert len(relay.mails_of(known_viewers.run_id)) == 1
    sizes = {item["service"]: item["size"] for item in known_viewers.report["imports"]}
    assert sizes == {"pinpoint": films.USERS, "customer-profiles": films.USERS}
    (segment,) = pinpoint_segments(relay, "viewers.csv")
    assert segment["ImportDefinition"]["Size"] == films.USERS
    (reachable,) = profiles_of(relay, films.viewer("films", 1))
    assert reachable["EmailAddress"] == "films-1@example.com"
    (opted_out,) = profiles_of(relay, films.viewer("films", 10))
    assert "EmailAddress" not in opted_out
    assert len([e for e in relay.events(known_viewers.run_id) if e["detail-type"] == "Segment Imported"]) == 2


BAD_ROWS = (
    "User.UserId,ChannelType,Address\n"
    "rows-1,EMAIL,rows-1@example.com\n"
    "rows-2,EMAIL,\n"
    "rows-3,PIGEON,rows-3@example.com\n"
    "rows-4,SMS,5550100555010055\n"  # one digit more than a phone number can have
    "rows-5,EMAIL,rows-5@example.com\n"
    'rows-6,EMAIL,"rows-6\n@example.com"\n'
)


def test_bad_rows_cost_themselves_only_and_the_mail_names_them_by_line(relay):
    key = "pinpoint/rows.csv"
    relay.put("SegmentImportBucket", key, BAD_ROWS)
    run = relay.run_of("pinpoint-import", key)
    assert run.report["status"] == "partial"
    pinpoint = result(run, "pinpoint-import")
    assert pinpoint["status"] == "partial", "COMPLETED with TotalFailures is no success"
    assert (pinpoint["data"]["processed"], pinpoint["data"]["failed"]) == (6, 3)
    profiles = result(run, "customer-profiles-import")
    assert profiles["status"] == "partial"
    assert "2 created, 1 failed, 3 rows rejected before" in profiles["data"]["status_text"]
    jobs = relay.client("customer-profiles").list_upload_jobs(
        DomainName=relay.outputs["CustomerProfilesDomainName"]
    )["Items"]
    assert "PARTIALLY_SUCCEEDED" in [job["Status"] for job in jobs]
    for user, count in (("rows-1", 1), ("rows-2", 0), ("rows-3", 0), ("rows-4", 0), ("rows-5", 1)):
        assert len(profiles_of(relay, user)) == count
    assert "finished with 2 problems" in run.mail["subject"]
    assert "line 3" in run.mail["body"]
    assert "Pinpoint left out 3 of 6 rows." in run.mail["body"]
    assert "@example.com" not in run.mail["body"] + json.dumps(run.report)
    assert "5550100" not in run.mail["body"] + json.dumps(run.report)


def test_a_file_that_is_no_csv_fails_for_both_services_in_one_mail(not_csv):
    assert not_csv.report["status"] == "failed"
    for stage in START:
        assert result(not_csv, stage)["status"] == "failed"
        assert result(not_csv, stage)["failure"]["error"] == "DataError"
        assert "picture.csv" in result(not_csv, stage)["failure"]["what"]
    assert not_csv.mail["subject"].startswith("Audience Relay: failed - ")
    failure = result(not_csv, stage)["failure"]
    assert not_csv.mail["body"].count(failure["what"]) == 2
    assert failure["fix"].split(":")[0] in not_csv.mail["body"]


def test_a_file_for_one_service_is_skipped_by_the_other(relay, known_viewers):
    endpoints = relay.client("pinpoint").get_user_endpoints(
        ApplicationId=relay.pinpoint_app, UserId=films.viewer("films", 3)
    )["EndpointsResponse"]["Item"]
    key = "pinpoint/ids.csv"
    relay.put("SegmentImportBucket", key, f"Id\n{endpoints[0]['Id']}\n")
    run = relay.run_of("pinpoint-import", key)
    assert run.report["status"] == "succeeded"
    assert result(run, "customer-profiles-import")["status"] == "skipped"
    assert result(run, "pinpoint-import")["data"]["size"] == 1


@pytest.mark.parametrize(
    "name", ["summer sale + more.csv", "größe 100%25.csv", "日本 & co.csv", "a=b;c'd(e)!.csv"]
)
def test_names_with_spaces_plus_signs_and_unicode_are_imported(relay, name):
    key = f"pinpoint/{name}"
    relay.put("SegmentImportBucket", key, "\ufeff" + films.endpoints("named", users=1).replace("\n", "\r\n"))
    run = relay.run_of("pinpoint-import", key)
    assert run.report["status"] == "succeeded", run.report["failures"]
    assert len(pinpoint_segments(relay, name)) == 1
    assert len(profiles_of(relay, "named-0")) == 1


def test_an_event_delivered_again_is_one_import(relay):
    key = "pinpoint/again.csv"
    event = relay.put("SegmentImportBucket", key, films.endpoints("again", users=2))
    for function, _ in START.values():
        for _ in range(2):
            answer = relay.client("lambda").invoke(
                FunctionName=relay.physical(function), Payload=json.dumps(event).encode()
            )
            assert "FunctionError" not in answer
    run = relay.run_of("pinpoint-import", key)
    for function, workflow in START.values():
        answer = relay.client("lambda").invoke(
            FunctionName=relay.physical(function), Payload=json.dumps(event).encode()
        )
        started = json.loads(answer["Payload"].read())
        assert started["started"] == "before"
        assert [e["name"] for e in relay.executions(workflow)].count(started["execution_key"]) == 1
    assert len(pinpoint_segments(relay, "again.csv")) == 1
    assert relay.run_ids("pinpoint-import", key) == [run.run_id]
    assert len(relay.mails_of(run.run_id)) == 1


def test_a_new_version_of_a_file_is_imported_again(relay):
    key = "customer-profiles/version.csv"
    for users in ("version-1\n", "version-1\nversion-2\n"):
        before = relay.run_ids("customer-profiles-import", key)
        relay.put("SegmentImportBucket", key, f"User.UserId\n{users}")
        wait_for(lambda: len(relay.run_ids("customer-profiles-import", key)) > len(before), "the next run")  # noqa: B023  # used up before the next turn
        runs = [relay.run(run_id) for run_id in relay.run_ids("customer-profiles-import", key)]
    sizes = sorted(run.report["segments"][0]["targets"][0]["size"] for run in runs)
    assert sizes == [1, 2]
    assert len({run.report["segments"][0]["targets"][0]["segment_id"] for run in runs}) == 1


def test_many_files_in_one_second_are_as_many_imports(relay):
    keys = [f"customer-profiles/burst-{number}.csv" for number in range(4)]
    for number, key in enumerate(keys):
        relay.put("SegmentImportBucket", key, f"User.UserId\nburst-{number}\n")
    runs = [relay.run_of("customer-profiles-import", key) for key in keys]
    assert [run.report["status"] for run in runs] == ["succeeded"] * len(keys)
    assert len({run.run_id for run in runs}) == len(keys)
    for number in range(len(keys)):
        assert len(profiles_of(relay, f"burst-{number}")) == 1
