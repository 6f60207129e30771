"""The README's AWS steps, typed as written, against the embedded AWS: deploy, import, train, clean up."""

import os
import re
import subprocess
import sys
import time

import pytest

from local.emulator import ROOT, Emulator

TOOLS = ROOT / ".venv-sam/bin"


def blocks(title):
    """The sh blocks of one section of the README."""
    text = (ROOT / "README.md").read_text()
    section = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert section, f"README has no section '{title}'"
    return re.findall(r"```sh\n(.*?)```", section.group(1), re.DOTALL)


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    with Emulator(tmp_path_factory.mktemp("readme") / "emulator.log") as running:
        yield running


def shell(aws, script, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    env |= {**aws.environment, "SAM_CLI_TELEMETRY": "0", "PATH": f"{TOOLS}:{env['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False, **more
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def wait_for(what, seconds=300):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError("it did not happen")


@pytest.fixture(autouse=True)
def _keep_samconfig():
    """`sam deploy --guided` saves its answers."""
    path = ROOT / "samconfig.toml"
    before = path.read_bytes()
    yield
    path.write_bytes(before)


def test_the_readme_works_as_written(aws):
    (deploy,) = blocks("Step 1: Deploy")
    # --guided asks one question after the other; every answer but the address is the default.
    answers = "\n".join(["", *["\n"] * 40])
    guided = deploy.replace(
        "--guided", "--guided --no-confirm-changeset --parameter-overrides Email=me@example.com"
    )
    shell(aws, guided, input=answers)
    outputs = aws.outputs("contextual-targeting")

    (upload_endpoints,) = blocks("Step 2: Import your endpoints")
    shell(aws, upload_endpoints)
    (upload_training,) = blocks("Step 3: Upload training data and configuration")
    shell(aws, upload_training)

    mails = wait_for(lambda: [m for m in aws.mail() if "segments ready" in m["subject"]])
    assert "ITEMSgenresAction" in mails[0]["body"]

    profiles = aws.client("customer-profiles")
    domain = outputs["CustomerProfilesDomainName"]
    definitions = profiles.list_segment_definitions(DomainName=domain)["Items"]
    names = {item["SegmentDefinitionName"] for item in definitions}
    assert "ITEMSgenresAction" in names
    destroy(aws, outputs)


def destroy(aws, outputs):
    command = [sys.executable, "-m", "audiences.cli.destroy", "--stack-name", "contextual-targeting"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | aws.environment

    def run(answer):
        return subprocess.run(
            [*command, "--wait-seconds", "0.1"],
            env=env,
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    refused = run("no\n")
    assert refused.returncode == 1
    assert "Nothing was deleted." in refused.stdout

    done = run("contextual-targeting\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "What remains" in done.stdout
    assert aws.client("personalize").list_dataset_groups()["datasetGroups"] == []
    left = {bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]}
    assert not left & {outputs["PersonalizeBucketName"], outputs["SegmentImportBucket"]}
    again = run("contextual-targeting\n")
    assert again.returncode == 1
    assert "There is no stack" in again.stdout
