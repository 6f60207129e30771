"""Projects, endpoints, exports, IAM resources and CloudFormation."""

import gzip
import json

import pytest

from local.pinpoint.cloudformation import handlers

ROLE = "arn:aws:iam::000000000000:role/export"


def update(pinpoint, app_id, endpoint_id, **request):
    return pinpoint.update_endpoint(ApplicationId=app_id, EndpointId=endpoint_id, EndpointRequest=request)


def get(pinpoint, app_id, endpoint_id):
    return pinpoint.get_endpoint(ApplicationId=app_id, EndpointId=endpoint_id)["EndpointResponse"]


def test_projects_can_be_created_listed_by_page_and_deleted(pinpoint, app_id):
    other = pinpoint.create_app(CreateApplicationRequest={"Name": "two", "tags": {"team": "crm"}})
    assert other["ApplicationResponse"]["tags"] == {"team": "crm"}
    first = pinpoint.get_apps(PageSize="1")["ApplicationsResponse"]
    second = pinpoint.get_apps(PageSize="1", Token=first["NextToken"])["ApplicationsResponse"]
    assert [a["Name"] for a in first["Item"] + second["Item"]] == ["personalize", "two"]
    assert "NextToken" not in second
    pinpoint.delete_app(ApplicationId=app_id)
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.get_app(ApplicationId=app_id)
    with pytest.raises(pinpoint.exceptions.BadRequestException):
        pinpoint.get_apps(PageSize="many")


def test_an_update_keeps_what_it_does_not_name(pinpoint, app_id):
    update(
        pinpoint,
        app_id,
        "e",
        Address="a@example.com",
        ChannelType="EMAIL",
        Attributes={"x": ["1"], "y": ["2"]},
    )
    update(pinpoint, app_id, "e", Attributes={"x": ["3"]}, OptOut="ALL", User={"UserId": "1"})

    endpoint = get(pinpoint, app_id, "e")
    assert endpoint["Address"] == "a@example.com"
    assert endpoint["Attributes"] == {"x": ["3"], "y": ["2"]}
    assert (endpoint["OptOut"], endpoint["User"]["UserId"]) == ("ALL", "1")
    with pytest.raises(pinpoint.exceptions.BadRequestException):
        update(pinpoint, app_id, "e", OptOut="SOME")


def test_an_address_taken_over_makes_the_other_endpoint_inactive(pinpoint, app_id):
    for endpoint_id in ("old", "new"):
        update(pinpoint, app_id, endpoint_id, Address="a@example.com", ChannelType="EMAIL")

    assert get(pinpoint, app_id, "old")["EndpointStatus"] == "INACTIVE"
    assert get(pinpoint, app_id, "new")["EndpointStatus"] == "ACTIVE"


def test_the_sixteenth_endpoint_of_a_user_is_refused_or_pushes_out_the_oldest_push_endpoint(pinpoint, app_id):
    for i in range(15):
        channel = "GCM" if i in (3, 7) else "EMAIL"
        update(
            pinpoint, app_id, f"e{i}", Address=f"a{i}@example.com", ChannelType=channel, User={"UserId": "u"}
        )
    with pytest.raises(pinpoint.exceptions.BadRequestException):
        update(pinpoint, app_id, "e15", Address="a15@example.com", ChannelType="EMAIL", User={"UserId": "u"})
    update(pinpoint, app_id, "e16", Address="token", ChannelType="APNS", User={"UserId": "u"})

    found = pinpoint.get_user_endpoints(ApplicationId=app_id, UserId="u")["EndpointsResponse"]["Item"]
    assert len(found) == 15
    assert "e3" not in {e["Id"] for e in found}
    assert get(pinpoint, app_id, "e3")["EndpointStatus"] == "INACTIVE"


def test_an_endpoint_that_changes_its_user_leaves_the_first_one(pinpoint, app_id):
    update(pinpoint, app_id, "e", Address="a@example.com", ChannelType="EMAIL", User={"UserId": "1"})
    update(pinpoint, app_id, "e", User={"UserId": "2"})

    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.get_user_endpoints(ApplicationId=app_id, UserId="1")
    deleted = pinpoint.delete_user_endpoints(ApplicationId=app_id, UserId="2")["EndpointsResponse"]["Item"]
    assert [e["Id"] for e in deleted] == ["e"]
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.delete_endpoint(ApplicationId=app_id, EndpointId="e")


def test_a_batch_is_limited_and_needs_ids(pinpoint, app_id):
    def batch(items):
        return pinpoint.update_endpoints_batch(ApplicationId=app_id, EndpointBatchRequest={"Item": items})

    one = {"Id": "e", "Address": "a@example.com", "ChannelType": "EMAIL"}
    assert batch([one])["MessageBody"]["Message"] == "Accepted"
    assert pinpoint.delete_endpoint(ApplicationId=app_id, EndpointId="e")["EndpointResponse"]["Id"] == "e"
    for items in ([one] * 101, [{"Address": "a@example.com", "ChannelType": "EMAIL"}]):
        with pytest.raises(pinpoint.exceptions.BadRequestException):
            batch(items)


