"""Each platform's driver with an audience made, and all of them one after the other."""

import pytest

from tests.functional.local.platforms.drivers import DRIVERS


def ready(slug):
    driver = DRIVERS[slug]()
    assert driver.is_ok(driver.create())
    driver.ad.requests.clear()
    return driver


@pytest.fixture(params=sorted(DRIVERS))
def any_ad(request):
    return ready(request.param)


@pytest.fixture
def ad(request):
    return ready(request.module.SLUG)
