"""Runs the embedded AWS as a child process, for the demo and the tests, and deploys the stack into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import boto3

from local.child_process import ChildProcess
from local.server import ACCOUNT, free_port

REGION = "us-east-1"
ROOT = Path(__file__).resolve().parent.parent


class EmulatorError(RuntimeError):
    """The embedded AWS, the build or the deployment failed; the message names the log to read."""


class Emulator(ChildProcess):
    """A running embedded AWS: `with Emulator(log) as aws: aws.client("s3")…`."""

    def __init__(self, log: Path) -> None:
        """Choose a free port; everything the emulator prints goes to `log`."""
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = log

    def __enter__(self) -> Emulator:
        """Start it and wait until it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  # our own module, fixed arguments
                [sys.executable, "-m", "local", "--port", str(self.port)],
                cwd=ROOT,
                env=self._clean_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                self._get("/_ministack/health")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        self.stop()
        raise EmulatorError(f"The embedded AWS did not start. Read {self.log}.")

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point any AWS tool at this emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client with the account's root keys."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # the emulator's only keys
        )

    def mail(self) -> list[dict[str, str]]:
        """Return every mail SNS would have sent so far: `{topic, subject, body}`."""
        return list(json.loads(self._get("/_local/mail")))

    def deploy(self, sam: Path, build_log: Path, parameters: dict[str, str] | None = None) -> dict[str, str]:
        """Build and deploy the root template with the real SAM CLI; return the stack's outputs."""
        env = {**self._clean_environment(), **self.environment, "SAM_CLI_TELEMETRY": "0"}
        overrides = {"Email": "marketer@example.com", "EngagementTarget": "Both", **(parameters or {})}
        settings = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
        # A folder of its own: two deployments at the same time must not overwrite each other's build, and SAM
        # leaves temporary folders behind.
        with tempfile.TemporaryDirectory() as folder, build_log.open("ab") as output:
            env["TMPDIR"], built = folder, f"{folder}/built"
            commands = [
                [str(sam), "build", *settings, "--build-dir", built],
                [
                    *(str(sam), "deploy", *settings, "--template-file", f"{built}/template.yaml"),
                    *("--parameter-overrides", *(f'{name}="{value}"' for name, value in overrides.items())),
                ],
            ]
            for command in commands:
                done = subprocess.run(  # noqa: S603  # the SAM CLI, fixed arguments
                    command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, check=False
                )
                if done.returncode:
                    raise EmulatorError(f"`sam {command[1]}` failed. Read {build_log}.")
        return self.outputs()

    def outputs(self, stack: str = "audience-relay") -> dict[str, str]:
        """Return the stack's outputs by name."""
        stacks = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {o["OutputKey"]: o["OutputValue"] for o in stacks[0]["Outputs"]}

    def upload_folder(self, folder: Path, bucket: str, prefix: str = "") -> int:
        """Do what `aws s3 sync folder s3://bucket/prefix` does on an empty bucket; return how many files."""
        s3 = self.client("s3")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in files:
            s3.upload_file(str(path), bucket, prefix + path.relative_to(folder).as_posix())
        return len(files)

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.endpoint + path, timeout=30) as answer:  # noqa: S310  # loopback
            return bytes(answer.read())

    @staticmethod
    def _clean_environment() -> dict[str, str]:
        """Return the caller's environment without its AWS settings: nothing here may reach a real account."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        nowhere = os.devnull
        return {**kept, "AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere}


__all__ = ["ACCOUNT", "REGION", "Emulator", "EmulatorError"]
