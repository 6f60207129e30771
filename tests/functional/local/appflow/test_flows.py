import json

import pytest

from local.appflow import AppFlow
from local.appflow.access import AccessDeniedError, require
from local.appflow.cloudformation import handlers
from local.cloud import Cloud
from local.modelled import ServiceError

ACCOUNT = "000000000000"
DESTINATION = {
    "Object": "Audience_Member__c",
    "WriteOperationType": "UPSERT",
    "IdFieldNames": ["Membership_Key__c"],
}
FLOW = {
    "FlowName": "members",
    "Description": "Members to Salesforce",
    "TriggerConfig": {"TriggerType": "OnDemand"},
    "SourceFlowConfig": {
        "ConnectorType": "S3",
        "SourceConnectorProperties": {"S3": {"BucketName": "bucket", "BucketPrefix": "records"}},
    },
    "DestinationFlowConfigList": [
        {
            "ConnectorType": "Salesforce",
            "ConnectorProfileName": "crm",
            "DestinationConnectorProperties": {"Salesforce": DESTINATION},
        }
    ],
    "Tasks": [
        {
            "TaskType": "Map",
            "SourceFields": ["email"],
            "DestinationField": "Email__c",
            "ConnectorOperator": {"S3": "NO_OP"},
            "TaskProperties": [{"Key": "SOURCE_DATA_TYPE", "Value": "string"}],
        }
    ],
}


class FakeCloud(Cloud):
    account, region = ACCOUNT, "eu-west-1"

    def __init__(self):
        super().__init__("", 0.0)


@pytest.fixture(scope="module")
def made():
    return AppFlow(FakeCloud())


@pytest.fixture
def service(made):
    made.reset()
    made.profiles["crm"] = {"connectorProfileName": "crm"}
    return made


def call(service, path, **body):
    headers = {"content-type": "application/json"}
    status, _, answer = service._serve("POST", path, headers, json.dumps(body).encode(), {})
    return status, json.loads(answer)


def test_a_stack_makes_changes_and_deletes_a_flow(service):
    types = handlers(service)["AWS::AppFlow::Flow"]
    name, attributes = types["create"]("Flow", FLOW, "stack")

    _, told = call(service, "/describe-flow", flowName=name)
    assert told["flowArn"] == attributes["FlowArn"]
    assert told["tasks"][0]["taskProperties"] == {"SOURCE_DATA_TYPE": "string"}

    types["update"](name, FLOW, {**FLOW, "Description": "Changed"}, "stack")
    assert call(service, "/describe-flow", flowName=name)[1]["description"] == "Changed"
    types["delete"](name, FLOW)
    assert call(service, "/describe-flow", flowName=name)[0] == 404


def test_a_flow_needs_its_connection(service):
    service.profiles.clear()

    with pytest.raises(ServiceError, match="Connector profile crm"):
        handlers(service)["AWS::AppFlow::Flow"]["create"]("Flow", FLOW, "stack")


def test_what_it_cannot_do_it_says(service):
    wanted = {**FLOW, "TriggerConfig": {"TriggerType": "Event"}}

    with pytest.raises(ServiceError, match="not implemented here"):
        handlers(service)["AWS::AppFlow::Flow"]["create"]("Flow", wanted, "stack")


def test_requests_are_checked_against_the_model(service):
    status, told = call(service, "/start-flow", flowName="no spaces, please")

    assert status == 400
    assert "pattern" in told["message"]


def test_iam_is_asked_about_the_flow(service):
    assert service.iam_resources("StartFlow", {"flowName": "members"}) == [
        f"arn:aws:appflow:eu-west-1:{ACCOUNT}:flow/members"
    ]


class Policy:
    """The one S3 call that the check makes."""

    def __init__(self, **statement):
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "appflow.amazonaws.com"},
            "Action": "s3:GetObject",
        }
        self.text = json.dumps(
            {"Statement": [{**allow, "Resource": "arn:aws:s3:::bucket/work/*", **statement}]}
        )

    def get_bucket_policy(self, Bucket):  # noqa: ARG002, N803  # boto3's name
        return {"Policy": self.text}


def test_a_policy_for_this_account_lets_appflow_in():
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

    require(Policy(Condition=condition), ACCOUNT, "bucket", "s3:GetObject", "work/a.csv")


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"Service": "transfer.amazonaws.com"}},
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::bucket/other/*"},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}},
    ],
)
def test_any_other_policy_keeps_appflow_out(statement):
    with pytest.raises(AccessDeniedError):
        require(Policy(**statement), ACCOUNT, "bucket", "s3:GetObject", "work/a.csv")
