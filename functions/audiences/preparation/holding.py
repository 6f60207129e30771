"""An audience that a guard held back: who of all customers said no, in the segment or not.

A mirror takes out who left its segment; when that is held back, those among them who withdrew consent must
leave all the same, and only the customers' rows tell who they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.identity.blanks import BLANKS
from audiences.preparation.join import Left, join
from audiences.preparation.rejects import OUTSIDE, Rejects
from audiences.preparation.sorting import Sorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from audiences.preparation.classify import Verdicts
    from audiences.preparation.plan import Plan


def judge_everybody(plan: Plan, work: Path, count: Callable[[Verdicts], None]) -> Iterator[str]:
    """Return the sorted verdicts of all customers, as of people outside the segment, and `count` each batch.

    On this machine for both engines: it is rare, and needs no more memory than a preparation.
    """
    folder = work / "everybody"
    folder.mkdir()
    verdicts = Sorter(folder, "verdicts")
    rows = ((layout, row) for layout, chunk in plan.customers.chunks() for row in chunk.rows)
    users = (  # a place of each one's own, because vetoes are told by place
        (where, row[layout.user or 0].strip(BLANKS)) for where, (layout, row) in enumerate(rows, OUTSIDE + 1)
    )
    wanted = plan.classifier.columns
    for matched in join(users, plan.customers.chunks(), wanted, folder, Left(Rejects(folder))):
        found = plan.classifier.judge(matched)
        verdicts.extend(found.lines)
        count(found)
    return iter(verdicts)
