"""A file in the import bucket becomes endpoints and a segment in Pinpoint; every way to fail is said."""

import json

import pytest
from audiences.runs import is_complete

STAGE = "pinpoint-import"
ENDPOINTS = (
    "User.UserId,ChannelType,Address,User.UserAttributes.Age\n"
    "1,EMAIL,one@example.com,21\n"
    "2,EMAIL,two@example.com,35\n"
)


def import_file(run, world, key, text, engagement="Pinpoint", metadata=None, **settings):
    event = world.put("imports", key, text, **(metadata or {}))
    return run("import-pinpoint", event, STAGE, ENGAGEMENT_TARGET=engagement, **settings)


def segments(world):
    return world.pinpoint.get_segments(ApplicationId=world.app)["SegmentsResponse"]["Item"]


def test_an_endpoints_file_registers_endpoints_and_makes_a_segment_of_its_name(run, world):
    status, _, history = import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    assert status == "SUCCEEDED"
    result = world.result(STAGE)
    assert (result.name, result.status) == ("pinpoint/endpoints.csv", "succeeded")
    (segment,) = segments(world)
    assert result.data == {
        "file": "s3://imports/pinpoint/endpoints.csv", "segment_name": "endpoints.csv",
        "segment_id": segment["Id"], "size": 2, "processed": 2, "failed": 0, "failures": [],
        "kind": "endpoints", "run_segment": None, "status_text": "2 of 2 rows are in the segment.",
    }  # fmt: skip
    assert segment["Name"] == "endpoints.csv"
    ((run_id, _, _),) = world.results()
    assert run_id.startswith("import-20261121-101500-")
    assert world.events("Run Started")[0]["data"] == {"title": "Import of endpoints.csv"}
    assert world.events("Segment Imported")[0]["data"]["status"] == "succeeded"
    assert "example.com" not in history


def test_a_segment_of_a_run_is_recorded_in_that_run(run, world):
    import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    found = world.pinpoint.get_user_endpoints(ApplicationId=world.app, UserId="1")["EndpointsResponse"][
        "Item"
    ]
    about = {"run_id": "r1", "segment_name": "ITEMSx", "target": "pinpoint"}
    import_file(run, world, "pinpoint/ITEMSx_20261121-101500.csv", f"Id\n{found[0]['Id']}\n", metadata=about)
    result = world.results()["r1", STAGE, "pinpoint/ITEMSx_20261121-101500.csv"]
    assert (result.data["size"], result.data["run_segment"], result.data["kind"]) == (1, "ITEMSx", "segment")
    assert len(world.events("Run Started")) == 1, "only the endpoints file had a run of its own"


def test_user_ids_are_imported_without_any_lookup(run, world):
    import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    import_file(run, world, "pinpoint/users.csv", "User.UserId\n1\n2\n", metadata={"run_id": "r1"})
    assert world.results()["r1", STAGE, "pinpoint/users.csv"].data["size"] == 2


def test_total_failures_are_a_partial_failure_with_reasons_and_without_addresses(run, world):
    text = "Id\nunknown-endpoint-of-somebody\n"
    import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    found = world.pinpoint.get_user_endpoints(ApplicationId=world.app, UserId="1")["EndpointsResponse"][
        "Item"
    ]
    status, _, _ = import_file(
        run, world, "pinpoint/ids.csv", f"{text}{found[0]['Id']}\n", metadata={"run_id": "r1"}
    )
    result = world.results()["r1", STAGE, "pinpoint/ids.csv"]
    assert (status, result.status) == ("SUCCEEDED", "partial")
    assert (result.data["size"], result.data["processed"], result.data["failed"]) == (1, 2, 1)
    assert result.data["failures"]
    assert result.failure["what"] == "Pinpoint left out 1 of 2 rows."
    assert "somebody" not in json.dumps(result.as_json())


def test_two_files_in_one_second_are_two_imports(run, world):
    for key in ("pinpoint/a.csv", "pinpoint/b.csv"):
        assert import_file(run, world, key, ENDPOINTS)[0] == "SUCCEEDED"
    assert {s["Name"] for s in segments(world)} == {"a.csv", "b.csv"}
    assert len(world.results()) == 2