def export(pinpoint, app_id, cloud, **wishes):
    wanted = {"RoleArn": ROLE, "S3UrlPrefix": "s3://lake/exports", **wishes}
    job = pinpoint.create_export_job(ApplicationId=app_id, ExportJobRequest=wanted)["ExportJobResponse"]
    assert (job["JobStatus"], job["Type"]) == ("CREATED", "EXPORT")
    job = pinpoint.get_export_job(ApplicationId=app_id, JobId=job["Id"])["ExportJobResponse"]
    keys = [k for b, k in cloud.s3.objects if b == "lake" and job["Id"] in k]
    assert all(k.startswith("exports/") and k.endswith(".gz") for k in keys)
    lines = b"".join(gzip.decompress(cloud.s3.objects["lake", k]) for k in keys).decode().splitlines()
    return job, [json.loads(line) for line in lines]


def test_export_writes_definitions_that_can_be_imported_again(pinpoint, app_id, cloud, put, run_import):
    run_import(
        put("e.csv", "Address,ChannelType,User.UserId\na@example.com,EMAIL,1\nb@example.com,EMAIL,2\n")
    )
    segment_id = run_import(put("u.csv", "User.UserId\n2\n"))["Definition"]["SegmentId"]

    job, everyone = export(pinpoint, app_id, cloud)
    assert (job["JobStatus"], job["TotalProcessed"], job["TotalPieces"]) == ("COMPLETED", 2, 1)
    assert {"Id", "Address", "ChannelType", "EffectiveDate", "EndpointStatus", "OptOut", "User"} <= set(
        everyone[0]
    )
    _, some = export(pinpoint, app_id, cloud, SegmentId=segment_id)
    assert [e["Address"] for e in some] == ["b@example.com"]
    jobs = pinpoint.get_segment_export_jobs(ApplicationId=app_id, SegmentId=segment_id)["ExportJobsResponse"]
    assert len(jobs["Item"]) == 1
    text = "\n".join(json.dumps(e) for e in everyone)
    again = run_import(put("again.json", text), "JSON")
    assert (again["TotalProcessed"], again["TotalFailures"]) == (2, 0)


def test_export_of_an_unknown_segment_or_version_is_not_found(pinpoint, app_id, put, run_import):
    run_import(put("e.csv", "Address,ChannelType,User.UserId\na@example.com,EMAIL,1\n"))
    segment_id = run_import(put("u.csv", "User.UserId\n1\n"))["Definition"]["SegmentId"]
    for wish in ({"SegmentId": "none"}, {"SegmentId": segment_id, "SegmentVersion": 2}):
        with pytest.raises(pinpoint.exceptions.NotFoundException):
            pinpoint.create_export_job(
                ApplicationId=app_id, ExportJobRequest={"RoleArn": ROLE, "S3UrlPrefix": "s3://lake/x", **wish}
            )
    pinpoint.delete_segment(ApplicationId=app_id, SegmentId=segment_id)
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.get_segment(ApplicationId=app_id, SegmentId=segment_id)


def test_iam_is_asked_about_the_resource_of_the_service_authorization_reference(service):
    project = "arn:aws:mobiletargeting:eu-west-1:000000000000:apps/"
    request = {"ApplicationId": "a", "SegmentId": "s", "EndpointId": "e", "UserId": "u", "JobId": "j"}
    assert service.iam_resources("CreateApp", {}) == [project + "*"]
    assert service.iam_resources("CreateImportJob", request) == [project + "a"]
    assert service.iam_resources("GetImportJob", request) == [project + "a/jobs/import/j"]
    assert service.iam_resources("GetExportJob", request) == [project + "a/jobs/export/j"]
    assert service.iam_resources("GetSegment", request) == [project + "a/segments/s"]
    assert service.iam_resources("GetUserEndpoints", request) == [project + "a/users/u"]
    assert service.iam_resources("ListTemplates", {}) == ["*"]


def test_an_operation_it_does_not_have_says_so(pinpoint, app_id):
    with pytest.raises(pinpoint.exceptions.ClientError, match="not implemented here: pinpoint GetCampaigns"):
        pinpoint.get_campaigns(ApplicationId=app_id)


def test_stacks_create_replace_and_delete_projects(pinpoint, service):
    types = handlers(service)["AWS::Pinpoint::App"]
    first, attributes = types["create"]("App", {"Name": "personalize", "Tags": {"a": "b"}}, "stack")
    app = pinpoint.get_app(ApplicationId=first)["ApplicationResponse"]
    assert (app["Arn"], app["tags"]) == (attributes["Arn"], {"a": "b"})
    same, _ = types["update"](
        first, {"Name": "personalize"}, {"Name": "personalize", "Tags": '{"c": "d"}'}, "stack"
    )
    assert same == first
    assert pinpoint.get_app(ApplicationId=first)["ApplicationResponse"]["tags"] == {"c": "d"}
    renamed, _ = types["update"](first, {"Name": "personalize"}, {"Name": "new"}, "stack")
    assert renamed != first
    assert [a["Name"] for a in pinpoint.get_apps()["ApplicationsResponse"]["Item"]] == ["new"]
    types["delete"](renamed, {})
    types["delete"](renamed, {})
    assert pinpoint.get_apps()["ApplicationsResponse"]["Item"] == []
