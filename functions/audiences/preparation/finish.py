"""The end of every preparation, whichever engine joined: settle, guard, write, account for all rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from audiences.identity.identifier import columns_of
from audiences.preparation import ledger as ledgers
from audiences.preparation.classify import NOES
from audiences.preparation.customers import resolve_values
from audiences.preparation.guards import check_size
from audiences.preparation.manifest import NAME, PLAN, Counts, Manifest
from audiences.preparation.output import Output
from audiences.preparation.settle import Settlement
from audiences.preparation.suppress import MATCHED, listed_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from audiences.preparation.classify import Verdicts
    from audiences.preparation.output import Removed
    from audiences.preparation.plan import Plan
    from audiences.preparation.rejects import Rejects
    from audiences.preparation.settle import Tally

REJECTS = "rejects.csv"


@dataclass
class Judged:
    """What the classification counted. doubles, ragged: customers' rows repeated or unreadable.

    vetoes: place in the segment -> flag, where a further row of the person says no.
    """

    suppressed: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubles: int = 0
    ragged: int = 0
    vetoes: dict[int, str] = field(default_factory=dict)

    def count(self, verdicts: Verdicts) -> None:
        """Add the counts of a batch."""
        self.suppressed += verdicts.suppressed
        self.refused.update(verdicts.refused)
        for where, flag in verdicts.vetoes:
            self.vetoes[where] = max(flag, self.vetoes.get(where, flag), key=NOES.index)


def finish(
    plan: Plan, verdicts: Iterable[str], rejects: Rejects, judged: Judged, work: Path, folder: Path
) -> Manifest:
    """Settle sorted verdicts against the ledger; write parts, rejects, next ledger and manifest.

    Raises the guards' DataError; `folder` is then not to be used.
    """
    request, identifiers = plan.request, plan.platform.identifiers
    lines = ledgers.LineFormat(identifiers, plan.shape.keys, plan.classifier.fields)
    listed = {
        part
        for name in MATCHED
        if name in identifiers
        for part in listed_parts(plan.suppression, name, identifiers[name].digest, lines)
    }
    ledger = plan.inputs.ledger
    with Output(folder, work, plan.shape, plan.classifier.fields, rejects, dry=request.dry_run) as out:
        whole = plan.shape.whole
        settlement = Settlement(
            request.mode, lines, listed, out, judged.vetoes, ledger=ledger is not None, whole=whole
        )
        held = ledgers.Reader(ledger)
        tally = settlement.run(verdicts, held)
        removed = out.finish(
            lambda hashes: resolve_values(hashes, identifiers, plan.customers, request.country)
        )
    warnings = check_size(request, plan.shape, before=tally.held, after=out.wanted)
    warnings += [*plan.warnings, *_tell_unreadable(plan, rejects, judged)]
    rejects.write(folder / REJECTS, [source.name for source in plan.inputs.segments])
    made = _describe(plan, tally, rejects, judged, out, removed, warnings, folder, held.sha256)
    if request.dry_run:
        (folder / ledgers.NAME).unlink()
    (folder / (PLAN if request.dry_run else NAME)).write_text(made.text(), encoding="utf-8")
    return made


def _count(plan: Plan, tally: Tally, rejects: Rejects, judged: Judged, removed: Removed) -> Counts:
    kept_back = removed.dropped["in_segment"]  # matched by nothing but what somebody who stays is matched by
    counts = Counts(
        received=sum(plan.received),
        sent=tally.sent - kept_back,
        rejected=rejects.counts.total(),
        unchanged=tally.unchanged + kept_back,
        suppressed=tally.suppressed + judged.suppressed,
    )
    counts.check()
    return counts


def _tell_unreadable(plan: Plan, rejects: Rejects, judged: Judged) -> list[str]:
    """Return warnings about what was not understood and therefore not sent, or not compared."""
    told = []
    if count := rejects.counts["consent_unreadable"]:
        columns = ", ".join(f"consent_{purpose}" for purpose in plan.request.consent.purposes)
        told.append(
            f"{count:,} consent answers ({columns}) say neither yes nor no: these people were not sent."
            f" {REJECTS} has their lines; write yes or no there."
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
    if plan.inputs.ledger is not None and plan.request.mode == "add" and plan.suppression.digests:
        told.append(
            "A hashed suppression list finds everybody in the segment, and of those the platform holds besides"
            " only whose hash is of the form the platform gets. List them by user_id or in plain to be sure."
        )
    if count := plan.suppression.unreadable:
        told.append(
            f"{count:,} values of the suppression lists are not understood, so nobody was found by them."
        )
    return told


def _describe(
    plan: Plan,
    tally: Tally,
    rejects: Rejects,
    judged: Judged,
    out: Output,
    removed: Removed,
    warnings: list[str],
    folder: Path,
    held: str,
) -> Manifest:
    refused: dict[str, dict[str, int]] = {}
    for (name, reason), count in judged.refused.items():
        refused.setdefault(name, {})[reason] = count
    sources = zip(plan.inputs.segments, plan.received, strict=True)
    return Manifest(
        request=plan.request,
        segments=[{"file": source.name, "rows": rows} for source, rows in sources],
        fields=plan.classifier.fields,
        columns=tuple(plan.shape.names[name] for name in plan.classifier.fields),
        kind=plan.shape.kind_for(plan.classifier.fields),
        counts=_count(plan, tally, rejects, judged, removed),
        reject_reasons=rejects.counts,
        refused_values=refused,
        removals={
            "rows": removed.rows.total(),
            "reasons": dict(sorted(removed.rows.items())),
            "unresolved_identifiers": removed.unresolved,
        },
        size={"before": tally.held, "after": out.wanted, "platform_minimum": plan.shape.minimum},
        customers={
            "double_rows": judged.doubles,
            "ragged_rows": judged.ragged,
            "unreadable_suppressions": plan.suppression.unreadable,
        },
        consent_granted=out.granted,
        ledger=held,
        warnings=warnings,
        parts=removed.parts,
        files={
            REJECTS: {"rows": rejects.counts.total(), "sha256": _digest(folder / REJECTS)},
            ledgers.NAME: {"rows": out.wanted, "sha256_unpacked": out.wanted_sha256},
        },
    )


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
