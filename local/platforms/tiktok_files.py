"""Reads TikTok customer files: bare hashes of one kind, or columns of several kinds under a header."""

from __future__ import annotations

from collections import Counter

from local.platforms.digests import Key, read_hex
from local.platforms.wire import Refusal

# calculate_type -> length of a digest in characters
CALCULATE_TYPES = {
    "EMAIL_SHA256": 64,
    "PHONE_SHA256": 64,
    "IDFA_SHA256": 64,
    "GAID_SHA256": 64,
    "IDFA_MD5": 32,
    "GAID_MD5": 32,
    "MULTIPLE_TYPES": 0,
}
# https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file
_COLUMNS = {"maid": 0, "maid_sha256": 64, "maid_md5": 32, "email_sha256": 64, "phone_sha256": 64}
_MOST_OF_A_KIND = 3


def read_file(content: bytes, calculate_type: str) -> tuple[list[Key], int]:
    """Return the keys of a file and how many ids were none; Refusal when its form is wrong."""
    if calculate_type not in CALCULATE_TYPES:
        raise Refusal("bad_request", "calculate_type is unknown.")
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise Refusal("bad_request", "The file is not UTF-8.") from None
    if calculate_type != "MULTIPLE_TYPES":
        return _read_column([line for line in lines if line], CALCULATE_TYPES[calculate_type])
    header = [name.strip().lower() for name in lines[0].split(",")]
    if not set(header) <= _COLUMNS.keys():
        raise Refusal("bad_request", f"A column must be one of {sorted(_COLUMNS)}.")
    if max(Counter(header).values()) > _MOST_OF_A_KIND:
        raise Refusal("bad_request", f"A kind of id may have at most {_MOST_OF_A_KIND} columns.")
    rows = [line.split(",") for line in lines[1:] if line]
    if any(len(row) != len(header) for row in rows):
        raise Refusal("bad_request", "A row has another number of columns than the header.")
    keys: list[Key] = []
    unreadable = 0
    for at, name in enumerate(header):
        found, wrong = _read_column([row[at] for row in rows if row[at]], _COLUMNS[name])
        keys += found
        unreadable += wrong
    return keys, unreadable


def _read_column(values: list[str], size: int) -> tuple[list[Key], int]:
    if not size:  # MAID: sent plain
        if any("@" in value for value in values):
            raise Refusal("raw_data", "The file holds addresses that were not hashed.")
        return [*values], 0
    digests = read_hex(values, sizes=frozenset({size}))
    good: list[Key] = [key for key in digests if key is not None]
    if values and not good:
        raise Refusal("bad_request", "No line of the file is a hash of the announced kind.")
    return good, len(values) - len(good)
