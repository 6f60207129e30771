"""Import jobs: what AWS's file rules accept and refuse, and what becomes of it."""

import json

import pytest
from botocore.exceptions import ClientError

ENDPOINTS = (
    "User.UserId,ChannelType,User.UserAttributes.Gender,Address,User.UserAttributes.Age\n"
    "1,EMAIL,F,ada@example.com,36\n"
    "2,SMS,M,+12065550100,41\n"
    "2,EMAIL,M,bob@example.org,41\n"
)


def test_endpoints_file_registers_endpoints_and_defines_a_segment(pinpoint, app_id, put, run_import, service):
    job = run_import(put("pinpoint/endpoints.csv", ENDPOINTS), SegmentName="endpoints")

    assert (job["JobStatus"], job["Type"], job["TotalProcessed"], job["TotalFailures"]) == (
        "COMPLETED",
        "IMPORT",
        3,
        0,
    )
    assert (job["TotalPieces"], job["CompletedPieces"], job["FailedPieces"]) == (1, 1, 0)
    assert job["CompletionDate"].endswith("Z")
    assert service.cloud.assumed == [
        ("s3", "arn:aws:iam::000000000000:role/import", "pinpoint.amazonaws.com")
    ]
    assert service.cloud.waited == 12.0
    segment = pinpoint.get_segment(ApplicationId=app_id, SegmentId=job["Definition"]["SegmentId"])[
        "SegmentResponse"
    ]
    assert segment["Name"] == "endpoints"
    assert segment["SegmentType"] == "IMPORT"
    assert segment["ImportDefinition"]["Size"] == 3
    assert segment["ImportDefinition"]["ChannelCounts"] == {"EMAIL": 2, "SMS": 1}
    assert segment["Arn"].endswith(f"apps/{app_id}/segments/{segment['Id']}")
    bob = pinpoint.get_user_endpoints(ApplicationId=app_id, UserId="2")["EndpointsResponse"]["Item"]
    assert [e["ChannelType"] for e in bob] == ["SMS", "EMAIL"]
    assert bob[0]["User"] == {"UserId": "2", "UserAttributes": {"Gender": ["M"], "Age": ["41"]}}
    assert (bob[0]["OptOut"], bob[0]["EndpointStatus"]) == ("NONE", "ACTIVE")
    assert len(service.segment_members(segment["Id"])) == 3


def test_importing_a_file_again_updates_its_endpoints_and_makes_another_segment(
    pinpoint, app_id, put, run_import
):
    url = put("pinpoint/endpoints.csv", ENDPOINTS)
    first, second = run_import(url), run_import(url)

    assert first["Definition"]["SegmentId"] != second["Definition"]["SegmentId"]
    assert len(pinpoint.get_segments(ApplicationId=app_id)["SegmentsResponse"]["Item"]) == 2
    bob = pinpoint.get_user_endpoints(ApplicationId=app_id, UserId="2")["EndpointsResponse"]["Item"]
    assert len(bob) == 2


def test_segment_id_makes_the_next_version_with_the_new_members_only(
    pinpoint, app_id, put, run_import, service
):
    run_import(put("all.csv", ENDPOINTS))
    first = run_import(put("a.csv", "User.UserId\n1\n2\n"), SegmentName="action")
    segment_id = first["Definition"]["SegmentId"]
    run_import(put("b.csv", "User.UserId\n1\n"), SegmentId=segment_id)

    versions = pinpoint.get_segment_versions(ApplicationId=app_id, SegmentId=segment_id)["SegmentsResponse"][
        "Item"
    ]
    assert [(v["Version"], v["ImportDefinition"]["Size"], v["Name"]) for v in versions] == [
        (2, 1, "action"),
        (1, 2, "action"),
    ]
    assert [e["Address"] for e in service.segment_members(segment_id)] == ["ada@example.com"]
    old = pinpoint.get_segment_version(ApplicationId=app_id, SegmentId=segment_id, Version="1")
    assert old["SegmentResponse"]["Version"] == 1
    jobs = pinpoint.get_segment_import_jobs(ApplicationId=app_id, SegmentId=segment_id)
    assert len(jobs["ImportJobsResponse"]["Item"]) == 2


