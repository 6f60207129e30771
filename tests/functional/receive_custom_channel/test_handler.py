import pytest
from audiences.edges import aws
from moto import mock_aws
from receive_custom_channel.handler import lambda_handler


class Context:
    aws_request_id = function_name = invoked_function_arn = "x"
    memory_limit_in_mb = 1


def endpoint(user, opt_out="NONE"):
    found = {"ChannelType": "CUSTOM", "Address": "person@example.com", "OptOut": opt_out}
    return {**found, "User": {"UserId": user}} if user else found


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AUDIENCE_BUCKET", "audience")
    aws.client.cache_clear()
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket="audience")
        client.put_bucket_versioning(Bucket="audience", VersioningConfiguration={"Status": "Enabled"})
        yield client
    aws.client.cache_clear()


def versions(s3):
    return s3.list_object_versions(Bucket="audience").get("Versions", [])


EVENT = {
    "CampaignId": "campaign1",
    "ActivityId": "activity1",
    "Data": "Action lovers",
    "Endpoints": {
        "e1": endpoint("u2"), "e2": endpoint("u1"), "e3": endpoint("u1"), "e4": endpoint(""),
        "e5": endpoint("u3", "ALL"),
    },
}  # fmt: skip


def test_a_campaign_becomes_a_segment_of_user_ids(s3):
    told = lambda_handler(EVENT, Context())

    (stored,) = versions(s3)
    assert stored["Key"].startswith("segments/pinpoint/Action-lovers/activity1-")
    assert s3.get_object(Bucket="audience", Key=stored["Key"])["Body"].read() == b"User.UserId\nu1\nu2\n"
    assert told == {"users": 2, "left_out": 2}


def test_a_repeated_invocation_stores_no_second_version(s3):
    lambda_handler(EVENT, Context())
    lambda_handler(EVENT, Context())

    assert len(versions(s3)) == 1


def test_nobody_to_reach_stores_nothing(s3):
    assert lambda_handler({**EVENT, "Endpoints": {"e4": endpoint("")}}, Context()) == {
        "users": 0,
        "left_out": 1,
    }
    assert versions(s3) == []


def test_two_campaigns_do_not_meet_in_a_segment(s3):
    for data in ("Женщины 30+", "Мужчины 30+", "30", "x" * 2_000, "x" * 2_000 + "y"):
        lambda_handler({**EVENT, "Data": data}, Context())

    assert len({version["Key"].split("/")[2] for version in versions(s3)}) == 5
    assert all(len(version["Key"]) < 300 for version in versions(s3))


def test_without_data_the_campaign_names_the_segment(s3):
    lambda_handler({**EVENT, "Data": ""}, Context())

    assert versions(s3)[0]["Key"].startswith("segments/pinpoint/campaign1/")
