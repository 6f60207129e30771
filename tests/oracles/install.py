"""Installs the platforms' own software into build/oracles/<name>, each apart from the others and from us."""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "oracles"
FROM_NPM = ("meta", "prism")
INSTALL_SECONDS = 300


def install(name):
    """Return build/oracles/<name> with the pinned package in it.

    CalledProcessError when that fails, TimeoutExpired after five minutes.
    """
    target = BUILD / name
    wanted = (HERE / f"requirements-{name}.txt").read_text(encoding="utf-8")
    done = target / "installed.txt"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return target
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    packages = [line for line in wanted.splitlines() if line and not line.startswith("#")]
    if name in FROM_NPM:
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(target), *packages]
    else:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command = [*pip, "--no-deps", "--target", str(target), *packages]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    done.write_text(wanted, encoding="utf-8")
    return target


if __name__ == "__main__":
    for requirement in sorted(HERE.glob("requirements-*.txt")):
        print(install(requirement.stem.removeprefix("requirements-")))
