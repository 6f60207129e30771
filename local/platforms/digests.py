"""Reads hashed identifiers as strictly as a platform should, a million in about a second.

A digest is kept as its bytes, an identifier that is sent plain as its text.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from local.platforms.wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Key = bytes | str
_HEX = b"0123456789abcdef"
_NOTHING = hashlib.sha256(b"").digest()  # e3b0c442…: what hashing an empty cell leaks


def read_hex(values: Sequence[Any], *, sizes: frozenset[int] = frozenset({64})) -> list[bytes | None]:
    """Return the digests of lower-case hex texts, None where a value is none; Refusal for personal data.

    sizes: permitted lengths in characters; 64 is SHA-256.
    """
    try:
        joined = "".join(values)
    except TypeError:
        return _read_slowly(values, sizes)
    if "@" in joined:
        raise Refusal("raw_data", "The request holds addresses that were not hashed.")
    raw = joined.encode("utf-8", "replace")
    if sizes == {64} and len(raw) == 64 * len(values) and set(map(len, values)) <= {64}:  # noqa: SIM102  # two thoughts
        if not raw.translate(None, _HEX):
            blob = bytes.fromhex(joined)
            keys: list[bytes | None] = [blob[at : at + 32] for at in range(0, len(blob), 32)]
            return _checked(keys)
    return _read_slowly(values, sizes)


def _read_slowly(values: Sequence[Any], sizes: frozenset[int]) -> list[bytes | None]:
    return _checked([_read_one(value, sizes) for value in values])


def _read_one(value: Any, sizes: frozenset[int]) -> bytes | None:
    if isinstance(value, str) and "@" in value:
        raise Refusal("raw_data", "The request holds addresses that were not hashed.")
    if (
        not isinstance(value, str)
        or len(value) not in sizes
        or value.encode("utf-8", "replace").translate(None, _HEX)
    ):
        return None
    return bytes.fromhex(value)


def read_base64(values: Iterable[Any]) -> list[bytes | None]:
    """Return the digests of base64 texts of 32 bytes (44 characters), None where a value is none."""
    keys: list[bytes | None] = []
    for value in values:
        if isinstance(value, str) and "@" in value:
            raise Refusal("raw_data", "The request holds addresses that were not hashed.")
        try:
            raw = (
                base64.b64decode(value, validate=True) if isinstance(value, str) and len(value) == 44 else b""
            )
        except ValueError:
            raw = b""
        keys.append(raw if len(raw) == 32 else None)
    return _checked(keys)


def _checked(keys: list[bytes | None]) -> list[bytes | None]:
    if _NOTHING in keys:
        raise Refusal("raw_data", "The request holds the hash of an empty value.")
    return keys


def show(key: Key) -> str:
    """Return a key as text that names nobody: a digest in hex, a plain identifier hashed."""
    return key.hex() if isinstance(key, bytes) else hashlib.sha256(key.encode()).hexdigest()
