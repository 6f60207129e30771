"""Who of all customers said no, in the segment or not.

A mirror takes out who left its segment; when a guard holds that back, those among them who withdrew consent must
leave all the same. In the mode add people stay who are in no segment any more, until they say no. And a hash on a
suppression list may be of a form that the ledger has not. Only the customers' rows tell who these people are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.identity.blanks import BLANKS
from audiences.preparation.classify import NOES
from audiences.preparation.join import Left, join
from audiences.preparation.rejects import OUTSIDE, Rejects
from audiences.preparation.sorting import Sorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from audiences.preparation.classify import Verdicts
    from audiences.preparation.fields import Layout
    from audiences.preparation.plan import Plan


def stay_outside(plan: Plan) -> bool:
    """Tell whether the platform may hold people who are not in the segment and are to stay."""
    stay = plan.request.mode == "add" and not plan.shape.whole
    return stay and plan.inputs.ledger is not None and plan.inputs.everybody


def judge_everybody(plan: Plan, work: Path, count: Callable[[Verdicts], None]) -> Iterable[str]:
    """Return the sorted verdicts of all customers, as of people outside the segment, and `count` each batch.

    On this machine for both engines: it is rare, and needs no more memory than a preparation.
    """
    rows = ((layout, row) for layout, chunk in plan.customers.chunks() for row in chunk.rows)
    return _judge(plan, rows, work / "everybody", count)


def judge_refusing(plan: Plan, work: Path, count: Callable[[Verdicts], None]) -> Iterable[str]:
    """Return the same of the customers who have a row that refuses: reading an answer is quick, hashing is not."""
    return _judge(plan, _refusing(plan), work / "refusing", count)


def _refusing(plan: Plan) -> Iterator[tuple[Layout, list[str]]]:
    asked = plan.request.consent.columns()
    for layout, chunk in plan.customers.chunks():
        columns = {
            name: [""] * len(chunk.rows)
            if (at := layout.at(name)) is None
            else [row[at] for row in chunk.rows]
            for name in asked
        }
        for number, row in enumerate(chunk.rows):
            if plan.classifier.says_no(columns, number):
                yield layout, row


def _judge(
    plan: Plan, rows: Iterable[tuple[Layout, list[str]]], folder: Path, count: Callable[[Verdicts], None]
) -> Iterable[str]:
    folder.mkdir()
    verdicts = Sorter(folder, "verdicts")
    users = (  # a place of each one's own, because vetoes are told by place
        (where, row[layout.user or 0].strip(BLANKS)) for where, (layout, row) in enumerate(rows, OUTSIDE + 1)
    )
    wanted = plan.classifier.columns
    for matched in join(users, plan.customers.chunks(), wanted, folder, Left(Rejects(folder))):
        found = plan.classifier.judge(matched)
        verdicts.extend(found.lines)
        count(found)
    return verdicts


def only_noes(verdicts: Iterable[str], vetoes: Mapping[int, str]) -> Iterator[str]:
    """Yield the verdicts of people whom a suppression list names, or who refuse."""
    for line in verdicts:
        _, where, flag, _ = line.split("\t", 3)
        if flag in NOES or vetoes.get(int(where)) in NOES:
            yield line
