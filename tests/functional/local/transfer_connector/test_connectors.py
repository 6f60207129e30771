import json

import pytest

from local.cloud import Cloud
from local.transfer_connector import TransferConnectors
from local.transfer_connector.cloudformation import handlers
from local.transfer_connector.sftp import ConnectorError, Target, put_files, read_host_key

PROPERTIES = {
    "Url": "sftp://127.0.0.1:1",
    "AccessRole": "arn:aws:iam::000000000000:role/connector",
    "SftpConfig": {"UserSecretId": "aws/transfer/relay", "MaxConcurrentConnections": "1"},
}


class FakeCloud(Cloud):
    account, region = "000000000000", "eu-west-1"

    def __init__(self):
        super().__init__("", 0.0)


@pytest.fixture(scope="module")
def made():
    return TransferConnectors(FakeCloud())


@pytest.fixture
def service(made):
    made.reset()
    return made


def call(service, operation, **body):
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"TransferService.{operation}"}
    status, _, answer = service._serve("POST", "/", headers, json.dumps(body).encode(), {})
    return status, json.loads(answer or b"{}")


def test_a_stack_makes_changes_and_deletes_a_connector(service):
    types = handlers(service)["AWS::Transfer::Connector"]
    connector_id, attributes = types["create"]("Connector", PROPERTIES, "stack")

    _, told = call(service, "DescribeConnector", ConnectorId=connector_id)
    assert told["Connector"]["Arn"] == attributes["Arn"]
    assert told["Connector"]["SftpConfig"]["MaxConcurrentConnections"] == 1

    types["update"](connector_id, PROPERTIES, {**PROPERTIES, "Url": "sftp://127.0.0.1:2"}, "stack")
    assert call(service, "DescribeConnector", ConnectorId=connector_id)[1]["Connector"]["Url"].endswith(":2")
    types["delete"](connector_id, PROPERTIES)
    assert call(service, "DescribeConnector", ConnectorId=connector_id)[0] == 400


@pytest.mark.parametrize("change", [{"Url": "https://example.com"}, {"SftpConfig": {}}])
def test_only_sftp_connectors_with_a_secret_are_made(service, change):
    status, told = call(
        service, "CreateConnector", **{**PROPERTIES, "SftpConfig": {"UserSecretId": "s"}, **change}
    )

    assert status == 400
    assert told["__type"] == "InvalidRequestException"


def test_nobody_at_the_address_is_a_connection_error():
    with pytest.raises(ConnectorError) as raised:
        read_host_key("sftp://127.0.0.1:1")
    assert raised.value.code == "CONNECTION_ERROR"


def test_keys_that_cannot_be_read_are_said():
    target = Target("sftp://127.0.0.1:1", "relay", None, "no key", ("ssh-rsa AAAA",))

    (problem,) = put_files(target, "/", {"/b/k": "k"}, lambda _path: b"").values()
    assert problem.code == "KEY_ERROR"
