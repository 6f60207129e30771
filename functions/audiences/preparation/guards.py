"""Stops what a person would regret: an audience too small, or one that lost half its people overnight.

It never holds back who said no: `finish` then prepares nothing but their removals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.errors import DataError

if TYPE_CHECKING:
    from audiences.preparation.request import Request
    from audiences.preparation.shape import Shape


def find_reason(request: Request, shape: Shape, *, before: int, after: int) -> DataError | None:
    """Return why an audience is held back, its size in people before and after; None when nothing is wrong."""
    if request.mode == "mirror" or shape.whole:
        what = f"The audience {request.audience!r}"
        lower = "lower `fuse` in the activation (or --fuse) for this once."
        blown = blow_fuse(what, "a mirror", lower, before=before, after=after, fuse=request.fuse)
        if blown:
            return blown
    if request.mode != "remove" and after < request.minimum:
        return DataError(
            f"The audience {request.audience!r} would have {after} people.",
            f"Its minimum is {request.minimum}: few people are recognisable, and platforms do not use them.",
            "Widen the segment, or lower `minimum` in the activation (or --minimum).",
        )
    return None


def blow_fuse(what: str, kind: str, lower: str, *, before: int, after: int, fuse: float) -> DataError | None:
    """Return why `what` may not be replaced, None when enough people stay. lower: how a person says it may."""
    if after >= fuse * before:
        return None
    return DataError(
        f"{what} would shrink from {before} to {after} people.",
        f"The fuse of {kind} lets at least {fuse:.0%} stay: less is more often a mistake.",
        f"Check the segment. If it is right, {lower}",
    )


def warn_of_size(request: Request, shape: Shape, after: int) -> list[str]:
    """Return a warning when the platform needs more people than `after`."""
    if request.mode == "remove" or after >= shape.minimum:
        return []
    return [f"{after:,} of the {shape.minimum:,} people that {request.platform} needs at least."]


def tell_held(reason: DataError, held_back: int, leave: int) -> DataError:
    """Return the reason with what happens all the same. held_back: rows of the segment; leave: people."""
    rows = f"{held_back:,} row{'' if held_back == 1 else 's'} of the segment"
    people = "1 person who" if leave == 1 else f"{leave:,} people who"
    return DataError(
        reason.what,
        f"{reason.why} So {rows} {'is' if held_back == 1 else 'are'} held back, and only {people} opted out or"
        f" withdrew consent {'is' if leave == 1 else 'are'} taken out.",
        reason.fix,
    )
