"""What DEMO_KEEP=1 promises: the printed commands, typed as written, deliver one more segment file."""

import json
import os
import re
import subprocess
import time

from local.emulator import ROOT


def printed(demo, what):
    """The one command among those the demo printed that contains `what`."""
    (command,) = [line.strip() for line in demo.said.splitlines() if what in line]
    return command


def shell(command):
    env = {**os.environ, "PATH": f"{ROOT / '.venv-sam/bin'}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-ec", command], env=env, capture_output=True, text=True, check=True).stdout


def sizes(look):
    """`{platform: number of members}` of the platforms' one audience."""
    told = re.findall(r"^(\{.*\}) http://\S+/(\w+)$", shell(look), re.MULTILINE)
    return {slug: sum(one["members"] for one in json.loads(text)["audiences"]) for text, slug in told}


def test_a_segment_uploaded_after_the_demo_reaches_every_platform(demo):
    look = printed(demo, "curl ")
    before = sizes(look)
    assert len(before) >= 8
    assert all(before.values())
    shell(printed(demo, "s3 cp"))
    deadline = time.monotonic() + 300
    while not all(after > before[slug] for slug, after in sizes(look).items()):
        assert time.monotonic() < deadline, (before, sizes(look))
        time.sleep(0.5)
