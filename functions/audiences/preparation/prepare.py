"""Prepares one audience on one machine: what Lambda and the command line call."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.preparation import ledger, manifest
from audiences.preparation.fast_join import join_fast
from audiences.preparation.finish import Judged, finish
from audiences.preparation.join import MEMORY_IDS, Left, join
from audiences.preparation.plan import Inputs, Plan, compile_plan
from audiences.preparation.rejects import REJECTS, Rejects
from audiences.preparation.sorting import Sorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from audiences.preparation.fields import Layout
    from audiences.preparation.manifest import Manifest
    from audiences.preparation.request import Request
    from audiences.preparation.tables import Chunk

    Progress = Callable[[int], None]

__all__ = ["Inputs", "prepare", "publish"]


def prepare(
    request: Request,
    inputs: Inputs,
    output: Path,
    *,
    progress: Progress = lambda _rows: None,
    memory_ids: int = MEMORY_IDS,
    fast_rows: int | None = None,
) -> Manifest:
    """Write parts, `rejects.csv`, the next ledger and `manifest.json` into `output`, or nothing at all.

    `progress` is called with the customers' rows read so far, unless DuckDB joins: from `fast_rows` rows on,
    where it is installed; None: never. The files are the same. Raises SetupError for what the platform cannot
    take, DataError for files that break their contract and for the guards; `output` is then as it was before.
    What a guard held back while people who said no had to leave is in the manifest's `held`.
    """
    plan = compile_plan(request, inputs)
    with tempfile.TemporaryDirectory(prefix="audience-") as name:
        work, fresh = Path(name) / "work", Path(name) / "output"
        work.mkdir()
        fresh.mkdir()
        rejects, judged, verdicts = Rejects(work), Judged(), Sorter(work, "verdicts")
        left = Left(rejects)
        matches = None if fast_rows is None else join_fast(plan, work, left, fast_rows)
        if matches is None:
            chunks = _watched(plan, progress)
            matches = join(plan.ids(rejects), chunks, plan.classifier.columns, work, left, memory_ids)
        for matched in matches:
            found = plan.classifier.judge(matched)
            verdicts.extend(found.lines)
            rejects.extend(found.rejects)
            judged.count(found)
        judged.doubles, judged.ragged = left.doubles, left.ragged
        made = finish(plan, verdicts, rejects, judged, work, fresh)
        publish(fresh, output)
    return made


def _watched(plan: Plan, progress: Progress) -> Iterator[tuple[Layout, Chunk]]:
    rows = 0
    for layout, chunk in plan.customers.chunks():
        yield layout, chunk
        rows += len(chunk.rows)
        progress(rows)


def publish(fresh: Path, output: Path) -> None:
    """Move what was prepared into `output`, the manifest last, in place of an earlier preparation."""
    output.mkdir(parents=True, exist_ok=True)
    ours = {REJECTS, ledger.NAME, manifest.NAME, manifest.PLAN}
    for path in output.iterdir():
        if path.name in ours or path.name.startswith("part-"):
            path.unlink()
    last = (manifest.NAME, manifest.PLAN)
    for path in sorted(fresh.iterdir(), key=lambda path: path.name in last):
        shutil.move(path, output / path.name)
