"""Every form in which a platform says how long to wait is understood, and nonsense is no wait."""

import json
from email.utils import formatdate

import pytest
from audiences.delivery.patience import Patience
from audiences.delivery.waits import read_wait
from audiences.errors import RetryLater

NOW = 1_790_000_000.0
USAGE = json.dumps(
    {"1": [{"estimated_time_to_regain_access": 0}], "2": [{"estimated_time_to_regain_access": 3}]}
)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "7"}, None, 7),
        ({"retry-after": "1.5"}, None, 1.5),
        ({"retry-after": formatdate(NOW + 90, usegmt=True)}, None, 90),
        ({"retry-after": formatdate(NOW - 90, usegmt=True)}, None, 0),
        ({"ratelimit-reset": "12"}, None, 12),
        ({"x-ratelimit-reset": "30, 30;window=60"}, None, 30),
        ({"x-rate-limit-reset": str(int(NOW) + 44)}, None, 44),
        ({"x-ratelimit-reset": str(int((NOW + 5) * 1000))}, None, 5),
        ({"x-ratelimit-reset": "2026-09-21T14:14:20+00:00"}, None, 60),
        ({"x-business-use-case-usage": USAGE}, None, 180),
        ({"x-business-use-case-usage": "{broken"}, None, None),
        ({}, {"error": {"details": [{"@type": "x/google.rpc.RetryInfo", "retryDelay": "3.5s"}]}}, 3.5),
        ({}, {"retryAfter": 20}, 20),
        ({}, {"error": {"details": None}}, None),
        ({"retry-after": "soon"}, "text", None),
        ({}, None, None),
    ],
)
def test_a_wait_is_read(headers, body, seconds):
    assert read_wait(headers, body, NOW) == seconds


def make(**options):
    slept = []
    patience = Patience(clock=lambda: NOW + sum(slept), sleep=slept.append, jitter=lambda: 0.5, **options)
    return patience, slept


def failing(times, **error):
    left = [times]

    def work():
        if left[0]:
            left[0] -= 1
            raise RetryLater("busy", **error)
        return "done"

    return work


def test_the_platforms_word_comes_before_the_back_off():
    patience, slept = make()
    assert patience.insist(failing(2, retry_after=7)) == "done"
    assert slept == [7.5, 7.5]


def test_without_a_word_the_wait_doubles():
    patience, slept = make()
    assert patience.insist(failing(3)) == "done"
    assert slept == [1, 2, 4]


def test_a_wait_that_is_too_long_is_left_to_the_queue():
    patience, slept = make()
    with pytest.raises(RetryLater):
        patience.insist(failing(1, retry_after=31))
    assert slept == []


def test_nothing_is_slept_past_the_deadline_and_nothing_begun_after_it():
    patience, slept = make(deadline=NOW + 50, reserve=45)
    with pytest.raises(RetryLater):
        patience.insist(failing(1, retry_after=6))
    assert slept == []
    patience.check("x")
    patience, _ = make(deadline=NOW + 45, reserve=45)
    with pytest.raises(RetryLater) as error:
        patience.check("x")
    assert error.value.retry_after == 0


def test_attempts_end():
    patience, slept = make(attempts=3)
    with pytest.raises(RetryLater):
        patience.insist(failing(9))
    assert len(slept) == 2
