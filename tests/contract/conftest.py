"""The world of each platform with an API."""

import pytest

from tests.contract.scenarios import GROUPS
from tests.contract.world import World


@pytest.fixture(params=GROUPS["api"])
def world(request, tmp_path):
    return World(request.param, tmp_path)
