"""What is remembered of an audience between deliveries: its id, its account, and whose name it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.model import Prepared
    from audiences.delivery.store import Store


def refuse_foreign(prepared: Prepared, known: Mapping[str, Any], where: str) -> None:
    """Stop before people land in an audience of another name. `where`: what is known is kept there.

    Records of former versions have no name; preparation has compared their receipts.
    """
    name = known.get("name", prepared.audience)
    if name != prepared.audience:
        raise SetupError(
            f"{where} is of the audience {name!r}, and this is {prepared.audience!r}.",
            "Its id and its ledger are the other's: these people would be sent there.",
            "Give one of them another name and prepare it again.",
        )


def remember(prepared: Prepared, store: Store, audience_id: str, account: str) -> None:
    """Keep an audience's id and account, its name, and which activations fed it."""
    before = store.audience() or {}
    fed_by = {*before.get("activations", ()), *filter(None, (prepared.activation,))}
    kept = {"id": audience_id, "account": account, "name": prepared.audience}
    after = {**before, **kept, "activations": sorted(fed_by)}
    if after != before:
        store.keep_audience(after)
