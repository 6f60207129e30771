"""The scaffold is replayed: a platform that was only just begun passes every contract test and the linter."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.scaffold_platform import scaffold

ROOT = Path(__file__).resolve().parents[2]
SLUG = "example_ads"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkout")
    keep_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("functions/audiences", "local", "tests/contract"):
        shutil.copytree(ROOT / name, root / name, ignore=keep_out)
    shutil.copy(ROOT / "pyproject.toml", root)
    scaffold(SLUG, root)
    return root


def run(copy, *command):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (copy / "functions", copy)))}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=copy, env=env, capture_output=True, text=True, check=False
    )


def test_a_scaffolded_platform_passes_the_contract(copy):
    done = run(copy, "pytest", "tests/contract/test_platforms.py", "-q", "-p", "no:cacheprovider", "-k", SLUG)
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(done.stdout.rsplit(" passed", 1)[0].rsplit(None, 1)[-1]) > 20


def test_a_scaffolded_platform_passes_the_linter(copy):
    paths = [
        f"functions/audiences/platforms/{SLUG}",
        f"local/platforms/{SLUG}.py",
        "local/platforms/registry.py",
    ]
    done = run(copy, "ruff", "check", "--no-cache", *paths)
    assert done.returncode == 0, done.stdout
    done = run(copy, "ruff", "format", "--no-cache", "--check", *paths)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("slug", ["", "Meta", "../x", "meta"])
def test_a_slug_that_is_no_name_or_taken_is_refused(slug):
    with pytest.raises(ValueError, match=r"slug|already"):
        scaffold(slug)
