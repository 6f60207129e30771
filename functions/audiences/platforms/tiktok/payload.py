"""Bodies of TikTok's customer file API, and what its answers mean: always HTTP 200, the code tells. Pure.

Fields as PyPI tiktok-business-api-sdk-official 1.1.3 sends them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import BatchResult
from audiences.delivery.told import Told
from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Operation

_COLUMNS = {b"email_sha256": "EMAIL_SHA256", b"phone_sha256": "PHONE_SHA256"}
_KNOWN = frozenset({*_COLUMNS, b"maid_sha256"})
MINIMUM = 1_000  # matched people
_ACTIONS = {"add": "APPEND", "remove": "REMOVE", "replace": "REPLACE"}
# The codes: https://business-api.tiktok.com/portal/docs?id=1737172488964097
BUSY_CODES = frozenset({40016, 40100, 40133, 50002})
TOKEN_CODES = frozenset({40102, 40104, 40105})
PERMISSION_CODES = frozenset({40001})


def split_file(data: bytes) -> tuple[str, bytes]:
    """Return the calculate type and the file to upload: bare hashes for one kind of id, else with header."""
    head, newline, rest = data.partition(b"\n")
    columns = [name.strip().lower() for name in head.split(b",")]
    if not newline or not _KNOWN.issuperset(columns):
        raise DataError(
            "A prepared file for TikTok has no header of its kinds of ids.",
            "The file was changed, or prepared by an older version.",
            "Prepare the audience again.",
        )
    if len(columns) == 1 and columns[0] in _COLUMNS:
        return _COLUMNS[columns[0]], rest
    return "MULTIPLE_TYPES", data


def upload_parts(advertiser: str, calculate_type: str, name: str, content: bytes) -> dict[str, str]:
    """Return the text parts of an upload; the signature is the file's MD5, as TikTok asks."""
    return {
        "advertiser_id": advertiser,
        "calculate_type": calculate_type,
        "file_signature": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "file_name": name,
    }


def multipart(parts: Mapping[str, str], name: str, content: bytes) -> tuple[str, bytes]:
    """Return content type and body of a multipart form (RFC 7578). The boundary follows from the content."""
    boundary = f"relay-{hashlib.sha256(content).hexdigest()[:32]}"
    pieces = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in parts.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    file = f"{head}Content-Type: text/csv\r\n\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", b"".join(
        [*pieces, file, content, f"\r\n--{boundary}--\r\n".encode()]
    )


def create_body(advertiser: str, name: str, place: Mapping[str, str], retention_days: int) -> dict[str, Any]:
    """Return the body that makes an audience of its first file."""
    return {
        "advertiser_id": advertiser,
        "custom_audience_name": name,
        "calculate_type": place["calculate_type"],
        "file_paths": [place["file_path"]],
        "retention_in_days": retention_days,
        "audience_sub_type": "NORMAL",
    }


def update_body(
    advertiser: str, audience: str, operation: Operation, place: Mapping[str, str]
) -> dict[str, Any]:
    """Return the body of a change. The action is always said: the SDK's default is REPLACE."""
    return {
        "advertiser_id": advertiser,
        "custom_audience_id": audience,
        "action": _ACTIONS[operation],
        "file_paths": [place["file_path"]],
    }


def read_details(data: Mapping[str, Any], rows: int) -> BatchResult | None:
    """Return how the files of an audience ended, None while TikTok works on them."""
    details = Told(data, "TikTok").first("list").part("audience_details")
    error, state = details.text("error_msg", ""), details.text("audience_status", "")
    if state == "FAILED":
        return BatchResult(accepted=0, rejected=rows, reasons={error or "the file failed": rows})
    if details.fields.get("is_valid") is not True and state != "READY":
        return None
    return _ended(details, error, rows)


def read_overdue(data: Mapping[str, Any], rows: int) -> BatchResult | None:
    """Return how files count that TikTok took two days ago: below its minimum it never calls an audience valid.

    None where it says that it still works on them, or that something is wrong.
    https://ads.tiktok.com/help/article/custom-audiences: an audience needs 1,000 people to be used.
    """
    details = Told(data, "TikTok").first("list").part("audience_details")
    if details.text("audience_status", "") or details.text("error_msg", "") or details.fields.get("is_valid"):
        return None
    if details.count("cover_num") >= MINIMUM:
        return None
    return _ended(details, "", rows)


def _ended(details: Told, error: str, rows: int) -> BatchResult:
    told: dict[str, Any] = {"matched": details.count("cover_num")} if details.says("cover_num") else {}
    if details.fields.get("is_valid") is False:
        known = f"{told['matched']:,} people" if told else "too few people"
        told["warning"] = (
            f"TikTok does not use the audience yet: it recognised {known}, and it needs {MINIMUM:,}. "
            "They are kept; add more people."
        )
    wrong = min(_leading_number(error), rows)
    reasons = {"unreadable id": wrong} if wrong else {}
    return BatchResult(accepted=rows - wrong, rejected=wrong, reasons=reasons, told=told)


def _leading_number(text: str) -> int:
    digits = text.split(" ", 1)[0]
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else 0
