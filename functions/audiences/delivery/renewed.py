"""An audience that is gone at its platform, and its successor: the ledger says what the old one held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.opening import write_extra
from audiences.errors import AudienceError, DataError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.client import Client
    from audiences.delivery.model import Audience, Prepared
    from audiences.delivery.store import Store
    from audiences.preparation.shape import Shape


def if_gone(
    prepared: Prepared, client: Client, store: Store, audience: Audience, error: AudienceError
) -> AudienceError:
    """Return what to say when the audience that was delivered to is not there any more, else `error`."""
    if audience.created or not audience.id or not client.lists_audiences:
        return error
    try:
        found = client.find_audience(prepared.audience)
    except AudienceError:
        return error  # the platform cannot be asked: its first answer is the better word
    if found is not None and found.id in ("", audience.id):
        return error
    return SetupError(
        f"{prepared.audience} is not on {prepared.platform} any more: it was deleted or renamed there.",
        f"It had the id {audience.id}. {error.what}",
        f"Delete {store.uri('audience')}, then redrive: the audience is made if it is not there, and "
        "everybody is sent again.",
    )


def whole_again(
    prepared: Prepared, store: Store, shape: Shape, plan: Mapping[str, Any], *, created: bool
) -> dict[str, Any] | None:
    """Return the plan that sends everybody, because the ledger is not this audience's. None without need."""
    held = plan["now"]
    if not held or shape.whole or next(iter(store.ledger_lines(held)), None) is None:
        return None
    what = "was made anew" if created else "was not known from an earlier delivery"
    reason = f"The audience {what}, so everybody was sent again: the ledger was another audience's."
    try:
        extra = write_extra(prepared, store, shape, plan["based_on"], [lambda: iter(())], whole=True)
    except DataError as error:
        raise DataError(
            f"{prepared.audience} {what}, and only a difference was prepared.",
            error.why,
            f"Delete {store.uri('ledger')} and upload the segment again: everybody is then sent.",
        ) from None
    return {**plan, "now": "", "extra": extra, "reset": reason}
