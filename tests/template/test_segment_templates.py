"""Post-processing and imports ask for no more than they need, and only Pinpoint itself may use its role."""

import pytest

from tests.template.conftest import ROOT, load_template

NAMES = ("segment-postprocessing", "pinpoint-import", "customer-profiles-import")


@pytest.mark.parametrize("name", NAMES)
def test_s9_no_managed_policy_and_no_bucket_prefix_is_granted(name):
    text = (ROOT / "nested" / f"{name}.yaml").read_text()
    assert "FullAccess" not in text
    assert "ManagedPolicyArns" not in text
    for line in text.splitlines():
        if ":s3:::" in line:
            bucket = line.split(":s3:::")[1]
            assert bucket.startswith("${"), line
            assert "}*" not in bucket.split("/")[0], f"any bucket with that prefix: {line}"


def test_s9_a_job_is_described_by_its_own_kind_of_arn():
    text = (ROOT / "nested" / "segment-postprocessing.yaml").read_text()
    assert "${AWS::AccountId}:batch-segment-job/*" in text


def test_only_this_accounts_pinpoint_project_may_use_the_import_role():
    role = load_template(ROOT / "nested" / "pinpoint-import.yaml")["Resources"]["PinpointServiceRole"]
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "pinpoint.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "apps/${PinpointApplication}" in str(statement["Condition"]["ArnLike"]["aws:SourceArn"])
