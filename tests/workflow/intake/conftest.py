"""The real stack with the SFTP intake, deployed once into an embedded AWS with IAM enforced."""

import asyncio
import json
import urllib.request
from types import SimpleNamespace

import asyncssh
import pytest
from audiences.preparation.keys import audience_key

from local.demo.ad_platforms import AdPlatforms
from local.emulator import ROOT, Emulator
from tests.workflow.deployed.relay import Relay, wait_for

USER = "crm-team"
AUDIENCE = "Boot lovers"
KEY = audience_key(AUDIENCE)


@pytest.fixture(scope="session")
def intake(tmp_path_factory):
    """The stack, one SFTP user made as the how-to says, `upload(name, bytes, **login)`, LiveRamp's folder."""
    folder = tmp_path_factory.mktemp("intake")
    with AdPlatforms({"liveramp"}, {KEY}) as ads, Emulator(folder / "emulator.log") as aws:
        ads.connect(aws)
        parameters = {**ads.parameters(), "SftpIntake": "Enabled", "EngagementTarget": "None"}
        outputs = aws.deploy(ROOT / ".venv-sam/bin/sam", folder / "deploy.log", parameters)
        ads.fill_secrets(aws)
        relay = Relay(aws, outputs)
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = outputs["SftpIntakeServerId"]
        relay.client("transfer").create_user(
            ServerId=server,
            UserName=USER,
            Role=outputs["SftpIntakeUserRoleArn"],
            HomeDirectoryType="LOGICAL",
            HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{outputs['AudienceBucketName']}/drop/{USER}"}],
            SshPublicKeyBody=key.export_public_key("openssh").decode(),
        )
        with urllib.request.urlopen(f"{aws.endpoint}/_local/sftp/{server}", timeout=10) as answer:
            place = json.load(answer)

        def upload(name, body, *, user=USER, key=key):
            asyncio.run(put(place, user, key, name, body))

        yield SimpleNamespace(relay=relay, upload=upload, server=server, liveramp=ads.folder)


async def put(place, user, key, name, body):
    """Upload with a real SFTP client that knows the server's host key."""
    known = asyncssh.import_known_hosts(f"[{place['host']}]:{place['port']} {place['host_key']}\n")
    async with (
        asyncssh.connect(
            place["host"], place["port"], username=user, client_keys=[key], known_hosts=known,
            agent_path=None, config=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
        sftp.open(name, "wb") as file,
    ):  # fmt: skip
        await file.write(body)


@pytest.fixture(scope="session")
def ended(intake):
    """Wait for the end of the workflow's execution on a file; returns it as DescribeExecution tells it."""
    transfer = intake.relay.client("transfer")

    def execution_of(key):
        workflow = transfer.describe_server(ServerId=intake.server)["Server"]["WorkflowDetails"]["OnUpload"][
            0
        ]

        def over():
            for one in transfer.list_executions(WorkflowId=workflow["WorkflowId"])["Executions"]:
                place = one["InitialFileLocation"]["S3FileLocation"]
                if place["Key"] == key and one["Status"] in ("COMPLETED", "EXCEPTION"):
                    return transfer.describe_execution(
                        WorkflowId=workflow["WorkflowId"], ExecutionId=one["ExecutionId"]
                    )["Execution"]
            return None

        return wait_for(over, f"the end of the workflow on {key}")

    return execution_of
