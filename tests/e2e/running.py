"""Starts the demo as a process of its own and reads what it leaves behind."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

from local.emulator import ROOT


def start(folder, **environment):
    """Start the demo with a folder of its own for temporary files."""
    (folder / "tmp").mkdir(parents=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "DEMO_"))}
    command = [sys.executable, "-m", "local.demo", "--output", str(folder / "demo")]
    return subprocess.Popen(
        command, cwd=ROOT, env={**env, "TMPDIR": str(folder / "tmp"), **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def end(process, folder):
    """Wait for the demo's end; return what it said and what lies in its output folder."""
    said, _ = process.communicate(timeout=600)
    output = folder / "demo"
    report = json.loads((output / "report.json").read_text()) if (output / "report.json").exists() else None
    return SimpleNamespace(code=process.returncode, said=said, output=output, report=report, folder=folder)
