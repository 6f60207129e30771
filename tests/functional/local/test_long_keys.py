"""The embedded S3 takes keys as long as AWS's S3 does, and no longer."""

import pytest
from ministack.services import s3

from local.ministack_patches import refuse_long_keys


@pytest.fixture
def put(monkeypatch):
    monkeypatch.setattr(s3, "_dispatch", lambda *_: (200, {}, b""))
    refuse_long_keys()
    return lambda key: s3._dispatch("PUT", "bucket", key, {}, b"", {})


@pytest.mark.parametrize("key", ["", "x" * 1_024, "é" * 512, "女" * 341])
def test_a_key_of_1024_bytes_is_taken(put, key):
    assert put(key) == (200, {}, b"")


@pytest.mark.parametrize("key", ["x" * 1_025, "é" * 513, "女" * 342])
def test_a_longer_key_is_refused(put, key):
    status, _, body = put(key)
    assert status == 400
    assert b"<Code>KeyTooLongError</Code>" in body
