"""Servers, users and workflows as CloudFormation and the API see them; a real upload is in workflow/intake."""

import asyncio
import json

import asyncssh
import pytest

from local.cloud import Cloud
from local.modelled import ServiceError
from local.transfer_server import TransferFamily
from local.transfer_server.cloudformation import handlers
from local.transfer_server.service import home_of
from local.transfer_server.steps import Execution, StepError, Upload

ROLE = "arn:aws:iam::000000000000:role/any"
CUSTOM = {
    "Type": "CUSTOM",
    "CustomStepDetails": {"Name": "check", "Target": "arn:aws:lambda:::f", "TimeoutSeconds": "1"},
}


class FakeCloud(Cloud):
    account, region = "000000000000", "eu-west-1"

    def __init__(self, **clients):
        super().__init__("", 0.0)
        self._clients = clients

    def client(self, service, role_arn, principal):
        assert (role_arn, principal) == (ROLE, "transfer.amazonaws.com")
        return self._clients[service]


@pytest.fixture
def service():
    made = TransferFamily(FakeCloud())
    yield made
    made.reset()


def call(service, operation, **body):
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"TransferService.{operation}"}
    status, _, answer = service._serve("POST", "/", headers, json.dumps(body).encode(), {})
    return status, json.loads(answer or b"{}")


def make(service, **props):
    types = handlers(service)
    workflow, _ = types["AWS::Transfer::Workflow"]["create"]("W", {"Steps": [CUSTOM]}, "stack")
    detail = {"WorkflowId": workflow, "ExecutionRole": ROLE}
    props = {"Protocols": ["SFTP"], "WorkflowDetails": {"OnUpload": [detail]}, **props}
    return workflow, types["AWS::Transfer::Server"]["create"]("S", props, "stack")


def test_a_stack_makes_and_deletes_server_user_and_workflow(service):
    types = handlers(service)
    workflow, (arn, attributes) = make(service)
    server = attributes["ServerId"]
    user = {
        "ServerId": server, "UserName": "crm-team", "Role": ROLE, "HomeDirectory": "/b/drop/crm-team",
        "SshPublicKeys": ["ssh-ed25519 AAAA me"],
    }  # fmt: skip
    types["AWS::Transfer::User"]["create"]("U", user, "stack")

    _, told = call(service, "DescribeServer", ServerId=server)
    assert (told["Server"]["Arn"], told["Server"]["UserCount"]) == (arn, 1)
    assert call(service, "ListUsers", ServerId=server)[1]["Users"][0]["SshPublicKeyCount"] == 1
    _, told = call(service, "DescribeWorkflow", WorkflowId=workflow)
    assert told["Workflow"]["Steps"][0]["CustomStepDetails"]["TimeoutSeconds"] == 1

    types["AWS::Transfer::User"]["delete"]("U", user)
    types["AWS::Transfer::Server"]["delete"](arn, {})
    types["AWS::Transfer::Workflow"]["delete"](workflow, {})
    assert call(service, "ListServers")[1] == {"Servers": []}
    assert call(service, "ListWorkflows")[1] == {"Workflows": []}


@pytest.mark.parametrize("change", [{"Protocols": ["FTP"]}, {"EndpointType": "VPC"}])
def test_servers_of_other_kinds_are_not_pretended(service, change):
    with pytest.raises(ServiceError, match="not implemented here"):
        make(service, **change)


def test_what_is_not_there_says_so(service):
    assert call(service, "ListHostKeys", ServerId="s-" + "0" * 17)[0] == 501
    assert call(service, "DescribeServer", ServerId="s-" + "0" * 17)[0] == 400
    with pytest.raises(ServiceError, match="step DECRYPT"):
        service.create_workflow({"Steps": [{"Type": "DECRYPT"}]})


def test_homes_are_folders_of_buckets():
    mapping = [{"Entry": "/", "Target": "/b/drop/crm-team"}]
    assert home_of({"HomeDirectoryType": "LOGICAL", "HomeDirectoryMappings": mapping}) == (
        "b", "drop/crm-team"
    )  # fmt: skip
    with pytest.raises(ServiceError):
        home_of({})