def test_user_id_file_reaches_every_endpoint_of_each_user_also_later_ones(
    pinpoint, app_id, put, run_import, service
):
    run_import(put("all.csv", ENDPOINTS))
    job = run_import(put("users.csv", "User.UserId\n2\nnobody\n2\n"))

    assert (job["JobStatus"], job["TotalProcessed"], job["TotalFailures"]) == ("COMPLETED", 3, 1)
    assert job["Failures"] == ["users.csv line 3: no endpoint has this User.UserId."]
    segment_id = job["Definition"]["SegmentId"]
    assert [e["ChannelType"] for e in service.segment_members(segment_id)] == ["SMS", "EMAIL"]
    pinpoint.update_endpoint(
        ApplicationId=app_id,
        EndpointId="phone",
        EndpointRequest={"Address": "t0ken", "ChannelType": "GCM", "User": {"UserId": "2"}},
    )
    assert len(service.segment_members(segment_id)) == 3


def test_id_only_file_takes_existing_endpoints_and_refuses_unknown_ones(put, run_import, service):
    run_import(put("all.csv", ENDPOINTS))
    ids = next(iter(service.apps.values())).endpoints.by_id
    job = run_import(put("ids.csv", "Id\n" + "\n".join([*list(ids)[:2], "unknown"]) + "\n"))

    assert (job["TotalProcessed"], job["TotalFailures"]) == (3, 1)
    assert "line 4" in job["Failures"][0]
    assert [e["Id"] for e in service.segment_members(job["Definition"]["SegmentId"])] == list(ids)[:2]


def test_json_lines_name_endpoints_and_users(put, run_import, service):
    lines = [
        {"ChannelType": "EMAIL", "Address": "ada@example.com", "User": {"UserId": "1"}},
        {"User": {"UserId": "1"}},
        {"ChannelType": "PIGEON", "Address": "roof", "User": {"UserId": "3"}},
        {"ChannelType": "EMAIL", "Address": 7},
        ["not", "an", "object"],
        {"ChannelType": "EMAIL", "Address": "x@example.com", "OptOut": "MAYBE"},
        {"ChannelType": "EMAIL", "Address": "y@example.com", "Attributes": {"Note": ["v" * 101]}},
        {"Unknown": 1},
    ]
    job = run_import(put("e.json", "\n".join(map(json.dumps, lines)) + "\n{broken\n\n"), "JSON")

    assert (job["TotalProcessed"], job["TotalFailures"]) == (9, 7)
    assert "roof" not in str(job["Failures"])
    assert ", value" not in str(job["Failures"])
    assert len(service.segment_members(job["Definition"]["SegmentId"])) == 1


