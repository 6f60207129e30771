"""One bucket in moto for all tests of a module, which is quicker; each test's own fixture empties it."""

import pytest

from tests.functional.pretended_aws import audience_bucket


@pytest.fixture(scope="module")
def cloud():
    with audience_bucket() as bucket:
        yield bucket
