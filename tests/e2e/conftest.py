"""One demo for all who look at it."""

import re
import subprocess

import pytest

from .running import end, start


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo on its own data, left running (DEMO_KEEP=1) to be looked at, and stopped in the end."""
    folder = tmp_path_factory.mktemp("demo")
    done = end(start(folder, DEMO_KEEP="1"), folder)
    stop = re.search(r"Stop everything with: (.*)", done.said)
    try:
        assert done.code == 0, done.said
        done.endpoint = re.search(r"AWS_ENDPOINT_URL=(\S+)", done.said)[1]
        yield done
    finally:
        if stop:
            subprocess.run(["sh", "-c", stop[1]], check=True)
