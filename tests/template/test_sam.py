"""The real tools accept the templates: cfn-lint, `sam validate --lint`, `sam build` without Docker."""

import os
import shutil
import subprocess
import sys
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
    for tool in ("make", "sh", "bash", "cp", "mv", "rm", "mkdir", "tar", "touch", "find", "env", "git"):
        found = shutil.which(tool)
        if found:
            (tools / tool).symlink_to(found)
    (tools / "python3").symlink_to(sys.executable)
    assert shutil.which("docker", path=str(tools)) is None
    assert shutil.which("python3.13", path=str(tools)) is None
    run(str(SAM), "build", "--build-dir", str(tmp_path / "out"), env={**ENV, "PATH": str(tools)})
    built = list((tmp_path / "out").rglob("start_workflow/handler.py"))
    assert built
    asset = built[0].parents[1]
    assert (asset / "aws_lambda_powertools").is_dir()
    assert (asset / "audiences/errors.py").is_file()
    assert not (asset / "boto3").exists(), "boto3 comes with the runtime"
    size = sum(f.stat().st_size for f in asset.rglob("*") if f.is_file())
    assert size < 20_000_000, f"the common asset has {size:,} bytes: nothing heavy may enter it"
    assert not [f for f in asset.rglob("*.so") if "x86_64" in f.name], "wheels must be for arm64"
