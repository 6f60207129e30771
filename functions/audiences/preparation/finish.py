"""The end of every preparation, whichever engine joined: settle, guard, write, account for all rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from heapq import merge
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.preparation import ledger as ledgers
from audiences.preparation.classify import VETOES
from audiences.preparation.customers import resolve_values
from audiences.preparation.digest_set import Keys
from audiences.preparation.guards import find_reason, tell_held, warn_of_size
from audiences.preparation.holding import judge_everybody, judge_refusing, only_noes, stay_outside
from audiences.preparation.listed import Listed
from audiences.preparation.lists_told import describe_lists, tell_matches
from audiences.preparation.manifest import NAME, PLAN, Counts, Manifest
from audiences.preparation.output import Output
from audiences.preparation.rejects import REJECTS, Rejects
from audiences.preparation.settle import Settlement
from audiences.preparation.told import compares_hashes, tell_unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from audiences.preparation.classify import Verdicts
    from audiences.preparation.output import Removed
    from audiences.preparation.plan import Plan
    from audiences.preparation.settle import Tally


@dataclass
class Judged:
    """What the classification counted. doubles, ragged: customers' rows repeated or unreadable.

    vetoes: place in the segment -> flag, where a further row of the person says no.
    matched, spread: as of `listed.Hits`, by kind and by field. unread: as of `Verdicts`.
    """

    suppressed: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubles: int = 0
    ragged: int = 0
    vetoes: dict[int, str] = field(default_factory=dict)
    matched: dict[str, Keys] = field(default_factory=dict)
    spread: dict[str, Keys] = field(default_factory=dict)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, verdicts: Verdicts) -> None:
        """Add the counts of a batch."""
        self.suppressed += verdicts.suppressed
        self.refused.update(verdicts.refused)
        self.unread.update(verdicts.unread)
        for where, flag in verdicts.vetoes:
            self.vetoes[where] = max(flag, self.vetoes.get(where, flag), key=VETOES.index)
        for kept, pairs in ((self.matched, verdicts.hits.matched), (self.spread, verdicts.hits.spread)):
            for name, key in pairs:
                kept.setdefault(name, Keys()).update((key,))


@dataclass
class _Settled:
    """What a pass over verdicts and ledger came to."""

    out: Output
    tally: Tally
    removed: Removed
    rejects: Rejects
    held: str


def finish(
    plan: Plan, verdicts: Iterable[str], rejects: Rejects, judged: Judged, work: Path, folder: Path
) -> Manifest:
    """Settle sorted verdicts against the ledger; write parts, rejects, next ledger and manifest.

    `verdicts` may be walked through twice: when a guard stops the audience, only the removals of people who
    opted out or withdrew consent are prepared. Raises the guard's DataError when there are none; `folder` is
    then not to be used.
    """
    everybody: Iterable[str] | None = None
    all_judged = Judged(vetoes=dict(judged.vetoes), matched=judged.matched, spread=judged.spread)
    if compares_hashes(plan):
        everybody = judge_everybody(plan, work, all_judged.count)
        listed = merge(verdicts, only_noes(everybody, all_judged.vetoes))
        settled = _settle(plan, listed, all_judged, work, folder, holding=False)
    elif stay_outside(plan) and plan.classifier.asks:
        refusing = Judged(vetoes=dict(judged.vetoes), matched=judged.matched, spread=judged.spread)
        refused = judge_refusing(plan, work, refusing.count)
        listed = merge(verdicts, only_noes(refused, refusing.vetoes))
        settled = _settle(plan, listed, refusing, work, folder, holding=False)
    else:
        settled = _settle(plan, verdicts, judged, work, folder, holding=False)
    _check_ledger(plan, settled.held)
    size = {"before": _before(plan, settled), "after": settled.out.wanted}
    reason = find_reason(plan.request, plan.shape, **size)
    if reason:
        everybody = everybody or judge_everybody(plan, work, all_judged.count)
        settled = _settle(plan, merge(verdicts, everybody), all_judged, work, folder, holding=True)
        if not settled.tally.removed:
            raise reason
        back = settled.rejects.counts["held_back"]
        reason = tell_held(reason, back, settled.removed.rows.total())
    rejects.take(settled.rejects)
    warnings = [] if reason else warn_of_size(plan.request, plan.shape, settled.out.wanted)
    warnings += [*plan.inputs.notes, *plan.warnings, *tell_unreadable(plan, rejects, judged)]
    if plan.request.mode != "remove" and plan.inputs.everybody:
        held = plan.inputs.ledger is not None
        warnings += tell_matches(plan.suppression, judged.matched, held=held)
    rejects.write(folder / REJECTS, [source.name for source in plan.inputs.segments])
    made = _describe(plan, settled, rejects, judged, warnings, folder, reason)
    if plan.request.dry_run:
        (folder / ledgers.NAME).unlink()
    (folder / (PLAN if plan.request.dry_run else NAME)).write_text(made.text(), encoding="utf-8")
    return made


def _check_ledger(plan: Plan, held: str) -> None:
    """Raise DataError when the ledger's lines are not those that the last delivery wrote."""
    if plan.inputs.ledger is None or plan.inputs.ledger_sha256 in ("", held):
        return
    raise DataError(
        f"{plan.inputs.ledger.name} is not what the last delivery wrote.",
        "It was changed by hand or cut, so it does not say whom the platform holds.",
        "Delete it and upload the segment again: a copy of the last delivery's list is looked for.",
    )


