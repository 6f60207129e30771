"""Items of a customer list: the prepared lines become a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiences.delivery import Batch

_ACTIONS = {"add": "Add", "remove": "Remove", "replace": "Replace"}


def build_body(audience_id: str, batch: Batch, *, accepts_terms: bool = False) -> dict[str, Any]:
    """Return the body of Apply, as PyPI msads 13.0.30.1 sends it. Without a word on the terms those of the UI count.

    https://learn.microsoft.com/en-us/advertising/campaign-management-service/customerlistuserdata
    """
    data = {
        "AudienceId": audience_id,
        "ActionType": _ACTIONS[batch.operation],
        "CustomerListItemSubType": "Email",
        "CustomerListItems": batch.read().decode().splitlines(),
    }
    return {"CustomerListUserData": {**data, "AcceptCustomerMatchTerm": True} if accepts_terms else data}
