"""The tutorial's commands, typed as written, with this session's demo in the place of `make demo`."""

import re
import subprocess

from local.emulator import ROOT

PAGE = ROOT / "docs/tutorials/follow-a-segment.md"


def test_the_tutorial_works_as_written(demo, tmp_path):
    commands = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert commands[0] == "make demo\n"
    said = []
    for command in commands[1:]:
        here = command.replace("build/demo", str(demo.output)).replace("build/tutorial", str(tmp_path))
        done = subprocess.run(["bash", "-euc", here], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, command + done.stdout + done.stderr
        said.append(done.stdout)
    _, ids, first, mailboxes, again = said
    assert len(ids.split()) == 4
    assert mailboxes.startswith("janedoe@gmail.com\t")
    assert int(re.search(r"(\d+)  sent", first)[1]) > 200
    assert int(re.search(r"(\d+)  sent", again)[1]) == 0
    assert re.search(r"(\d+)  sent", first)[1] == re.search(r"(\d+)  unchanged", again)[1]
