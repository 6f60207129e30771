"""Audience preparation in the deployed stack: by Lambda for CSV, by the Spark job on Glue for Parquet."""


def test_a_segment_becomes_an_audience_per_platform(by_lambda):
    assert set(by_lambda) == {"meta", "google"}


def test_glue_writes_the_same_bytes_as_lambda(by_lambda, by_spark):
    assert by_spark == by_lambda


def test_a_pinpoint_campaign_becomes_a_segment(relay, by_custom_channel):
    assert by_custom_channel == {"users": 1, "left_out": 0}
    (key,) = relay.keys("segments/pinpoint/")
    assert relay.read(f"s3://{relay.outputs['AudienceBucketName']}/{key}").split() == ["User.UserId", "7"]
