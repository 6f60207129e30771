"""From a finished batch segment job to import files: none lost, errors per query, one bulk join."""

import json

import pytest

from .conftest import JOB, RUN, TIME

ACTION, COMEDY = 'ITEMS.genres = "Action"', 'ITEMS.genres = "Comedy"'
PROFILES_ONLY = {"ENGAGEMENT_TARGET": "CustomerProfiles", "resolve": "false"}
FILE = "_20261121-101500.csv"


def event(**detail):
    return {
        "source": "solutions.aws.personalize", "time": TIME, "id": "7",
        "detail-type": "Personalize Batch Segment Job State Change",
        "detail": {"Arn": JOB, "Status": "ACTIVE", **detail},
    }  # fmt: skip


def line(query, users, error=None):
    output = None if error else {"usersList": users}
    return json.dumps({"input": {"itemAttributes": query}, "output": output, "error": error})


def endpoint(world, name, user, **more):
    found = {"ChannelType": "EMAIL", "Address": f"{name}@example.com", "User": {"UserId": user}, **more}
    world.pinpoint.update_endpoint(ApplicationId=world.app, EndpointId=name, EndpointRequest=found)


def output(world, *lines, key="batch/g/s/job/job_config.json.out"):
    world.put("training", key, "\n".join(lines))


def segments(world):
    return {row["query"]: row for row in world.result("segment-postprocessing").data["segments"]}


def test_s1_every_query_brings_its_segment_in_both_output_shapes(run, world):
    documented = json.dumps({"itemAttributes": COMEDY, "output": {"recommendedUsers": ["3"]}})
    output(world, line(ACTION, ["1", "2"]), documented)
    status, states, _ = run("postprocess-segments", event(RunId=RUN), "", **PROFILES_ONLY)
    assert status == "SUCCEEDED"
    assert "Export the endpoints" not in states
    assert {q: (r["name"], r["users"]) for q, r in segments(world).items()} == {
        ACTION: ("ITEMSgenresAction", 2),
        COMEDY: ("ITEMSgenresComedy", 1),
    }
    assert world.get(segments(world)[ACTION]["file"]) == "User.UserId\n1\n2\n"
    assert world.keys("imports") == [
        f"customer-profiles/ITEMSgenresAction{FILE}",
        f"customer-profiles/ITEMSgenresComedy{FILE}",
    ]
    head = world.s3.head_object(Bucket="imports", Key=f"customer-profiles/ITEMSgenresAction{FILE}")
    assert head["Metadata"] == {
        "run-id": RUN, "segment-name": "ITEMSgenresAction", "source": "personalize",
        "query": "ITEMS.genres%20%3D%20%22Action%22", "target": "customer-profiles",
    }  # fmt: skip
    result = world.result("segment-postprocessing")
    assert result.status == "succeeded"
    imports = [["customer-profiles-import", key] for key in world.keys("imports")]
    files = [segments(world)[query]["file"].removeprefix("s3://audience/") for query in (ACTION, COMEDY)]
    assert result.expects == imports + [["audience-preparation", file] for file in files]
    assert [e["data"]["name"] for e in world.events("Segment Created")] == [
        "ITEMSgenresAction", "ITEMSgenresComedy",
    ]  # fmt: skip
    assert not world.events("Run Started"), "the run is the training's"


def test_s2_a_failed_query_is_reported_and_the_others_go_on(run, world):
    output(
        world,
        line(ACTION, ["1"]),
        line(COMEDY, [], "Attribute not found"),
        "{broken",
        line('ITEMS.x = "y"', ["2"]),
    )
    status, _, _ = run("postprocess-segments", event(RunId=RUN), "", **PROFILES_ONLY)
    result = world.result("segment-postprocessing")
    assert (status, result.status) == ("SUCCEEDED", "partial")
    assert len(result.data["segments"]) == 2
    assert result.data["failed_queries"][0] == {"query": COMEDY, "reason": "Attribute not found"}
    assert result.data["failed_queries"][1]["query"] == "line 3 of job_config.json.out"
    assert COMEDY in result.failure["why"]


def test_s3_s4_s10_all_usable_endpoints_count_and_unreachable_users_are_counted(run, world):
    endpoint(world, "one-mail", "1")
    endpoint(world, "one-phone", "1", ChannelType="SMS", Address="+12025550101")
    endpoint(world, "two-out", "2", OptOut="ALL")
    endpoint(world, "three-off", "3", EndpointStatus="INACTIVE")
    endpoint(world, "five-mail", "5")
    output(world, line(ACTION, ["1", "2", "3", "4"]), line(COMEDY, ["4"]))
    status, states, history = run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="Pinpoint")
    assert status == "SUCCEEDED"
    assert states.count("Export the endpoints") == 1, "one export for all segments and users"
    assert world.keys("imports") == [f"pinpoint/ITEMSgenresAction{FILE}"]
    text = world.get(f"s3://imports/pinpoint/ITEMSgenresAction{FILE}")
    assert text.splitlines()[0] == "Id"
    assert sorted(text.splitlines()[1:]) == ["one-mail", "one-phone"]
    rows = segments(world)
    assert (rows[ACTION]["users"], rows[ACTION]["users_without_endpoint"]) == (4, 3)
    assert "none of its users has a usable endpoint" in rows[COMEDY]["note"]
    assert not world.keys("audience", "work/pinpoint-exports/"), "addresses are not kept"
    assert "example.com" not in history


