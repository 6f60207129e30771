"""Segments: rules, estimates, membership and snapshots to S3."""

import csv
import io
import json

import pytest
from botocore.exceptions import ClientError

DOMAIN = "audiences"
ROLE = "arn:aws:iam::000000000000:role/snapshot"
PEOPLE = {
    "ada": {"FirstName": "Ada", "BirthDate": "1990-05-01", "Attributes": {"aff": "run1", "age": "36"}},
    "bob": {"FirstName": "Bob", "Address": {"City": "Paris"}, "Attributes": {"aff": "run1", "age": "9"}},
    "cy": {"FirstName": "Cy", "BirthDate": "2001-01-01", "Attributes": {"aff": "run2", "age": "old"}},
    "di": {"FirstName": "Di"},
}


@pytest.fixture
def people(profiles):
    return {
        name: profiles.create_profile(DomainName=DOMAIN, **person)["ProfileId"]
        for name, person in PEOPLE.items()
    }


@pytest.fixture
def define(profiles):
    def create(name, groups, **more):
        return profiles.create_segment_definition(
            DomainName=DOMAIN, SegmentDefinitionName=name, DisplayName=name, SegmentGroups=groups, **more
        )

    return create


def rule(kind, *values, attribute="aff"):
    return {"ProfileAttributes": {"Attributes": {attribute: {"DimensionType": kind, "Values": list(values)}}}}


def plain(name, kind, *values):
    return {"ProfileAttributes": {name: {"DimensionType": kind, "Values": list(values)}}}


def groups(*dimensions, **group):
    return {"Groups": [{"Dimensions": list(dimensions), **group}]}


def names(service, name):
    return [p["FirstName"].lower() for p in service.segment_members(DOMAIN, name)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (groups(rule("INCLUSIVE", "run1")), ["ada", "bob"]),
        (groups(rule("EXCLUSIVE", "run1")), ["cy", "di"]),
        (groups(rule("CONTAINS", "un2", "zz")), ["cy"]),
        (groups(rule("BEGINS_WITH", "ru")), ["ada", "bob", "cy"]),
        (groups(rule("ENDS_WITH", "2")), ["cy"]),
        (groups(rule("GREATER_THAN", "9", attribute="age")), ["ada"]),
        (groups(rule("GREATER_THAN_OR_EQUAL", "9", attribute="age")), ["ada", "bob"]),
        (groups(rule("LESS_THAN", "36", attribute="age")), ["bob"]),
        (groups(rule("EQUAL", "36.0", attribute="age")), ["ada"]),
        (groups(plain("BirthDate", "BEFORE", "2000-01-01")), ["ada"]),
        (groups(plain("BirthDate", "BETWEEN", "1990-05-01", "2001-01-01")), ["ada", "cy"]),
        (groups(plain("BirthDate", "NOT_BETWEEN", "1995-01-01", "2010-01-01")), ["ada", "bob", "di"]),
        (groups(plain("FirstName", "INCLUSIVE", "{{_profile.FirstName}}")), ["ada", "bob", "cy", "di"]),
        (
            groups(
                {
                    "ProfileAttributes": {
                        "Address": {"City": {"DimensionType": "INCLUSIVE", "Values": ["Paris"]}}
                    }
                }
            ),
            ["bob"],
        ),
        (
            groups(rule("INCLUSIVE", "run1"), plain("FirstName", "INCLUSIVE", "Cy"), Type="ANY"),
            ["ada", "bob", "cy"],
        ),
        (groups(rule("INCLUSIVE", "run1"), plain("FirstName", "INCLUSIVE", "Ada"), Type="ALL"), ["ada"]),
        (groups(rule("INCLUSIVE", "run1"), plain("FirstName", "INCLUSIVE", "Cy"), Type="NONE"), ["di"]),
    ],
)
def test_rules_take_the_profiles_they_say(people, define, service, rules, expected):
    define("s", rules)
    assert names(service, "s") == expected


