"""Items of a customer list: the prepared lines become a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiences.delivery import Batch

_TYPES = {"email": "Email", "phone": "Phone", "external_id": "CRM"}
_ACTIONS = {"add": "Add", "remove": "Remove", "replace": "Replace"}


def build_body(audience_id: str, batch: Batch) -> dict[str, Any]:
    """Return the body of Apply, as PyPI msads 13.0.30.1 sends it."""
    return {
        "CustomerListUserData": {
            "AudienceId": audience_id,
            "ActionType": _ACTIONS[batch.operation],
            "CustomerListItemSubType": _TYPES[batch.identifier or "email"],
            "CustomerListItems": batch.read().decode().splitlines(),
        }
    }
