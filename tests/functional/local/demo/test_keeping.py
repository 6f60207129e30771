"""With DEMO_KEEP=1 the stand-ins of the ad platforms outlive the demo, and end by the command it printed."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.demo.ad_platforms_process import AdPlatformsProcess
from local.emulator import ROOT, EmulatorError
from local.platforms.meta import ACCESS_TOKEN

# The embedded AWS is played by a process that does nothing.
STARTER = """
import subprocess, sys
from pathlib import Path
from local.demo.ad_platforms_process import AdPlatformsProcess
from local.demo.looking_around import leave_running

class Aws:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    def outputs(self):
        return {"AudienceBucketName": "audience"}
    def detach(self):
        nothing = subprocess.DEVNULL
        return subprocess.Popen(["sleep", "60"], stdout=nothing, stderr=nothing).pid

output = Path(sys.argv[1])
with AdPlatformsProcess({"meta", "liveramp"}, {"Action-lovers"}, output / "ads.log") as ads:
    print("\\n".join(leave_running(Aws(), ads, output)))
"""


def ask(url, body=None):
    headers = {"Authorization": f"Bearer {ACCESS_TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


@pytest.fixture
def kept(tmp_path):
    """What is said and reached after the process that started everything has ended."""
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    delivered = {"segments": [{"file": "segments/personalize/Action/Action_1.csv"}]}
    (manifests / "meta.json").write_text(json.dumps(delivered))
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    stop = re.search(r"^Stop everything with: (kill \d+ \d+)$", done.stdout, re.MULTILINE)[1]
    look = re.search(r"curl .*'(http://\S+)/\{meta\}'", done.stdout)[1]
    folder = Path(re.search(r"by SFTP: (\S+)/ ", done.stdout)[1])
    yield SimpleNamespace(said=done.stdout, stop=stop, look=f"{look}/meta", folder=folder)
    subprocess.run(["sh", "-c", stop], check=False, stderr=subprocess.DEVNULL)


def wait_for_the_end_of(url):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            ask(url)
        except OSError as error:
            if isinstance(getattr(error, "reason", error), ConnectionRefusedError):
                return
        time.sleep(0.05)
    raise AssertionError(f"{url} still answers")


def test_they_outlive_their_starter_and_stop_by_the_printed_command(kept):
    assert ask(kept.look) == {"audiences": []}
    assert (kept.folder / "Action-lovers").is_dir()
    meta = kept.look.replace("_admin/audiences/meta", "meta/v26.0/act_1/customaudiences")
    ask(meta, {"name": "Action", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"})
    (audience,) = ask(kept.look)["audiences"]
    assert (audience["name"], audience["members"]) == ("Action", 0)
    subprocess.run(["sh", "-c", kept.stop], check=True)
    wait_for_the_end_of(kept.look)
    assert not kept.folder.exists()


def test_the_next_segment_goes_beside_the_one_that_was_delivered(kept):
    (upload,) = [line for line in kept.said.splitlines() if "s3 cp" in line]
    assert upload.endswith("aws s3 cp - s3://audience/segments/personalize/Action/more.csv")


def test_they_end_with_the_demo_unless_they_are_left(tmp_path):
    with AdPlatformsProcess({"meta"}, {"Action-lovers"}, tmp_path / "ads.log") as ads:
        assert ask(f"{ads.addresses.admin}/audiences/meta") == {"audiences": []}
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(f"{ads.addresses.admin}/audiences/meta")
    assert not Path(ads.addresses.folder).exists()


def test_stand_ins_that_do_not_start_name_their_log(tmp_path):
    log = tmp_path / "ads.log"
    with pytest.raises(EmulatorError, match=re.escape(str(log))), AdPlatformsProcess(set(), {".."}, log):
        pass
    assert "FileExistsError" in log.read_text()