def _before(plan: Plan, settled: _Settled) -> int:
    """Return how many people the platform held before."""
    return plan.inputs.before if plan.inputs.ledger is None else settled.tally.held


def _settle(
    plan: Plan,
    verdicts: Iterable[str],
    judged: Judged,
    work: Path,
    folder: Path,
    *,
    holding: bool,
) -> _Settled:
    """Walk once through verdicts and ledger, and write parts and next ledger in place of earlier ones."""
    request, identifiers, shape = plan.request, plan.platform.identifiers, plan.shape
    for path in folder.glob("part-*"):
        path.unlink()
    lines = ledgers.LineFormat(identifiers, shape.keys, plan.classifier.fields, shape.signals)
    listed = Listed(plan.suppression, identifiers, judged.spread, judged.matched)
    place = work / ("holding" if holding else "settling")
    place.mkdir()
    rejects = Rejects(place)
    held = ledgers.Reader(plan.inputs.ledger)
    with Output(folder, place, shape, plan.classifier.fields, rejects, dry=request.dry_run) as out:
        known = plan.inputs.ledger is not None
        settlement = Settlement(
            request.mode,
            lines,
            listed,
            out,
            judged.vetoes,
            ledger=known,
            whole=shape.whole,
            holding=holding,
            refresh=plan.refresh,
        )
        tally = settlement.run(verdicts, held)
        removed = out.finish(
            lambda hashes: resolve_values(hashes, identifiers, plan.customers, request.country)
        )
    return _Settled(out, tally, removed, rejects, held.sha256)


def _count(plan: Plan, tally: Tally, rejects: Rejects, judged: Judged, removed: Removed) -> Counts:
    kept_back = removed.dropped["in_segment"]  # matched by nothing but what somebody who stays is matched by
    counts = Counts(
        received=sum(plan.received),
        sent=tally.sent - kept_back,
        rejected=rejects.counts.total(),
        unchanged=tally.unchanged + kept_back,
        suppressed=tally.suppressed + judged.suppressed,
        refreshed=tally.refreshed,
    )
    counts.check()
    return counts


def _describe(
    plan: Plan,
    settled: _Settled,
    rejects: Rejects,
    judged: Judged,
    warnings: list[str],
    folder: Path,
    stopped: DataError | None,
) -> Manifest:
    tally, out, removed = settled.tally, settled.out, settled.removed
    sources = zip(plan.inputs.segments, plan.received, strict=True)
    return Manifest(
        request=plan.request,
        segments=[{"file": source.name, "rows": rows} for source, rows in sources],
        fields=plan.classifier.fields,
        columns=tuple(plan.shape.names[name] for name in plan.classifier.fields),
        kind=plan.shape.kind_for(plan.classifier.fields),
        counts=_count(plan, tally, rejects, judged, removed),
        reject_reasons=rejects.counts,
        refused_values=_by_column(judged.refused),
        removals={
            "rows": removed.rows.total(),
            "reasons": dict(sorted(removed.rows.items())),
            "unresolved_identifiers": removed.unresolved,
        },
        size={"before": _before(plan, settled), "after": out.wanted, "platform_minimum": plan.shape.minimum},
        customers={
            "double_rows": judged.doubles,
            "ragged_rows": judged.ragged,
            "unreadable_suppressions": plan.suppression.unreadable,
        },
        unknown={
            file: list(names)
            for file, names in {**plan.customers.unknown, **plan.suppression.unknown}.items()
            if names
        },
        unreadable_consent=_by_column(judged.unread),
        suppressions=describe_lists(plan.suppression, judged.matched, removing=plan.request.mode == "remove"),
        consent_granted=out.granted,
        ledger=settled.held,
        warnings=warnings,
        parts=removed.parts,
        files={
            REJECTS: {"rows": rejects.counts.total(), "sha256": _digest(folder / REJECTS)},
            ledgers.NAME: {"rows": out.wanted, "sha256_unpacked": out.wanted_sha256},
        },
        held=stopped,
    )


def _by_column(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (name, kind), count in sorted(counts.items()):
        found.setdefault(name, {})[kind] = count
    return found


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
