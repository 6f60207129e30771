"""The real tools accept the templates: cfn-lint, `sam validate --lint`, `sam build` without Docker."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.template.conftest import ROOT, TEMPLATES

SAM = ROOT / ".venv-sam/bin/sam"
ENV = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}


def run(*command, cwd=ROOT, env=ENV):
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_cfn_lint_is_clean():
    run(str(Path(sys.executable).parent / "cfn-lint"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_sam_validates(path):
    assert "is a valid SAM Template" in run(str(SAM), "validate", "--lint", "--template", str(path))


def test_sam_builds_without_docker_and_without_the_runtime(tmp_path):
    # A PATH on which neither docker nor python3.13 can be found, only this Python, make and coreutils.
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("make", "sh", "bash", "ln", "cp", "mv", "rm", "mkdir", "tar", "touch", "find", "env", "git"):
        found = shutil.which(tool)
        if found:
            (tools / tool).symlink_to(found)
    (tools / "python3").symlink_to(sys.executable)
    assert shutil.which("docker", path=str(tools)) is None
    assert shutil.which("python3.13", path=str(tools)) is None
    run(str(SAM), "build", "--build-dir", str(tmp_path / "out"), env={**ENV, "PATH": str(tools)})
    with zipfile.ZipFile(ROOT / "build/lambda-asset.zip") as asset:
        files = {item.filename: item.file_size for item in asset.infolist()}
    assert {"start_workflow/handler.py", "audiences/errors.py", "aws_lambda_powertools/__init__.py"} <= set(
        files
    )
    assert not any(name.startswith("boto3/") for name in files), "boto3 comes with the runtime"
    assert not [name for name in files if name.endswith(".so") and "x86_64" in name], (
        "wheels must be for arm64"
    )
    size = sum(files.values())
    assert size < 20_000_000, f"the common asset has {size:,} bytes: nothing heavy may enter it"
