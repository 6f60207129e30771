"""Bodies of the CRM data API, and what its answers mean. Pure.

Names as partners send them (github.com/segmentio/action-destinations, the-trade-desk-crm).
`RetentionEnabled`, which they still send, was removed on 2024-09-30:
https://partner.thetradedesk.com/v3/portal/api/doc/UpgradeNotes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.model import BatchResult
from audiences.delivery.told import Told
from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Operation

REGIONS = ("US", "EU", "APAC")
# The phone's name and the merge mode Remove are not on a public page: confidence low.
_TYPES = {"email": "EmailHashedUnifiedId2", "phone": "PhoneHashedUnifiedId2"}
_MODES = {"add": "Add", "remove": "Remove", "replace": "Replace"}
_ENDED = ("Completed", "PartiallyCompleted", "Failed")  # every other status is waited for


def segment_body(advertiser: str, name: str, region: str) -> dict[str, str]:
    """Return the body that makes a CRM data segment."""
    return {"AdvertiserId": advertiser, "SegmentName": name, "Region": region}


def drop_body(operation: Operation, identifier: str | None, region: str) -> dict[str, str]:
    """Return the body that asks for an address. DataError for what CRM data does not take."""
    kind = _TYPES.get(identifier or "")
    if kind is None:
        raise DataError(
            f"The Trade Desk's CRM data takes no {identifier or 'mixed'} identifiers.",
            f"It takes {' and '.join(_TYPES)}, one kind a file.",
            "Name them in the activation's identifiers and prepare the audience again.",
        )
    if identifier == "phone" and region == "EU":
        raise DataError(
            "Segments of the region EU may not hold phone numbers.",
            "The Trade Desk refuses them.",
            'Set "identifiers": ["email"] in the activation and prepare the audience again.',
        )
    return {"PiiType": kind, "MergeMode": _MODES[operation]}


def read_drop(fields: Mapping[str, Any], rows: int) -> BatchResult | None:
    """Return how a drop of `rows` rows ended, None while it is worked on."""
    drop = Told(fields, "The Trade Desk")
    status = drop.text("Status")
    if status not in _ENDED:
        return None
    if status == "Failed":
        return BatchResult(accepted=0, rejected=rows, reasons={"the drop failed": rows})
    wrong = drop.count("InvalidRows", most=rows)
    if drop.count("ReceivedRows") < rows:
        raise drop.doubt("ReceivedRows is less than was sent")
    reasons = {"invalid id": wrong} if wrong else {}
    told = {name: drop.shown(key) for name, key in _TOLD.items() if drop.says(key)}
    return BatchResult(accepted=rows - wrong, rejected=wrong, reasons=reasons, told=told)


_TOLD = {"active_rows": "ActiveRows", "below_minimum": "IsBelowMinimum"}