@pytest.mark.parametrize(
    ("include", "expected"), [("ALL", ["bob"]), ("ANY", ["ada", "bob", "cy"]), ("NONE", ["di"])]
)
def test_groups_are_combined_as_include_says(people, define, service, include, expected):
    first, second = groups(rule("INCLUSIVE", "run1")), groups(plain("FirstName", "INCLUSIVE", "Bob", "Cy"))
    define("s", {"Groups": first["Groups"] + second["Groups"], "Include": include})
    assert names(service, "s") == expected


@pytest.mark.parametrize(
    ("source_type", "expected"), [("ALL", ["bob"]), ("ANY", ["ada", "bob", "cy"]), ("NONE", ["di"])]
)
def test_segments_can_build_on_segments(people, define, service, profiles, source_type, expected):
    define("run1", groups(rule("INCLUSIVE", "run1")))
    define("names", groups(plain("FirstName", "INCLUSIVE", "Bob", "Cy")))
    sources = [{"SegmentDefinitionName": "run1"}, {"SegmentDefinitionName": "names"}]
    define("both", {"Groups": [{"SourceSegments": sources, "SourceType": source_type}]})
    assert names(service, "both") == expected
    with pytest.raises(profiles.exceptions.BadRequestException, match="source of both"):
        profiles.delete_segment_definition(DomainName=DOMAIN, SegmentDefinitionName="run1")


def test_a_segment_follows_its_profiles(people, define, service, profiles):
    created = define("s", groups(rule("INCLUSIVE", "run2")))
    assert created["SegmentDefinitionArn"].endswith(":domains/audiences/segment-definitions/s")
    profiles.update_profile(DomainName=DOMAIN, ProfileId=people["di"], Attributes={"aff": "run2"})
    profiles.update_profile(DomainName=DOMAIN, ProfileId=people["cy"], Attributes={"aff": ""})

    asked = [people["di"], people["cy"], "0" * 32]
    found = profiles.get_segment_membership(DomainName=DOMAIN, SegmentDefinitionName="s", ProfileIds=asked)
    assert [(p["ProfileId"], p["QueryResult"]) for p in found["Profiles"]] == [
        (people["di"], "PRESENT"),
        (people["cy"], "ABSENT"),
    ]
    assert found["Profiles"][0]["Profile"]["Attributes"] == {"aff": "run2"}
    assert [(f["ProfileId"], f["Status"]) for f in found["Failures"]] == [("0" * 32, 404)]


@pytest.mark.parametrize(
    "rules",
    [
        groups(rule("BETWEEN", "2020-01-01")),
        groups(rule("BEFORE", "soon")),
        groups(rule("LESS_THAN", "ten")),
        groups(rule("SOUNDS_LIKE", "x")),
        {"Groups": [{"SourceSegments": [{"SegmentDefinitionName": "missing"}]}]},
    ],
)
def test_rules_that_cannot_work_are_refused(profiles, define, rules):
    with pytest.raises(profiles.exceptions.BadRequestException):
        define("s", rules)


def test_what_is_not_evaluated_here_says_so(profiles, define):
    calculated = {"CalculatedAttributes": {"visits": {"DimensionType": "EQUAL", "Values": ["1"]}}}
    with pytest.raises(ClientError, match="not implemented here: customer-profiles segments on Calculated"):
        define("s", groups(calculated))
    with pytest.raises(ClientError, match="not implemented here: customer-profiles SegmentSqlQuery"):
        profiles.create_segment_estimate(DomainName=DOMAIN, SegmentSqlQuery="SELECT 1")
    with pytest.raises(profiles.exceptions.BadRequestException):
        profiles.create_segment_estimate(DomainName=DOMAIN)
    with pytest.raises(ClientError, match="not implemented here: customer-profiles ListEventStreams"):
        profiles.list_event_streams(DomainName=DOMAIN)


