"""Which list of a platform's audience can be trusted, by what the last delivery wrote down beside it.

The ledger is one object in a bucket: people delete it, copy another one over it, or edit it. What the last
delivery noted (`LedgerState`) tells, and a copy with the same digest stands in. Without one the list is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from audiences.delivery.store import LedgerState
from audiences.errors import DataError

if TYPE_CHECKING:
    from audiences.delivery.uploader import Replace
    from audiences.preparation.request import Request


class Lists(Protocol):
    """The lists of one audience. name: `<platform>/<folder>`, which ledgers are marked with."""

    name: str

    def uri(self, what: str) -> str:
        """Return where `ledger` or `audience` lies, for people."""

    def at_hand(self) -> LedgerState | None:
        """Return what the ledger says of itself, with an empty digest when it does not; None without one."""

    def last(self) -> LedgerState | None:
        """Return what the last delivery noted; None before the first."""

    def knows_audience(self) -> bool:
        """Tell whether an earlier delivery noted the audience's id."""

    def find(self, sha256: str) -> str:
        """Return where a list of this digest lies, the ledger first; "" when there is none."""


@dataclass(frozen=True)
class Base:
    """What a preparation compares with.

    where, sha256  the list, both "" for none; before: people that the last delivery left there
    notes          for people; problem: why nothing can be prepared
    """

    where: str = ""
    sha256: str = ""
    before: int = 0
    notes: tuple[str, ...] = ()
    problem: DataError | None = None


def in_force(lists: Lists) -> LedgerState:
    """Return which list the platform holds, with an empty digest when there is none, or it cannot be read."""
    state = _told(lists)
    at_hand = lists.at_hand()
    if not state.sha256 or (at_hand and at_hand.sha256 == state.sha256):
        return state
    if lists.knows_audience() and lists.find(state.sha256):
        return state
    return replace(state, sha256="")


def _told(lists: Lists) -> LedgerState:
    """Return what the last delivery wrote; a ledger alone counts when none noted anything, or just before it did."""
    at_hand, last = lists.at_hand() or LedgerState(), lists.last()
    if last is None:
        return at_hand if at_hand.home in ("", lists.name) else LedgerState()
    newer = at_hand.home == lists.name and at_hand.delivered_at > last.delivered_at
    return at_hand if newer else last


def choose_base(lists: Lists, request: Request, replaces: Replace, *, whole: bool) -> Base:
    """Return what a preparation compares with. replaces, whole: of the platform's uploader and shape."""
    state = in_force(lists)
    ledger, note = lists.uri("ledger"), lists.uri("audience")
    if state.sha256:
        where = lists.find(state.sha256)
        told = (
            f"{ledger} is gone or is not what the last delivery wrote, so the copy {where} was used: the next"
            " delivery puts it back."
        )
        return Base(where, state.sha256, state.people, (told,) if where != ledger else ())
    if not state.run:
        told = (
            f"{ledger} was not written by a delivery of this audience, so it was not used: everybody is sent."
        )
        return Base(before=state.people, notes=(told,) if lists.at_hand() else ())
    if not lists.knows_audience():
        told = f"{note} and {ledger} are gone: everybody is sent, as to a new audience."
        return Base(before=state.people, notes=(told,))
    if whole or (request.mode == "mirror" and replaces):
        told = f"{ledger} is lost: the audience is replaced by the segment as a whole."
        return Base(before=state.people, notes=(told,))
    return Base(before=state.people, problem=_lost(lists, request, state, can_mirror=bool(replaces)))


def _lost(lists: Lists, request: Request, state: LedgerState, *, can_mirror: bool) -> DataError:
    ledger, platform = lists.uri("ledger"), request.platform
    what = "is gone" if lists.at_hand() is None else "is not what the last delivery wrote"
    mirror = ' Or use the mode "mirror" once: that replaces the audience as a whole.' if can_mirror else ""
    people = "1 person" if state.people == 1 else f"{state.people:,} people"
    return DataError(
        f"The list of whom {request.audience!r} on {platform} holds is lost: {ledger} {what}.",
        f"Run {state.run} left {people} there, and no copy is kept any more. Without it nobody "
        "who opts out could be taken out again.",
        f"Restore the object's version of {state.delivered_at}. Or delete the audience on {platform}, then "
        f"{lists.uri('audience')} and {ledger}, and upload the segment again: everybody is sent to a new one."
        + mirror,
    )
