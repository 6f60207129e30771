"""Bodies of Amazon's advertiser audiences API, and what its answers mean. Pure.

Names: the page in version.py, and Amazon's OpenAPI file Advertiseraudiences_prod_3p.json, as open-source clients made
from it have them.
Audience ids are 64-bit numbers: they are kept as text and written as bare digits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import BatchResult
from audiences.delivery.told import Told
from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Operation

MAX_TTL_SECONDS = 34_300_800  # 397 days
_WHOLE = 100  # per cent
_SHORTEST, _LONGEST = 10, 128  # characters of a name
_ACTIONS = {"add": "CREATE", "remove": "DELETE"}
# PENDING, SUCCEEDED, PARTIALLYSUCCEEDED, FAILED: the page in version.py. Others are waited for.
_FAILED = frozenset({"FAILED"})
_ENDED = frozenset({"COMPLETED", "SUCCEEDED", "PARTIALLYSUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED"})


def amazon_name(name: str) -> str:
    """Return the name as Amazon takes it: letters, digits, spaces, dashes, underscores, 10 to 128 of them.

    A name that loses letters gets eight hexadecimal digits of its SHA-256: `Женщины 30+` and `Мужчины 30+` would both
    be called `30 audience`.
    """
    plain = re.sub(r"\s+", " ", re.sub(r"[^0-9A-Za-z _-]+", " ", name)).strip()
    if len(plain) < _SHORTEST:
        plain = f"{plain} audience".strip()
    if len(plain) <= _LONGEST and not any(letter.isalnum() and not letter.isascii() for letter in name):
        return plain
    return f"{plain[: _LONGEST - 9]} {hashlib.sha256(name.encode()).hexdigest()[:8]}"


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
    job = Told(fields, "Amazon Ads")
    state = job.text("jobState", "") or job.text("status", "")
    if not state:
        raise job.doubt("jobState is missing")
    if state not in _ENDED:
        return None
    refused = job.rows("invalidRecords", required=False) or job.rows("errors", required=False)
    words = Counter(row.text("error", "") or row.text("reason", "") or "invalid record" for row in refused)
    wrong = rows if state in _FAILED else _refused(job, rows, len(refused), state)
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


def _refused(job: Told, rows: int, named: int, state: str) -> int:
    """Return the number of refused records: from the percentage of good ones where that says more."""
    if job.says("recordsFailed"):
        return max(job.count("recordsFailed", most=rows), min(named, rows))
    done = job.part("successful", required=False)
    rate = done.fields.get("recordsProcessedRate")
    if rate is None and not named and state.startswith("PARTIAL"):
        raise job.doubt("it ended in part and does not say for how many records")
    if rate is None:
        return min(named, rows)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= _WHOLE:
        raise job.doubt("recordsProcessedRate is no percentage")
    return max(min(named, rows), rows - round(rows * rate / _WHOLE))
