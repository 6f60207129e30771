"""Records of a customer list: the prepared lines become one text with commas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiences.delivery import Batch

_TYPES = {"email": "EMAIL", "maid": "MAID"}


def join_records(batch: Batch) -> str:
    """Return the batch's ids, separated by commas."""
    return batch.read().decode().strip().replace("\n", ",")


def build_list(name: str, batch: Batch) -> dict[str, Any]:
    """Return the body that makes a list. https://developers.pinterest.com/docs/api/v5/customer_lists-create."""
    return {"name": name, "list_type": _TYPES[batch.identifier or "email"], "records": join_records(batch)}


def build_change(batch: Batch) -> dict[str, Any]:
    """Return the body that changes a list."""
    operation = "REMOVE" if batch.operation == "remove" else "ADD"
    return {"operation_type": operation, "records": join_records(batch)}
