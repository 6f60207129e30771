"""The SFTP intake is off unless asked for, and opens no more than it must."""

import re

from tests.template.conftest import ROOT, load_template
from tests.template.test_templates import as_list, resources, statements

BODY = load_template(ROOT / "nested/sftp-intake.yaml")


def steps(which):
    (workflow,) = resources(BODY, "AWS::Transfer::Workflow").values()
    return workflow[which]


def test_the_server_is_made_only_when_it_is_asked_for():
    root = load_template(ROOT / "template.yaml")
    assert root["Parameters"]["SftpIntake"]["Default"] == "Disabled"
    assert root["Resources"]["SftpIntakeServer"]["Condition"] == "UseSftpIntake"


def test_the_server_takes_keys_only_by_a_named_policy_and_logs():
    (server,) = resources(BODY, "AWS::Transfer::Server").values()
    assert server["Protocols"] == ["SFTP"]
    assert server["IdentityProviderType"] == "SERVICE_MANAGED"
    assert server["SecurityPolicyName"] == "TransferSecurityPolicy-2025-03"
    assert server["StructuredLogDestinations"]


def test_users_may_upload_and_nothing_else():
    role = resources(BODY, "AWS::IAM::Role")["UserRole"]
    actions = {action for s in statements(role["Policies"]) for action in as_list(s["Action"])}
    assert {action for action in actions if action.startswith("s3:")} == {
        "s3:ListBucket", "s3:GetBucketLocation", "s3:PutObject", "s3:AbortMultipartUpload",
    }  # fmt: skip
    (writes,) = (s for s in statements(role["Policies"]) if "s3:PutObject" in as_list(s["Action"]))
    assert writes["Resource"]["Fn::Sub"].endswith("/drop/*")


def test_a_custom_step_waits_longer_than_its_function_works():
    functions = resources(BODY, "AWS::Serverless::Function")
    for step in [*steps("Steps"), *steps("OnExceptionSteps")]:
        if step["Type"] == "CUSTOM":
            details = step["CustomStepDetails"]
            function = functions[details["Target"]["Fn::GetAtt"][0]]
            timeout = function.get("Timeout", BODY["Globals"]["Function"]["Timeout"])
            assert timeout < details["TimeoutSeconds"] <= 1800
            assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 0


def test_a_failure_is_told_before_anything_is_moved_and_the_drop_is_cleared_last():
    assert [step["Type"] for step in steps("OnExceptionSteps")] == ["CUSTOM", "COPY", "TAG", "DELETE"]
    assert [step["Type"] for step in steps("Steps")] == ["CUSTOM", "TAG", "DELETE"]


def test_the_steps_have_names_that_transfer_family_takes():
    for step in [*steps("Steps"), *steps("OnExceptionSteps")]:
        name = step[f"{step['Type'].title()}StepDetails"]["Name"]
        assert re.fullmatch(r"[\w-]{1,30}", name)
