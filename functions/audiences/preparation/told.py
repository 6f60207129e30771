"""What people are told of one preparation: all that was not understood, and therefore not sent or not compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.identity.identifier import columns_of
from audiences.preparation.forms import DIGEST
from audiences.preparation.holding import stay_outside
from audiences.preparation.rejects import REJECTS, Rejects

if TYPE_CHECKING:
    from audiences.preparation.finish import Judged
    from audiences.preparation.plan import Plan


def tell_unreadable(plan: Plan, rejects: Rejects, judged: Judged) -> list[str]:
    """Return warnings about what was not understood and therefore not sent, or not compared."""
    told = []
    if judged.unread:
        classes = ", ".join(
            f"{column}: {count:,} {kind}" for (column, kind), count in sorted(judged.unread.items())
        )
        what = f"{judged.unread.total():,} consent answers say neither yes nor no ({classes})"
        if plan.request.consent.unreadable == "ignore":
            told.append(f"{what} and count as no answer, as `unreadable_consent` says.")
        else:
            people = rejects.counts["consent_unreadable"]
            told.append(
                f"{what}: {people:,} people were not sent. {REJECTS} has their lines; write yes or no there."
            )
    if signals := plan.classifier.unsent_signals:
        told.append(
            f"{', '.join(signals)} was not sent: {plan.platform.title} takes it in no audience."
            " Leave these people out, or say there what may be done with the list."
        )
    if kinds := plan.classifier.other_kinds:
        taken = " or ".join(columns_of("maid", plan.platform.identifiers["maid"]))
        told.append(
            f"The mobile ids in {', '.join(kinds)} were not sent: {plan.platform.title} takes those of a column"
            f" {taken} only, because an id of another kind is another device's."
        )
    if judged.ragged:
        told.append(
            f"{judged.ragged:,} rows of the identities have another number of cells than their header"
            " and were not read: whom they are about counts as no_identity."
        )
    if compares_hashes(plan):
        told.append(
            "A hashed suppression list finds whom the platform holds by the customers' rows. Of somebody who has"
            " none any more it finds only a hash of the form the platform gets: list such people by user_id or in"
            " plain."
        )
    return told


def compares_hashes(plan: Plan) -> bool:
    """Tell whether all customers must be compared, because people outside the segment stay and a list has hashes."""
    return stay_outside(plan) and any(kind.endswith(DIGEST) for kind in plan.suppression.entries)
