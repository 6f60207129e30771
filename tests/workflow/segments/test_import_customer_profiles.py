"""A file becomes profiles, or the members of one lasting segment, in Customer Profiles."""

import json

STAGE = "customer-profiles-import"
ENDPOINTS = (
    "User.UserId,ChannelType,Address,User.UserAttributes.Age,OptOut\n"
    "1,EMAIL,one@example.com,21,NONE\n"
    "1,SMS,+12025550101,21,NONE\n"
    "2,EMAIL,two@example.com,35,ALL\n"
    ",EMAIL,nobody@example.com,40,NONE\n"
)


def import_file(run, world, key, text, **metadata):
    event = world.put("imports", key, text, **metadata)
    return run("import-customer-profiles", event, STAGE, ENGAGEMENT_TARGET="CustomerProfiles")


def refresh(run, world, run_id, *users):
    text = "User.UserId\n" + "".join(f"{user}\n" for user in users)
    key = f"customer-profiles/ITEMSgenresAction_{run_id}.csv"
    import_file(
        run, world, key, text, run_id=run_id, segment_name="ITEMSgenresAction", target="customer-profiles"
    )
    return world.results()[run_id, STAGE, key]


def find(world, user):
    found = world.profiles.search_profiles(DomainName="audience-relay", KeyName="_account", Values=[user])
    return found["Items"]


def test_endpoints_in_pinpoints_format_become_one_profile_per_person(run, world):
    status, _, history = import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    assert status == "SUCCEEDED"
    result = world.result(STAGE)
    assert result.status == "partial", "a row without user cannot become a profile"
    assert (result.data["kind"], result.data["size"], result.data["failed"]) == ("endpoints", 2, 1)
    assert result.data["failures"] == ["line 5: it has no User.UserId, so it cannot be matched to a person"]
    (one,), (two,) = find(world, "1"), find(world, "2")
    assert (one["EmailAddress"], one["PhoneNumber"]) == ("one@example.com", "+12025550101")
    assert one["Attributes"] == {"Age": "21"}
    assert "EmailAddress" not in two, "who opted out is not carried over as reachable"
    assert "1 opted-out endpoints" in result.data["status_text"]
    assert "example.com" not in history + json.dumps(result.as_json())
    assert not [key for key in world.keys("audience", "work/") if "part-" in key], "addresses are not kept"


def test_a_segment_is_defined_once_and_refreshed_in_place(run, world):
    first = refresh(run, world, "r1", "1", "2", "3")
    assert (first.status, first.data["size"], first.data["segment_name"]) == (
        "succeeded",
        3,
        "ITEMSgenresAction",
    )
    second = refresh(run, world, "r2", "2", "4")
    assert second.data["segment_id"] == first.data["segment_id"]
    assert second.data["size"] == 2, "1 and 3 left, 4 joined"
    assert "2 users left the segment." in second.data["status_text"]
    assert find(world, "1")[0]["Attributes"] == {"aff_ITEMSgenresAction": "left"}
    assert find(world, "4")[0]["Attributes"] == {"aff_ITEMSgenresAction": "member"}
    third = refresh(run, world, "r3", "1", "2")
    assert third.data["size"] == 2, "who left may come back"
    definitions = world.profiles.list_segment_definitions(DomainName="audience-relay")["Items"]
    assert [d["SegmentDefinitionName"] for d in definitions] == ["ITEMSgenresAction"]
    assert sorted(world.get("s3://audience/ledger/customer-profiles/ITEMSgenresAction.csv").split()) == [
        "1",
        "2",
    ]


def test_endpoint_ids_are_skipped_with_a_note(run, world):
    status, states, _ = import_file(run, world, "pinpoint/ids.csv", "Id\nabc\n")
    assert (status, states[-1]) == ("SUCCEEDED", "Nothing to do")
    result = world.result(STAGE)
    assert result.status == "skipped"
    assert "endpoint ids" in result.data["status_text"]


def test_pinpoints_own_files_are_ignored_without_a_word(run, world):
    import_file(run, world, "pinpoint/ITEMSx_1.csv", "Id\nabc\n", run_id="r1", target="pinpoint")
    assert not world.results()


def test_a_missing_domain_is_a_setup_error_that_ends_the_run(run, world):
    world.profiles.delete_domain(DomainName="audience-relay")
    status, _, _ = import_file(run, world, "customer-profiles/a.csv", "User.UserId\n1\n", run_id="r1")
    result = world.results()["r1", STAGE, "customer-profiles/a.csv"]
    assert (status, result.status, result.failure["error"]) == ("FAILED", "failed", "SetupError")


def test_somebody_elses_definition_is_not_touched(run, world):
    groups = {"Groups": [], "Include": "ALL"}
    world.profiles.create_segment_definition(
        DomainName="audience-relay", SegmentDefinitionName="mine", DisplayName="mine", SegmentGroups=groups
    )
    status, _, _ = import_file(run, world, "customer-profiles/mine.csv", "User.UserId\n1\n", run_id="r1")
    assert status == "FAILED"
    assert "is not ours" in world.results()["r1", STAGE, "customer-profiles/mine.csv"].failure["what"]


def test_a_retried_upload_is_not_sent_twice(run, world):
    refresh(run, world, "r1", "1")
    (payload,) = [payload for name, payload, _ in world.payloads if name == "upload_profiles"]
    world.call("upload_profiles", payload)
    assert len(world.profiles.list_upload_jobs(DomainName="audience-relay")["Items"]) == 1
