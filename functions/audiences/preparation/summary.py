"""Says in words what was prepared: what the command line prints and the run's mail can quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.identity import REASONS as VALUE_REASONS
from audiences.preparation.classify import REASONS

if TYPE_CHECKING:
    from audiences.preparation.manifest import Manifest

_TOLD = {**VALUE_REASONS, **REASONS}
_REMOVED = {
    "left_segment": "no longer in the segment",
    "opted_out": "on the suppression list",
    "consent_withdrawn": "consent withdrawn or missing",
    "identifier_changed": "an old address or number of somebody who stays",
    "in_segment": "in the segment to remove",
}


def summarise(made: Manifest) -> str:
    """Return a few lines: the sum, the reasons, removals, size, parts and warnings."""
    counts, request = made.counts, made.request
    lines = [
        f"{request.audience} on {request.platform} ({request.mode}{', dry run' if request.dry_run else ''})",
        f"  {counts.received:>12,}  received",
        f"  {counts.sent:>12,}  {'would be sent' if request.dry_run else 'sent'}: {', '.join(made.fields)}",
        *(
            [f"  {counts.refreshed:>14,}  of them again, before {request.platform} forgets them"]
            if counts.refreshed
            else []
        ),
        f"  {counts.unchanged:>12,}  unchanged, not sent again",
        f"  {counts.suppressed:>12,}  on the suppression list",
        f"  {counts.rejected:>12,}  rejected",
    ]
    by_size = sorted(made.reject_reasons.items(), key=lambda item: (-item[1], item[0]))
    lines += [f"  {count:>14,}  {reason}: {_TOLD.get(reason, '')}" for reason, count in by_size]
    for name, reasons in sorted(made.refused_values.items()):
        told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
        lines.append(f"  Left out of rows that are used: {name} ({told})")
    if made.suppressions["entries"]:
        lines.append(f"  Suppression lists: {_tell_lists(made)}")
    if made.removals["rows"]:
        lines.append(f"  {made.removals['rows']:>12,}  to remove")
        lines += [f"  {count:>14,}  {_REMOVED[reason]}" for reason, count in made.removals["reasons"].items()]
    size = made.size
    lines.append(f"  Audience: {size['before']:,} people before, {size['after']:,} after")
    if made.parts:
        total = sum(part.bytes for part in made.parts)
        lines.append(
            f"  {len(made.parts):,} {made.kind} part{'s' if len(made.parts) > 1 else ''}, {total:,} bytes"
        )
    lines += [
        f"  Columns of {file} not understood and not used: {', '.join(names)}"
        for file, names in sorted(made.unknown.items())
    ]
    lines += [f"  Warning: {warning}" for warning in made.warnings]
    if made.held:
        lines.append(f"  HELD BACK. {made.held}")
    return "\n".join(lines) + "\n"


def _tell_lists(made: Manifest) -> str:
    """Return how many entries of each kind there are, and how many of them named somebody."""
    matched = made.suppressions["matched"]
    return ", ".join(
        f"{count:,} {kind} ({matched.get(kind, 0):,} found)"
        for kind, count in made.suppressions["entries"].items()
    )