def test_repeated_headers_are_several_values_and_numbers_are_numbers(put, run_import, service):
    text = (
        "Address,ChannelType,Attributes.Interests,Attributes.Interests,Metrics.Visits,Location.Latitude\n"
        "a@example.com,EMAIL,Music,Travel,3,52.5\n"
        "b@example.com,EMAIL,,Travel,many,\n"
    )
    job = run_import(put("e.csv", text))

    assert job["Failures"] == ["e.csv line 3: Metrics.Visits is not a number."]
    (endpoint,) = service.segment_members(job["Definition"]["SegmentId"])
    assert endpoint["Attributes"] == {"Interests": ["Music", "Travel"]}
    assert (endpoint["Metrics"], endpoint["Location"]) == ({"Visits": 3.0}, {"Latitude": 52.5})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a@example.com,EMAIL", "has 2 values for 3 columns"),
        ('"a\nb@example.com",EMAIL,', "line break"),
        ("a@example.com,EMAIL,a\tb", "tab"),
        ("a@example.com,,", "needs Address and ChannelType"),
        ("a@example.com,EMAIL," + "v" * 101, "more than 100 characters"),
        ("a@example.com,PIGEON,", "ChannelType"),
    ],
)
def test_bad_rows_are_counted_and_the_good_ones_imported(put, run_import, row, said):
    job = run_import(put("e.csv", f"Address,ChannelType,Attributes.x\n{row}\nok@example.com,EMAIL,1\n"))

    assert (job["JobStatus"], job["TotalProcessed"], job["TotalFailures"]) == ("COMPLETED", 2, 1)
    assert said in job["Failures"][0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"Address,ChannelType\n\xff\xfe,EMAIL\n", "UTF-8"),
        (b"Address,Shoe.Size\nx,1\n", "Column 2 of the header"),
        (b"Address,Address\nx,y\n", "occurs twice"),
        (b"Attributes." + b"n" * 51 + b"\nx\n", "1 to 50"),
        (b"", "no header"),
        (b'Address,ChannelType\n"a"b,EMAIL\n', "not CSV"),
    ],
)
def test_an_unreadable_file_is_a_failed_piece_and_fails_the_job(service, put, run_import, body, said):
    put("in/good.csv", ENDPOINTS)
    put("in/bad.csv", body)
    job = run_import("s3://drop/in/")

    assert job["JobStatus"] == "FAILED"
    assert (job["TotalPieces"], job["CompletedPieces"], job["FailedPieces"]) == (2, 1, 1)
    assert said in job["Failures"][0]
    (app,) = service.apps.values()
    assert app.segments == {}


def test_a_prefix_takes_every_file_of_the_format_and_a_key_only_that_file(put, run_import):
    put("in/a.csv", ENDPOINTS)
    put("in/deep/b.csv", ENDPOINTS)
    put("in/c.json", "{}")
    put("in/a.csv.old", "x")

    assert run_import("s3://drop/in/a.csv")["TotalPieces"] == 1
    prefix = run_import("s3://drop/in/deep")
    assert (prefix["TotalPieces"], prefix["TotalProcessed"]) == (1, 3)


@pytest.mark.parametrize(
    ("role", "key", "said"),
    [
        ("untrusted", "in/e.csv", "does not trust pinpoint.amazonaws.com"),
        ("import", "secret/e.csv", "AccessDenied"),
        ("import", "nowhere/", "No CSV file"),
    ],
)
def test_a_job_that_cannot_read_says_why(put, run_import, role, key, said):
    put("in/e.csv", ENDPOINTS)
    put("secret/e.csv", ENDPOINTS)
    job = run_import(f"s3://drop/{key}", RoleArn=f"arn:aws:iam::000000000000:role/{role}")

    assert job["JobStatus"] == "FAILED"
    assert said in job["Failures"][0]
    assert job["TotalFailures"] == 0


def test_failures_keeps_the_first_hundred_texts(put, run_import):
    job = run_import(put("ids.csv", "Id\n" + "gone\n" * 150))

    assert (job["TotalFailures"], len(job["Failures"])) == (150, 100)


def test_without_register_or_define_nothing_is_kept(put, run_import, service):
    job = run_import(put("e.csv", ENDPOINTS), DefineSegment=False)

    assert (job["TotalProcessed"], job["TotalFailures"]) == (3, 0)
    (app,) = service.apps.values()
    assert (app.endpoints.by_id, app.segments) == ({}, {})


def test_a_request_the_model_or_the_service_refuses(pinpoint, app_id):
    for wrong in ({"Format": "XML"}, {"S3Url": "https://drop/x"}, {"RoleArn": "import"}):
        wanted = {"Format": "CSV", "RoleArn": "arn:aws:iam::0:role/r", "S3Url": "s3://drop/x", **wrong}
        with pytest.raises(ClientError) as error:
            pinpoint.create_import_job(ApplicationId=app_id, ImportJobRequest=wanted)
        assert error.value.response["Error"]["Code"] == "BadRequestException"
    wanted = {"Format": "CSV", "RoleArn": "arn:aws:iam::0:role/r", "S3Url": "s3://d/x", "SegmentId": "none"}
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.create_import_job(ApplicationId=app_id, ImportJobRequest=wanted)
