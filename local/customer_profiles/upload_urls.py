"""Signs the paths of upload jobs and checks what is PUT to them, by S3's rules for pre-signed SSE-C.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

PATH = "/_local/customer-profiles/uploads/"
VALID_SECONDS = 900  # of real time; AWS only says that ValidUntil tells
_SSE = "x-amz-server-side-encryption-customer-"


class UploadError(Exception):
    """What S3 would answer: HTTP status, code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep the parts of the answer."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def make_url(endpoint: str, job_id: str, secret: bytes) -> tuple[str, int]:
    """Return a signed URL for a job's file and the Unix time it is valid until."""
    expires = int(time.time()) + VALID_SECONDS
    query = urlencode({"expires": expires, "signature": _sign(job_id, str(expires), secret)})
    return f"{endpoint}{PATH}{job_id}?{query}", expires


def check_signature(job_id: str, query: dict[str, Any], secret: bytes) -> None:
    """Raise UploadError (403) unless the URL is one of ours and still valid."""
    expires, signature = _first(query.get("expires")), _first(query.get("signature"))
    if not hmac.compare_digest(signature, _sign(job_id, expires, secret)):
        raise UploadError(403, "SignatureDoesNotMatch", "The request signature does not match the URL.")
    if int(expires) < time.time():
        raise UploadError(403, "AccessDenied", "Request has expired")


def check_key(headers: dict[str, str], client_token: str) -> None:
    """Raise UploadError unless the three SSE-C headers (names in lower case) carry the job's key.

    The MD5 header is base64 of the MD5 of the decoded key, not of its text.
    """
    algorithm, key, digest = (headers.get(_SSE + name) for name in ("algorithm", "key", "key-md5"))
    if algorithm is None or key is None or digest is None:
        raise UploadError(
            403, "SignatureDoesNotMatch", "The three SSE-C headers are signed and must be sent."
        )
    if algorithm != "AES256":
        raise UploadError(400, "InvalidEncryptionAlgorithmError", "The encryption algorithm must be AES256.")
    if key != client_token:
        raise UploadError(403, "AccessDenied", "The customer key is not the ClientToken of the upload job.")
    expected = hashlib.md5(base64.b64decode(key), usedforsecurity=False).digest()
    try:
        matches = base64.b64decode(digest, validate=True) == expected
    except binascii.Error:
        matches = False
    if not matches:
        raise UploadError(
            400,
            "InvalidArgument",
            "The calculated MD5 hash of the key did not match the hash that was provided.",
        )


def xml_error(error: UploadError) -> tuple[int, dict[str, str], bytes]:
    """Return S3's error answer."""
    text = f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return error.status, {"Content-Type": "application/xml"}, body


def _sign(job_id: str, expires: str, secret: bytes) -> str:
    return hmac.new(secret, f"{job_id}\n{expires}".encode(), hashlib.sha256).hexdigest()


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) and value else value or "")
