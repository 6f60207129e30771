"""Domains, object types, objects, profiles, IAM resources and CloudFormation."""

import json

import pytest
from botocore.exceptions import ClientError

from local.customer_profiles.cloudformation import handlers

DOMAIN = "audiences"
FIELDS = {
    "id": {"Source": "_source.user.id", "Target": "_profile.AccountNumber"},
    "mail": {
        "Source": "_source.email",
        "Target": "_profile.EmailAddress",
        "ContentType": "EMAIL_ADDRESS",
    },
    "order": {"Source": "_source.order"},
}
KEYS = {
    "userId": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["id"]}],
    "mail": [{"StandardIdentifiers": ["PROFILE", "SECONDARY"], "FieldNames": ["mail"]}],
    "orderId": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["order"]}],
}


@pytest.fixture
def put(profiles):
    profiles.put_profile_object_type(
        DomainName=DOMAIN,
        ObjectTypeName="Order",
        Description="orders",
        AllowProfileCreation=True,
        Fields=FIELDS,
        Keys=KEYS,
    )

    def put_object(**source):
        return profiles.put_profile_object(
            DomainName=DOMAIN, ObjectTypeName="Order", Object=json.dumps(source)
        )["ProfileObjectUniqueKey"]

    return put_object


def search(profiles, key, *values, **more):
    return profiles.search_profiles(DomainName=DOMAIN, KeyName=key, Values=list(values), **more)["Items"]


def test_domains_are_unique_changeable_and_deletable(profiles):
    with pytest.raises(profiles.exceptions.BadRequestException, match="already exists"):
        profiles.create_domain(DomainName=DOMAIN, DefaultExpirationDays=1)
    profiles.update_domain(DomainName=DOMAIN, DefaultExpirationDays=30, Tags={"team": "crm"})
    got = profiles.get_domain(DomainName=DOMAIN)
    assert (got["DefaultExpirationDays"], got["Tags"]) == (30, {"team": "crm"})
    assert got["CreatedAt"] <= got["LastUpdatedAt"]
    assert [d["DomainName"] for d in profiles.list_domains()["Items"]] == [DOMAIN]
    with pytest.raises(profiles.exceptions.BadRequestException):
        profiles.list_domains(NextToken="x")
    with pytest.raises(ClientError, match="not implemented here"):
        profiles.update_domain(DomainName=DOMAIN, Matching={"Enabled": True})
    profiles.delete_domain(DomainName=DOMAIN)
    with pytest.raises(profiles.exceptions.ResourceNotFoundException):
        profiles.get_domain(DomainName=DOMAIN)


def test_objects_find_their_profile_by_key_and_write_their_mapped_fields(profiles, put):
    first = put(user={"id": 7}, email="ADA@example.com", order="o1")
    put(user={"id": 7}, order="o2")
    put(email="ada@example.com", order="o3")
    assert put(user={"id": 7}, email="ada@example.org", order="o1") == first

    (ada,) = search(profiles, "userId", "7")
    assert (ada["AccountNumber"], ada["EmailAddress"]) == ("7", "ada@example.org")
    listed = profiles.list_profile_objects(
        DomainName=DOMAIN, ObjectTypeName="Order", ProfileId=ada["ProfileId"]
    )["Items"]
    assert len(listed) == 2  # o3's mail was not written as in o1: keys other than _email compare exactly
    one = profiles.list_profile_objects(
        DomainName=DOMAIN,
        ObjectTypeName="Order",
        ProfileId=ada["ProfileId"],
        ObjectFilter={"KeyName": "orderId", "Values": ["o2"]},
    )["Items"]
    assert [json.loads(o["Object"])["order"] for o in one] == ["o2"]
    stats = profiles.get_domain(DomainName=DOMAIN)["Stats"]
    assert (stats["ProfileCount"], stats["ObjectCount"]) == (2, 3)
    asked = {"DomainName": DOMAIN, "ObjectTypeName": "Order", "ProfileId": ada["ProfileId"]}
    profiles.delete_profile_object(ProfileObjectUniqueKey=first, **asked)
    with pytest.raises(profiles.exceptions.ResourceNotFoundException):
        profiles.delete_profile_object(ProfileObjectUniqueKey=first, **asked)


@pytest.mark.parametrize("text", ["{", "[]", '{"email": "nobody"}'])
def test_an_object_that_does_not_fit_is_refused(profiles, put, text):
    with pytest.raises(profiles.exceptions.BadRequestException) as error:
        profiles.put_profile_object(DomainName=DOMAIN, ObjectTypeName="Order", Object=text)
    assert "nobody" not in str(error.value)


