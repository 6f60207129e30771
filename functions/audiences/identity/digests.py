"""Digests in every form a platform takes, and the only door for values that arrive already hashed."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha1, sha256
from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.identity.blanks import BLANKS
from audiences.identity.reasons import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audiences.identity.identifier import Digest

_SIZES: dict[Digest, int] = {"sha256_hex": 32, "sha256_base64": 32, "sha1_hex": 20}  # bytes
_NOTHING = {sha256(b"").digest(), sha1(b"").digest()}  # noqa: S324 - recognised in order to refuse it
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+").fullmatch
_LOOKS_HASHED = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9A-Za-z+/]{43}=").fullmatch


def digest_all(kind: Digest, values: Sequence[str | None]) -> list[str | None]:
    """Digest normalised values; None stays None. Values are UTF-8 encodable and not empty by contract.

    List comprehensions with `hashlib` called directly: measured on CPython 3.11, a function per value costs a
    fifth of the whole e-mail path (`python -m bench email`).
    """
    if kind == "sha256_hex":
        return [None if value is None else sha256(value.encode()).hexdigest() for value in values]
    if kind == "sha256_base64":
        return [
            None if value is None else b64encode(sha256(value.encode()).digest()).decode() for value in values
        ]
    if kind == "sha1_hex":  # LiveRamp's phone key; not a security use
        return [None if value is None else sha1(value.encode()).hexdigest() for value in values]  # noqa: S324  # as said above
    return list(values)


def looks_hashed(text: str) -> bool:
    """Tell whether `text` has the form of an MD5, SHA-1 or SHA-256 digest, hexadecimal or base64."""
    return _LOOKS_HASHED(text) is not None


def pass_through(kind: Digest) -> Callable[[str], str]:
    """Return the check of a column declared as hashed: the value comes back in the platform's form.

    Hexadecimal and base64 of the right length are both accepted and rewritten into `kind`, never hashed
    again. SetupError when the platform takes the value unhashed: then a hash can match nobody.
    """
    if kind not in _SIZES:
        raise SetupError(
            "The column is declared as hashed, the platform takes it unhashed.",
            "A hash in a plain field matches nobody.",
            "Map a plain column, or leave this identifier out of the activation.",
        )
    size = _SIZES[kind]

    def check(value: str) -> str:
        text = value.strip(BLANKS)
        if not text:
            raise Unusable("empty")
        raw = _raw_digest(text)
        if len(raw) != size:
            raise Unusable("not_a_hash")
        if raw in _NOTHING:
            raise Unusable("hash_of_nothing")
        return b64encode(raw).decode() if kind == "sha256_base64" else raw.hex()

    return check


def _raw_digest(text: str) -> bytes:
    """Decode hexadecimal or base64; empty bytes when it is neither."""
    if _HEX(text):
        return bytes.fromhex(text)
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return b""
