"""Stops what a person would regret: an audience too small, or one that lost half its people overnight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.errors import DataError

if TYPE_CHECKING:
    from audiences.preparation.request import Request
    from audiences.preparation.shape import Shape


def check_size(request: Request, shape: Shape, *, before: int, after: int) -> list[str]:
    """Return warnings about the size in people. DataError when a limit of the request is broken."""
    if request.mode == "mirror" and after < request.fuse * before:
        raise DataError(
            f"The audience {request.audience!r} would shrink from {before} to {after} people.",
            f"The fuse of a mirror lets at least {request.fuse:.0%} stay: less is more often a mistake.",
            "Check the segment. If it is right, lower `fuse` in the activation (or --fuse) for this once.",
        )
    if request.mode == "remove":
        return []
    if after < request.minimum:
        raise DataError(
            f"The audience {request.audience!r} would have {after} people.",
            f"Its minimum is {request.minimum}: few people are recognisable, and platforms do not use them.",
            "Widen the segment, or lower `minimum` in the activation (or --minimum).",
        )
    if after < shape.minimum:
        return [f"{after:,} of the {shape.minimum:,} people that {request.platform} needs at least."]
    return []
