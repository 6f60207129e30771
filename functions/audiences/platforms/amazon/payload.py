"""Bodies of Amazon's advertiser audiences API, and what its answers mean. Pure.

Names: Amazon's OpenAPI file Advertiseraudiences_prod_3p.json, as open-source clients made from it have them.
Audience ids are 64-bit numbers: they are kept as text and written as bare digits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import BatchResult
from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Operation

MAX_TTL_SECONDS = 34_300_800  # 397 days
_SHORTEST, _LONGEST = 10, 128  # characters of a name
_ACTIONS = {"add": "CREATE", "remove": "DELETE"}
_FAILED = frozenset({"FAILED"})
_ENDED = frozenset({"COMPLETED", "SUCCEEDED", "PARTIALLYSUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED"})


def amazon_name(name: str) -> str:
    """Return the name as Amazon takes it: letters, digits, spaces, dashes, underscores, 10 to 128 of them."""
    plain = re.sub(r"\s+", " ", re.sub(r"[^0-9A-Za-z _-]+", " ", name)).strip()
    if len(plain) < _SHORTEST:
        plain = f"{plain} audience".strip()
    return plain[:_LONGEST]


def external_id(advertiser: str, name: str) -> str:
    """Return our id of an audience, the same whenever it is asked for."""
    return hashlib.sha256(f"{advertiser}\x1f{name}".encode()).hexdigest()[:32]


def metadata_body(advertiser: str, name: str, country: str, ttl_seconds: int) -> dict[str, Any]:
    """Return the body that makes an audience."""
    if not 0 < ttl_seconds <= MAX_TTL_SECONDS:
        raise DataError(f"ttl_seconds is {ttl_seconds}.", "", f"Use 1 to {MAX_TTL_SECONDS} (397 days).")
    body: dict[str, Any] = {
        "name": amazon_name(name),
        "description": f"{amazon_name(name)} from Audience Relay",
        "targetResource": {"advertiserId": advertiser},
        "metadata": {"externalAudienceId": external_id(advertiser, name), "ttl": ttl_seconds},
    }
    return {**body, "countryCode": country} if country else body


def records_body(audience_id: str, operation: Operation, data: bytes) -> bytes:
    """Return the records of a part, each with its action, for one audience."""
    action = _ACTIONS[operation]
    records = [{**record, "action": action} for record in json.loads(data)]
    for record in records:
        record.setdefault("hashedPII", [])
    return json.dumps(
        {"audienceId": int(audience_id), "records": records}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def read_job(fields: Mapping[str, Any], rows: int) -> BatchResult | None:
    """Return how a job of `rows` records ended, None while it goes on. Only some refused ones are named."""
    state = str(fields.get("jobState") or fields.get("status") or "")
    if state not in _ENDED:
        return None
    refused = fields.get("invalidRecords") or fields.get("errors") or []
    words = Counter(str(row.get("error") or row.get("reason") or "invalid record") for row in refused)
    wrong = min(_refused(fields, rows, len(refused)), rows)
    if state in _FAILED:
        wrong = rows
    reasons = (
        dict(words.most_common())
        if wrong == words.total()
        else ({"refused by Amazon": wrong} if wrong else {})
    )
    told = (
        {"audience_size": fields["audienceSize"]}
        if isinstance(fields.get("audienceSize"), int | dict)
        else {}
    )
    return BatchResult(accepted=rows - wrong, rejected=wrong, reasons=reasons, told=told)


def _refused(fields: Mapping[str, Any], rows: int, named: int) -> int:
    """Return the number of refused records: from the percentage of good ones where that says more."""
    if isinstance(fields.get("recordsFailed"), int):
        return int(fields["recordsFailed"])
    rate = (fields.get("successful") or {}).get("recordsProcessedRate")
    by_rate = (
        rows - round(rows * min(max(float(rate), 0.0), 100.0) / 100) if isinstance(rate, int | float) else 0
    )
    return max(named, by_rate)
