"""Uploads carry the job's key as S3 wants it, and a pre-signed URL never gets into a message."""

import base64
import hashlib
import io
import urllib.error

import pytest
from audiences.edges import customer_profiles
from audiences.errors import RetryLater

SSE = "x-amz-server-side-encryption-customer-"


def test_the_checksum_is_of_the_keys_bytes():
    key = bytes(range(32))
    token = base64.b64encode(key).decode()
    assert customer_profiles.encryption_headers(token) == {
        f"{SSE}algorithm": "AES256",
        f"{SSE}key": token,
        f"{SSE}key-MD5": base64.b64encode(hashlib.md5(key).digest()).decode(),
    }


def test_a_plain_text_key_is_encoded():
    headers = customer_profiles.encryption_headers("not base64!")
    assert base64.b64decode(headers[f"{SSE}key"]) == b"not base64!"


@pytest.mark.parametrize(
    "broken",
    [urllib.error.HTTPError("https://secret", 403, "", {}, io.BytesIO()), TimeoutError("https://secret")],
)
def test_a_refused_upload_is_tried_again_without_telling_the_url(monkeypatch, broken):
    class S3:
        def get_object(self, **_):
            return {"ContentLength": 1, "Body": io.BytesIO(b"x")}

    def urlopen(*_args, **_kwargs):
        raise broken

    monkeypatch.setattr(customer_profiles, "client", lambda _: S3())
    monkeypatch.setattr(customer_profiles.urllib.request, "urlopen", urlopen)
    with pytest.raises(RetryLater) as raised:
        customer_profiles._put("s3://b/k", "https://secret", "")
    assert "secret" not in str(raised.value)