def test_channels_can_be_chosen(run, world):
    endpoint(world, "mail", "1")
    endpoint(world, "phone", "1", ChannelType="SMS", Address="+12025550101")
    output(world, line(ACTION, ["1"]))
    run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="Pinpoint", PINPOINT_CHANNELS="SMS, GCM")
    assert world.get(f"s3://imports/pinpoint/ITEMSgenresAction{FILE}") == "Id\nphone\n"


def test_s5_only_uris_and_counts_go_through_the_workflow(run, world):
    users = [f"user-{n:036}" for n in range(8_000)]
    endpoint(world, "one", users[0])
    output(world, line(ACTION, users))
    _, _, history = run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="Both")
    assert segments(world)[ACTION]["users"] == 8_000
    assert "user-0" not in history
    assert len(history) < 30_000


def test_s6_equal_looking_queries_and_jobs_in_one_second_get_their_own_names(run, world):
    output(
        world,
        line('ITEMS.year = "2010"', ["1"]),
        line('ITEMS.year = "2011"', ["2"]),
        line('ITEMS.year = "20.10"', ["3"]),
    )
    run("postprocess-segments", event(RunId=RUN), "", **PROFILES_ONLY)
    first = world.keys("imports")
    assert len(first) == 3
    assert f"customer-profiles/ITEMSyear2010{FILE}" in first
    other = event(RunId=RUN, Arn=f"{JOB}-other")
    run("postprocess-segments", other, "", **PROFILES_ONLY)
    assert len(world.keys("imports")) == 6
    assert "customer-profiles/ITEMSyear2010_20261121-101501.csv" in world.keys("imports")
    run("postprocess-segments", other, "", **PROFILES_ONLY)
    assert len(world.keys("imports")) == 6, "a repeat finds its own names again"


def test_s7_any_input_name_and_several_files_are_read(run, world):
    output(world, line(ACTION, ["1"]), key="batch/g/s/job/queries-1.json.out")
    output(world, line(COMEDY, ["2"]), key="batch/g/s/job/queries-2.json.out")
    output(world, "x", key="batch/g/s/job/_CHECK")
    run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="None", resolve="false")
    assert set(segments(world)) == {ACTION, COMEDY}
    assert world.keys("imports") == []


def test_a_job_of_nobodys_run_starts_its_own(run, world):
    output(world, line(ACTION, ["1"]))
    run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="None", resolve="false")
    ((run_id, _, _),) = world.results()
    assert run_id.startswith("20261121-101500-")
    assert world.events("Run Started")[0]["metadata"]["run_id"] == run_id


def test_when_pinpoint_is_gone_the_other_service_still_gets_its_files(run, world):
    output(world, line(ACTION, ["1"]))
    world.pinpoint.delete_app(ApplicationId=world.app)
    status, _, _ = run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="Both")
    result = world.result("segment-postprocessing")
    assert (status, result.status) == ("SUCCEEDED", "partial")
    assert result.failure["error"] == "Pinpoint.NotFoundException"
    assert world.keys("imports") == [f"customer-profiles/ITEMSgenresAction{FILE}"]


@pytest.mark.parametrize("text", [[], [""]])
def test_an_empty_output_fails_and_says_so(run, world, text):
    output(world, *text, key="batch/g/s/job/" + ("a.out" if text else "_CHECK"))
    status, states, _ = run("postprocess-segments", event(RunId=RUN), "")
    assert (status, states[-1]) == ("FAILED", "Segments could not be created")
    result = world.result("segment-postprocessing")
    assert (result.status, result.failure["error"]) == ("failed", "DataError")
    assert len(world.events("Segment Creation Failed")) == 1


def test_a_job_that_is_gone_is_recorded_as_failed_in_its_run(run, world):
    world.output = None
    status, _, _ = run("postprocess-segments", event(RunId=RUN), "")
    assert status == "FAILED"
    ((run_id, _, name),) = world.results()
    assert (run_id, name) == (RUN, "affinity-1")


def test_only_failed_queries_fail_the_execution(run, world):
    output(world, line(ACTION, [], "no such column"))
    status, states, _ = run("postprocess-segments", event(RunId=RUN), "", resolve="false")
    assert (status, states[-1]) == ("FAILED", "Segments could not be created")
    assert world.result("segment-postprocessing").status == "failed"


def test_a_busy_moment_is_tried_again_and_writes_nothing_twice(run, world):
    world.s3.put_bucket_versioning(Bucket="imports", VersioningConfiguration={"Status": "Enabled"})
    output(world, line(ACTION, ["1"]))
    world.broken["write_imports"] = 2
    for _ in range(2):
        assert run("postprocess-segments", event(RunId=RUN), "", resolve="false")[0] == "SUCCEEDED"
    versions = world.s3.list_object_versions(Bucket="imports")["Versions"]
    assert len(versions) == len(world.keys("imports")), "a second version would be a second import"
