"""A message is read as it came, put off as long as asked, and never decoded."""

import json

import pytest
from audiences.delivery.message import LONGEST_DELAY, Message
from audiences.errors import DataError, RetryLater


def event(key):
    return json.dumps({"detail": {"bucket": {"name": "b"}, "object": {"key": key}}})


def test_an_s3_event_is_read_and_its_key_is_not_decoded():
    assert (
        Message.read(event("prepared/meta/A+b%20c/r/manifest.json")).key
        == "prepared/meta/A+b%20c/r/manifest.json"
    )


def test_our_own_form_survives_the_queue():
    message = Message("b", "k", 1.5, 2, 3.5)
    assert Message.read(message.body()) == message


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"detail": 1}', '{"deliver": {}}', '"text"'])
def test_anything_else_is_a_data_error(body):
    with pytest.raises(DataError):
        Message.read(body)


def test_the_wait_doubles_and_counts_from_the_first_time():
    message, delays = Message("b", "k"), []
    for _ in range(7):
        message, delay = message.later(RetryLater("busy"), now=100.0, jitter=1.0)
        delays.append(delay)
    assert delays == [30, 60, 120, 240, 480, 900, 900]
    assert message.since == 100.0


def test_a_longer_wait_than_sqs_can_hold_is_kept_in_the_message():
    message, delay = Message("b", "k").later(RetryLater("busy", retry_after=4000), now=0.0, jitter=0.0)
    assert (delay, message.waiting) == (LONGEST_DELAY, 3100.0)


def test_headway_forgets_the_waiting():
    message, delay = Message("b", "k", 5.0, 9).later(RetryLater("on", retry_after=0), now=100.0, jitter=0.5)
    assert (delay, message.since, message.attempt) == (0, 0, 0)