def test_without_permission_to_create_an_object_stays_alone(profiles, put):
    profiles.put_profile_object_type(
        DomainName=DOMAIN, ObjectTypeName="Order", Description="orders", Fields=FIELDS, Keys=KEYS
    )
    put(user={"id": 1}, order="o1")
    assert profiles.get_domain(DomainName=DOMAIN)["Stats"]["ProfileCount"] == 0


def test_object_types_are_checked_listed_and_deleted(profiles, put):
    put(user={"id": 1}, order="o1")
    got = profiles.get_profile_object_type(DomainName=DOMAIN, ObjectTypeName="Order")
    assert (got["Fields"], got["Keys"], got["ExpirationDays"]) == (FIELDS, KEYS, 366)
    wrongs = (
        {"Keys": {"k": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["nowhere"]}]}},
        {"Keys": {"k": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["id"]}]}},
        {"Fields": {"id": {"Target": "_profile.Shoes"}}},
    )
    for wrong in wrongs:
        request = {"DomainName": DOMAIN, "ObjectTypeName": "X", "Description": "x", "Fields": FIELDS, **wrong}
        with pytest.raises(profiles.exceptions.BadRequestException):
            profiles.put_profile_object_type(**request)
    listed = profiles.list_profile_object_types(DomainName=DOMAIN)["Items"]
    assert [t["ObjectTypeName"] for t in listed] == ["Order"]
    profiles.delete_profile_object_type(DomainName=DOMAIN, ObjectTypeName="Order")
    with pytest.raises(profiles.exceptions.ResourceNotFoundException):
        profiles.get_profile_object_type(DomainName=DOMAIN, ObjectTypeName="Order")
    assert profiles.get_domain(DomainName=DOMAIN)["Stats"]["ObjectCount"] == 0


def test_profiles_are_found_by_their_own_values_and_added_keys(profiles):
    ada = profiles.create_profile(
        DomainName=DOMAIN,
        FirstName="Ada",
        LastName="Example",
        PersonalEmailAddress="Ada@Example.com",
        MobilePhoneNumber="+1 206 555 0100",
    )["ProfileId"]
    bob = profiles.create_profile(DomainName=DOMAIN, FirstName="Bob", EmailAddress="bob@example.org")[
        "ProfileId"
    ]
    profiles.add_profile_key(DomainName=DOMAIN, ProfileId=ada, KeyName="cookie", Values=["c1", "c2"])

    for key, value in (
        ("_profileId", ada),
        ("_email", "ada@example.COM"),
        ("_phone", "+12065550100"),
        ("_fullName", "ada example"),
        ("cookie", "c2"),
    ):
        assert [p["ProfileId"] for p in search(profiles, key, value)] == [ada], key
    both = [{"KeyName": "cookie", "Values": ["c1"]}]
    emails = ("ada@example.com", "bob@example.org")
    either = search(profiles, "_email", *emails, AdditionalSearchKeys=both, LogicalOperator="OR")
    assert {p["ProfileId"] for p in either} == {ada, bob}
    assert {k["KeyName"] for k in either[0]["FoundByItems"]} == {"_email", "cookie"}
    every = search(profiles, "_email", *emails, AdditionalSearchKeys=both, LogicalOperator="AND")
    assert [p["ProfileId"] for p in every] == [ada]
    with pytest.raises(profiles.exceptions.BadRequestException):
        search(profiles, "shoe_size", "9")


def test_an_update_merges_and_an_empty_text_removes(profiles):
    ada = profiles.create_profile(
        DomainName=DOMAIN, EmailAddress="ada@example.com", Attributes={"a": "1", "b": "2"}
    )["ProfileId"]
    profiles.update_profile(
        DomainName=DOMAIN,
        ProfileId=ada,
        EmailAddress="",
        Attributes={"a": "", "c": "3"},
        Address={"City": "Paris"},
    )
    found = profiles.batch_get_profile(DomainName=DOMAIN, ProfileIds=[ada, "0" * 32])
    assert found["Profiles"] == [
        {"ProfileId": ada, "Attributes": {"b": "2", "c": "3"}, "Address": {"City": "Paris"}}
    ]
    assert [e["ProfileId"] for e in found["Errors"]] == ["0" * 32]
    assert search(profiles, "_email", "ada@example.com") == []
    profiles.delete_profile(DomainName=DOMAIN, ProfileId=ada)
    with pytest.raises(profiles.exceptions.ResourceNotFoundException):
        profiles.update_profile(DomainName=DOMAIN, ProfileId=ada, FirstName="Ada")