def test_definitions_are_listed_by_page_unique_and_deletable(profiles, define):
    for name in ("a", "b"):
        define(name, groups(rule("INCLUSIVE", "x")), Tags={"team": "crm"})
    with pytest.raises(profiles.exceptions.BadRequestException, match="already exists"):
        define("a", groups(rule("INCLUSIVE", "x")))
    first = profiles.list_segment_definitions(DomainName=DOMAIN, MaxResults=1)
    second = profiles.list_segment_definitions(DomainName=DOMAIN, MaxResults=1, NextToken=first["NextToken"])
    assert [i["SegmentDefinitionName"] for i in first["Items"] + second["Items"]] == ["a", "b"]
    got = profiles.get_segment_definition(DomainName=DOMAIN, SegmentDefinitionName="a")
    assert (got["SegmentGroups"], got["SegmentType"]) == (groups(rule("INCLUSIVE", "x")), "CLASSIC")
    profiles.delete_segment_definition(DomainName=DOMAIN, SegmentDefinitionName="a")
    with pytest.raises(profiles.exceptions.ResourceNotFoundException):
        profiles.get_segment_definition(DomainName=DOMAIN, SegmentDefinitionName="a")


def test_an_estimate_runs_before_it_counts(people, profiles, cloud):
    cloud.paused = []
    made = profiles.create_segment_estimate(DomainName=DOMAIN, SegmentQuery=groups(rule("INCLUSIVE", "run1")))
    ask = {"DomainName": DOMAIN, "EstimateId": made["EstimateId"]}
    assert profiles.get_segment_estimate(**ask)["Status"] == "RUNNING"
    cloud.paused.pop()()
    found = profiles.get_segment_estimate(**ask)
    assert (found["Status"], found["Estimate"]) == ("SUCCEEDED", "2")


def snapshot(profiles, **wishes):
    wanted = {"DataFormat": "CSV", "RoleArn": ROLE, "DestinationUri": "s3://lake/segments", **wishes}
    made = profiles.create_segment_snapshot(DomainName=DOMAIN, SegmentDefinitionName="s", **wanted)
    return profiles.get_segment_snapshot(
        DomainName=DOMAIN, SegmentDefinitionName="s", SnapshotId=made["SnapshotId"]
    )


def test_a_snapshot_writes_the_members_as_the_role(people, profiles, define, cloud):
    order = {"Attributes": [{"Name": "FirstName", "Order": "DESC"}]}
    define("s", groups(rule("INCLUSIVE", "run1")), SegmentSort=order)
    done = snapshot(profiles, EncryptionKey="arn:aws:kms:eu-west-1:000000000000:key/k")
    assert done["Status"] == "COMPLETED"
    assert cloud.assumed == [("s3", ROLE, "profile.amazonaws.com")]
    ((uri, (body, encryption)),) = cloud.objects.items()
    assert uri == f"s3://lake/segments/s-{done['SnapshotId']}.csv"
    assert encryption["ServerSideEncryption"] == "aws:kms"
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert [r["ProfileId"] for r in rows] == [people["bob"], people["ada"]]
    assert (rows[0]["Address.City"], rows[0]["Attributes.age"], rows[1]["Address.City"]) == ("Paris", "9", "")

    cloud.objects.clear()
    assert snapshot(profiles, DataFormat="JSONL")["Status"] == "COMPLETED"
    ((uri, (body, _)),) = cloud.objects.items()
    assert uri.endswith(".jsonl")
    assert [json.loads(line)["FirstName"] for line in body.decode().splitlines()] == ["Bob", "Ada"]


def test_a_snapshot_that_cannot_be_written_fails_with_the_reason(people, profiles, define):
    define("s", groups(rule("INCLUSIVE", "run1")))
    denied = snapshot(profiles, RoleArn="arn:aws:iam::000000000000:role/untrusted")
    assert (denied["Status"], "does not trust" in denied["StatusMessage"]) == ("FAILED", True)
    forbidden = snapshot(profiles, DestinationUri="s3://forbidden/x")
    assert (forbidden["Status"], "AccessDenied" in forbidden["StatusMessage"]) == ("FAILED", True)
    with pytest.raises(profiles.exceptions.BadRequestException):
        snapshot(profiles, DestinationUri="https://lake/x")
    with pytest.raises(ClientError, match="not implemented here"):
        snapshot(profiles, DataFormat="ORC")
    with pytest.raises(profiles.exceptions.BadRequestException):
        profiles.create_segment_snapshot(DomainName=DOMAIN, SegmentDefinitionName="s", DataFormat="CSV")