@pytest.mark.parametrize("key", ["pinpoint/a b+c.csv", "pinpoint/größe 100%25.csv"])
def test_keys_are_taken_as_they_are(run, world, key):
    assert import_file(run, world, key, ENDPOINTS)[0] == "SUCCEEDED"
    assert world.result(STAGE).name == key


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(run, world):
    text = "\ufeff" + ENDPOINTS.replace("\n", "\r\n")
    status, _, _ = import_file(run, world, "pinpoint/excel.csv", text)
    assert status == "SUCCEEDED"
    assert world.result(STAGE).data["size"] == 2
    assert segments(world)[0]["Name"] == "excel.csv"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("pinpoint/picture.csv", b"\x89PNG\x00\x00"),
        ("pinpoint/packed.csv.gz", b"\x1f\x8b"),
        ("pinpoint/empty.csv", b""),
        ("pinpoint/header.csv", b"User.UserId\n"),
        ("pinpoint/utf16.csv", "User.UserId\n1\n".encode("utf-16")),
        ("pinpoint/noheader.csv", b"one@example.com,EMAIL\ntwo@example.com,EMAIL\n"),
    ],
)
def test_what_cannot_be_imported_fails_before_anything_is_sent(run, world, key, text):
    status, states, history = import_file(run, world, key, text)
    assert (status, states) == ("FAILED", ["Inspect the file", "Report the failure", "The import failed"])
    result = world.result(STAGE)
    assert (result.status, result.failure["error"]) == ("failed", "DataError")
    assert len(world.results()) == 1, "the failure is in the run that was begun"
    assert len(world.events("Segment Import Failed")) == 1
    assert "one@example.com" not in json.dumps(result.as_json()) + history


def test_when_pinpoint_refuses_the_import_the_run_says_so(run, world):
    world.pinpoint.delete_app(ApplicationId=world.app)
    status, _, _ = import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS, metadata={"run_id": "r1"})
    assert status == "FAILED"
    assert (
        world.results()["r1", STAGE, "pinpoint/endpoints.csv"].failure["error"]
        == "Pinpoint.NotFoundException"
    )


def test_a_refresh_keeps_one_segment_under_its_stable_name(run, world):
    import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    for number, users in enumerate(("1\n", "1\n2\n")):
        import_file(
            run, world, f"pinpoint/ITEMSx_{number}.csv", f"User.UserId\n{users}",
            metadata={"run_id": f"r{number}", "segment_name": "ITEMSx"}, PINPOINT_REFRESH_SEGMENTS="true",
        )  # fmt: skip
    ids = {r.data["segment_id"] for r in world.results().values() if r.data["segment_name"] == "ITEMSx"}
    assert len(ids) == 1
    assert {s["Name"] for s in segments(world)} == {"endpoints.csv", "ITEMSx"}


def test_with_both_services_one_report_waits_for_both_imports(run, world):
    event = world.put("imports", "pinpoint/endpoints.csv", ENDPOINTS)
    run("import-pinpoint", event, STAGE, ENGAGEMENT_TARGET="Both")
    assert not is_complete(list(world.results().values()))
    run("import-customer-profiles", event, "customer-profiles-import", ENGAGEMENT_TARGET="Both")
    assert len({run_id for run_id, _, _ in world.results()}) == 1
    assert is_complete(list(world.results().values()))


def test_with_both_services_a_failed_import_still_waits_for_the_other(run, world):
    event = world.put("imports", "pinpoint/endpoints.csv", ENDPOINTS)
    world.pinpoint.delete_app(ApplicationId=world.app)
    run("import-pinpoint", event, STAGE, ENGAGEMENT_TARGET="Both")
    assert not is_complete(list(world.results().values()))


@pytest.mark.parametrize("key", ["pinpoint/", "pinpoint/sub/"])
def test_folder_markers_are_left_alone(run, world, key):
    status, states, _ = import_file(run, world, key, "")
    assert (status, states[-1]) == ("SUCCEEDED", "Nothing to do")
    assert not world.results()


def test_an_import_that_never_ends_is_given_up_with_few_events(run, world, monkeypatch):
    monkeypatch.setattr(world.cloud, "run", lambda *_args, **_names: None)
    status, states, history = import_file(run, world, "pinpoint/endpoints.csv", ENDPOINTS)
    assert (status, states[-2:]) == ("FAILED", ["Report the failure", "The import failed"])
    assert states.count("Check the import") == 240
    assert len(json.loads(history)) < 5_000, "Step Functions allows 25,000 events"
    assert "did not finish in time" in world.result(STAGE).data["status_text"]