def test_iam_is_asked_about_the_resources_of_the_service_authorization_reference(service):
    domain = "arn:aws:profile:eu-west-1:000000000000:domains/d"
    request = {"DomainName": "d", "SegmentDefinitionName": "s", "ObjectTypeName": "o", "JobId": "j"}
    assert service.iam_resources("ListDomains", {}) == ["*"]
    assert service.iam_resources("StartUploadJob", request) == [domain]
    assert service.iam_resources("PutProfileObject", request) == [domain, domain + "/object-types/o"]
    segment = [domain, domain + "/segment-definitions/s"]
    assert service.iam_resources("CreateSegmentSnapshot", request) == segment


def test_stacks_create_update_and_delete_domains_types_and_segments(profiles, service):
    types = {name.rsplit("::", 1)[-1]: kind for name, kind in handlers(service).items()}
    tags = [{"Key": "team", "Value": "crm"}]
    props = {"DomainName": "shop", "DefaultExpirationDays": "366", "Tags": tags}
    ref, attributes = types["Domain"]["create"]("Domain", props, "stack")
    assert (ref, set(attributes)) == ("shop", {"CreatedAt", "LastUpdatedAt"})
    assert profiles.get_domain(DomainName="shop")["Tags"] == {"team": "crm"}
    types["Domain"]["update"]("shop", props, {**props, "DefaultExpirationDays": 30}, "stack")
    assert profiles.get_domain(DomainName="shop")["DefaultExpirationDays"] == 30
    with pytest.raises(Exception, match="at most 1098"):
        types["Domain"]["create"]("D", {"DomainName": "x", "DefaultExpirationDays": 2000}, "stack")

    kind = {
        "DomainName": "shop",
        "ObjectTypeName": "User",
        "Description": "users",
        "AllowProfileCreation": "true",
        "Fields": [
            {"Name": "id", "ObjectTypeField": {"Source": "_source.id", "Target": "_profile.AccountNumber"}}
        ],
        "Keys": [
            {
                "Name": "userId",
                "ObjectTypeKeyList": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}],
            }
        ],
    }
    ref, _ = types["ObjectType"]["create"]("Type", kind, "stack")
    assert ref == "shop|User"
    profiles.put_profile_object(DomainName="shop", ObjectTypeName="User", Object='{"id": "1"}')
    assert types["ObjectType"]["update"](ref, kind, {**kind, "Description": "people"}, "stack")[0] == ref
    assert (
        profiles.get_profile_object_type(DomainName="shop", ObjectTypeName="User")["Description"] == "people"
    )

    rule = {"ProfileAttributes": {"AccountNumber": {"DimensionType": "INCLUSIVE", "Values": ["1"]}}}
    segment = {
        "DomainName": "shop",
        "SegmentDefinitionName": "one",
        "DisplayName": "One",
        "SegmentGroups": {"Groups": [{"Dimensions": [rule]}]},
    }
    ref, attributes = types["SegmentDefinition"]["create"]("Segment", segment, "stack")
    assert (ref, attributes["SegmentType"]) == ("shop|one", "CLASSIC")
    assert attributes["SegmentDefinitionArn"].endswith("domains/shop/segment-definitions/one")
    assert len(service.segment_members("shop", "one")) == 1
    types["SegmentDefinition"]["update"](ref, segment, {**segment, "Description": "first"}, "stack")
    got = profiles.get_segment_definition(DomainName="shop", SegmentDefinitionName="one")
    assert got["Description"] == "first"
    with pytest.raises(ValueError, match="DisplayName changed"):
        types["SegmentDefinition"]["update"](ref, segment, {**segment, "DisplayName": "Uno"}, "stack")
    new, _ = types["SegmentDefinition"]["update"](
        ref, segment, {**segment, "SegmentDefinitionName": "two"}, "stack"
    )
    assert list(service.domains["shop"].segments) == ["two"]

    types["SegmentDefinition"]["delete"](new, segment)
    types["ObjectType"]["delete"]("shop|User", kind)
    types["Domain"]["delete"]("shop", props)
    types["Domain"]["delete"]("shop", props)
    assert "shop" not in service.domains
