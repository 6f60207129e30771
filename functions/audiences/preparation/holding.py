"""Who of all customers said no, in the segment or not.

A mirror takes out who left its segment; when a guard holds that back, those among them who withdrew consent must
leave all the same. And a hash on a suppression list may be of a form that the ledger has not. Only the customers'
rows tell who these people are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.identity.blanks import BLANKS
from audiences.preparation.classify import SUPPRESSED
from audiences.preparation.join import Left, join
from audiences.preparation.rejects import OUTSIDE, Rejects
from audiences.preparation.sorting import Sorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from audiences.preparation.classify import Verdicts
    from audiences.preparation.plan import Plan


def judge_everybody(plan: Plan, work: Path, count: Callable[[Verdicts], None]) -> Iterable[str]:
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
    return verdicts


def only_listed(verdicts: Iterable[str], vetoes: Mapping[int, str]) -> Iterator[str]:
    """Yield the verdicts of people whom a suppression list names."""
    for line in verdicts:
        _, where, flag, _ = line.split("\t", 3)
        if SUPPRESSED in (flag, vetoes.get(int(where))):
            yield line
