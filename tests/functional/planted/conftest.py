"""One pretended AWS for all: starting it costs more than every test in it."""

import pytest
from audiences.edges import aws
from moto import mock_aws

from tests.functional.planted.world import SETTINGS, World


@pytest.fixture(scope="module")
def account():
    aws.client.cache_clear()
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        yield World(patch.setenv)
    aws.client.cache_clear()


@pytest.fixture
def world(account):
    yield account
    account.forget()