def test_a_session_can_neither_read_nor_change_files_of_this_machine(service, tmp_path):
    _, (_, attributes) = make(service)
    key = asyncssh.generate_private_key("ssh-ed25519")
    service.create_user(
        {
            "ServerId": attributes["ServerId"], "UserName": "crm-team", "Role": ROLE,
            "HomeDirectory": "/b/drop", "SshPublicKeyBody": key.export_public_key("openssh").decode(),
        }
    )  # fmt: skip
    (tmp_path / "secret").write_text("secret")
    port = service.servers[attributes["ServerId"]].listener.port

    async def attempt():
        async with (
            asyncssh.connect(
                "127.0.0.1", port, username="crm-team", client_keys=[key], known_hosts=None,
                agent_path=None, config=None,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):  # fmt: skip
            assert not await sftp.exists(str(tmp_path / "secret"))
            for forbidden in (
                sftp.open("a", "rb"), sftp.remove("a"), sftp.rename("a", "b"), sftp.symlink("/etc", "e")
            ):  # fmt: skip
                with pytest.raises(asyncssh.SFTPPermissionDenied):
                    await forbidden

    asyncio.run(attempt())


class Functions:
    """Stands for Lambda: answers the execution's step, late, never, or with an error of its own."""

    def __init__(self, status=None, error=None):
        self.status, self.error, self.execution, self.events = status, error, None, []

    def invoke(self, FunctionName, Payload):  # noqa: N803  # boto3's names
        assert FunctionName == "f"
        event = json.loads(Payload)
        self.events.append(event)
        assert event["token"] == self.execution.token
        if self.status:
            self.execution.answer = self.status
            self.execution.answered.set()
        return {"FunctionError": self.error} if self.error else {}


def run(functions, timeout=1):
    workflow = {
        "WorkflowId": "w-" + "0" * 17,
        "Steps": [{"Type": "CUSTOM", "CustomStepDetails": {"Target": "f", "TimeoutSeconds": timeout}}],
    }
    upload = Upload("b", "drop/crm-team/a.csv", "v1", "etag", "crm-team", "s-1", "session")
    execution = functions.execution = Execution(workflow, ROLE, upload)
    execution.run(FakeCloud(**{"lambda": functions}))
    return execution


def test_a_custom_step_is_told_the_version_that_was_uploaded():
    functions = Functions("SUCCESS")

    assert run(functions).status == "COMPLETED"
    assert functions.events[0]["fileLocation"]["versionId"] == "v1"
    assert functions.events[0]["serviceMetadata"]["transferDetails"]["userName"] == "crm-team"


@pytest.mark.parametrize(
    ("functions", "kind"),
    [
        (Functions("FAILURE"), "CUSTOM_STEP_FAILED"),
        (Functions(error="Unhandled"), "CUSTOM_STEP_FAILED"),
        (Functions(), "TIMEOUT"),
    ],
)
def test_a_custom_step_that_does_not_answer_success_is_an_exception(functions, kind):
    execution = run(functions, timeout=0.05)

    assert execution.status == "EXCEPTION"
    assert execution.results["Steps"][0]["Error"]["Type"] == kind


class Bucket:
    """Stands for S3: the keys that are there, and what is copied."""

    def __init__(self, *keys):
        self.keys, self.copied = list(keys), []

    def list_objects_v2(self, Bucket, Prefix):  # noqa: N803  # boto3's names
        del Bucket
        return {"Contents": [{"Key": key} for key in self.keys if key.startswith(Prefix)]}

    def copy_object(self, Bucket, Key, CopySource):  # noqa: N803  # boto3's names
        del Bucket
        self.copied.append((CopySource["Key"], Key))


def test_a_copy_goes_to_the_users_folder_and_overwrites_only_when_told_to():
    place = {"S3FileLocation": {"Bucket": "b", "Key": "refused/${transfer:UserName}/"}}
    upload = Upload("b", "drop/crm-team/a.csv", "v1", "etag", "crm-team", "s-1", "session")
    execution = Execution({}, ROLE, upload)
    bucket = Bucket("refused/crm-team/a.csv")

    with pytest.raises(StepError, match="there already"):
        execution._copy(bucket, {"DestinationFileLocation": place}, upload.location)
    execution._copy(bucket, {"DestinationFileLocation": place, "OverwriteExisting": "TRUE"}, upload.location)
    assert bucket.copied == [("drop/crm-team/a.csv", "refused/crm-team/a.csv")]
