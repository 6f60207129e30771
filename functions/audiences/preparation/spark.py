"""The second engine: Spark joins and de-duplicates; judging and settling are Lambda's functions.

Readers run inside Spark's workers with the reader of Lambda, one file each, because Spark's own CSV reader
differs in quotes and encodings. Workers answer lines of text; the driver settles them in one sorted stream.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from audiences.errors import of_failure
from audiences.failures import from_trace
from audiences.identity.blanks import BLANKS
from audiences.platforms import find
from audiences.preparation.classify import Classifier, Verdicts
from audiences.preparation.customers import read_one
from audiences.preparation.finish import Judged, finish
from audiences.preparation.forms import USER
from audiences.preparation.join import Matched
from audiences.preparation.listed import Hits
from audiences.preparation.plan import read_segment
from audiences.preparation.rejects import OUTSIDE, Rejects, place
from audiences.preparation.shape import find_shape
from audiences.preparation.suppress import listed_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from audiences.preparation.fields import Layout
    from audiences.preparation.manifest import Manifest
    from audiences.preparation.plan import Plan
    from audiences.preparation.request import Request
    from audiences.preparation.sources import Source
    from audiences.preparation.suppress import Suppression

    Resolve = Callable[[str], Source]

RAGGED = None  # in place of the user id of a row without its cells: every text may be an id
_LINE, _REJECT, _COUNT = "line", "reject", "count"


def prepare_with_spark(
    session: Any, plan: Plan, resolve: Resolve, uris: dict[str, Sequence[str]], work: Path, folder: Path
) -> Manifest:
    """Prepare on a Spark session. `uris` names the files of each kind of input; `resolve` opens one.

    `resolve` runs in the workers too, so it must be a function of a module. Same files as `prepare` writes,
    same errors raised.
    """
    with _own_errors():
        return _prepare(session, plan, resolve, uris, work, folder)


def _prepare(
    session: Any, plan: Plan, resolve: Resolve, uris: dict[str, Sequence[str]], work: Path, folder: Path
) -> Manifest:
    rejects, judged = Rejects(work), Judged()
    ids = _read_ids(session, plan, resolve, uris, rejects)
    customers = _read_customers(session, plan, resolve, uris["identities"], judged)
    matched = _join(ids, customers, rejects, judged)
    verdicts = _judge(session, plan, matched).persist()
    for row in verdicts.where(verdicts.kind == _REJECT).toLocalIterator():
        where, _, reason = row.text.partition("\t")
        rejects.extend([(int(where), reason)])
    for row in verdicts.where(verdicts.kind == _COUNT).toLocalIterator():
        told = json.loads(row.text)
        refused = Counter({(name, reason): count for name, reason, count in told["refused"]})
        vetoes = [(where, flag) for where, flag in told["vetoes"]]
        matched, spread = ([(kind, key) for kind, key in told[name]] for name in ("matched", "spread"))
        hits = Hits(matched=matched, spread=spread)
        found = Verdicts(suppressed=told["suppressed"], refused=refused, vetoes=vetoes, hits=hits)
        found.unread.update({(name, kind): count for name, kind, count in told["unread"]})
        judged.count(found)
    lines = verdicts.where(verdicts.kind == _LINE).select("text").orderBy("text")
    return finish(plan, _Texts(lines), rejects, judged, work, folder)


class _Texts:
    """The texts of a frame, row by row, as often as they are asked for."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __iter__(self) -> Iterator[str]:
        return (row.text for row in self._frame.toLocalIterator(prefetchPartitions=True))


@contextmanager
def _own_errors() -> Iterator[None]:
    """Raise again here what one of our errors said in a worker: Spark hands on a stack trace as text."""
    from py4j.protocol import Py4JError  # type: ignore[import-not-found]  # noqa: PLC0415 - only in .venv-spark
    from pyspark.errors import PySparkException  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

    try:
        yield
    except (Py4JError, PySparkException) as error:
        told = from_trace(str(error))
        if told is None:
            raise
        raise of_failure(told) from error


def _frame(session: Any, uris: Sequence[str]) -> Any:
    """Return a frame of (number, uri), a partition for each file."""
    numbered = list(enumerate(uris))
    return session.createDataFrame(numbered, "number long, uri string").repartition(
        max(1, len(numbered)), "number"
    )


def _read_ids(
    session: Any, plan: Plan, resolve: Resolve, uris: dict[str, Sequence[str]], rejects: Rejects
) -> Any:
    """Return (place, user) of the usable lines, each user once; count and reject the others."""
    functions = _functions()
    found = (
        _frame(session, uris["segments"])
        .mapInArrow(partial(_ids_in_worker, resolve), "place long, user string")
        .persist()
    )
    number = (found.place / (1 << 40)).cast("long").alias("number")
    counted = {row.number: row["count"] for row in found.groupBy(number).count().collect()}
    plan.received[:] = [counted.get(number, 0) for number in range(len(uris["segments"]))]
    _reject(rejects, found.where(found.user.isNull()), "ragged_row")
    _reject(rejects, found.where(found.user == ""), "no_user_id")
    ids = found.where(found.user.isNotNull() & (found.user != ""))
    if plan.request.mode != "remove" and USER in plan.suppression.entries:
        listed = _frame(session, uris["suppressions"]).mapInArrow(
            partial(_listed_in_worker, resolve), "place long, user string"
        )
        ids = ids.union(listed)
    ranked = _rank(ids, "user", "place").persist()
    _reject(rejects, ranked.where(ranked.rank > 1), "duplicate")
    return ranked.where(functions.col("rank") == 1).drop("rank")


def _read_customers(session: Any, plan: Plan, resolve: Resolve, uris: Sequence[str], judged: Judged) -> Any:
    """Return (user, at, cells), `at` being the place of the row in the identities."""
    schema = "user string, at long, cells array<string>"
    wanted = plan.classifier.columns
    found = _frame(session, uris).mapInArrow(partial(_customers_in_worker, resolve, wanted), schema).persist()
    judged.ragged = found.where(found.user.isNull()).count()
    return found.where(found.user.isNotNull())


def _join(ids: Any, customers: Any, rejects: Rejects, judged: Judged) -> Any:
    ranked = _rank(customers.join(ids.select("user"), "user", "left_semi"), "user", "at").persist()
    judged.doubles = ranked.where(ranked.rank > 1).count()
    joined = ids.join(ranked, "user", "left").select("place", "user", "cells", "rank").persist()
    _reject(rejects, joined.where(joined.cells.isNull()), "no_identity")
    return joined.where(joined.cells.isNotNull())


def _judge(session: Any, plan: Plan, matched: Any) -> Any:
    suppression = session.sparkContext.broadcast(plan.suppression)
    task = partial(_judge_in_worker, plan.request, plan.customers.layout, suppression)
    return matched.mapInArrow(task, "kind string, text string")


def _rank(frame: Any, key: str, order: str) -> Any:
    window = _window()
    ranked = _functions().row_number().over(window.partitionBy(key).orderBy(order))
    return frame.withColumn("rank", ranked)


def _reject(rejects: Rejects, frame: Any, reason: str) -> None:
    for row in frame.select("place").toLocalIterator():
        rejects.extend([(row.place, reason)])


def _functions() -> Any:
    from pyspark.sql import functions  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

    return functions


def _window() -> Any:
    from pyspark.sql import Window  # noqa: PLC0415 - as above

    return Window


def _ids_in_worker(resolve: Resolve, batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa  # noqa: PLC0415 - as above

    schema = pa.schema([("place", pa.int64()), ("user", pa.string())])
    for batch in batches:
        for row in batch.to_pylist():
            for lines, users, ragged in read_segment(resolve(row["uri"])):
                places = [place(row["number"], line) for line in (*lines, *ragged)]
                yield pa.RecordBatch.from_pydict(
                    {"place": places, "user": [*users, *(RAGGED for _ in ragged)]}, schema=schema
                )


def _listed_in_worker(resolve: Resolve, batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa  # noqa: PLC0415 - as above

    for batch in batches:
        for row in batch.to_pylist():
            for users in listed_users([resolve(row["uri"])]):
                places = pa.array([OUTSIDE] * len(users), pa.int64())
                yield pa.RecordBatch.from_pydict({"place": places, "user": pa.array(users, pa.string())})


def _customers_in_worker(resolve: Resolve, wanted: Sequence[str], batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa  # noqa: PLC0415 - as above

    schema = pa.schema([("user", pa.string()), ("at", pa.int64()), ("cells", pa.list_(pa.string()))])
    for batch in batches:
        for row in batch.to_pylist():
            for layout, chunk in read_one(resolve(row["uri"])):
                user = layout.user or 0
                places = [layout.at(name) for name in wanted]
                columns = {
                    "user": [
                        *(cells[user].strip(BLANKS) for cells in chunk.rows),
                        *(RAGGED for _ in chunk.ragged),
                    ],
                    "at": [place(row["number"], line) for line in (*chunk.lines, *chunk.ragged)],
                    "cells": [
                        *(["" if at is None else cells[at] for at in places] for cells in chunk.rows),
                        *([] for _ in chunk.ragged),
                    ],
                }
                yield pa.RecordBatch.from_pydict(columns, schema=schema)


def _judge_in_worker(
    request: Request, layout: Layout, suppression: Any, batches: Iterator[Any]
) -> Iterator[Any]:
    import pyarrow as pa  # noqa: PLC0415 - as above

    listed: Suppression = suppression.value
    platform, shape = find(request.platform), find_shape(request.platform)
    classifier = Classifier(request, platform.identifiers, shape, layout, listed)
    for batch in batches:
        for matched in _matches(batch, classifier.columns):
            found = classifier.judge(matched)
            refused = [[*key, count] for key, count in found.refused.items()]
            told = {
                "suppressed": found.suppressed,
                "refused": refused,
                "vetoes": found.vetoes,
                "unread": [[*key, count] for key, count in found.unread.items()],
                "matched": found.hits.matched,
                "spread": found.hits.spread,
            }
            kinds = [_LINE] * len(found.lines) + [_REJECT] * len(found.rejects) + [_COUNT]
            texts = [
                *found.lines,
                *(f"{where}\t{reason}" for where, reason in found.rejects),
                json.dumps(told),
            ]
            yield pa.RecordBatch.from_pydict({"kind": kinds, "text": texts})


def _matches(batch: Any, wanted: Sequence[str]) -> Iterator[Matched]:
    """Yield the rows of a batch of the join, further rows of people apart from first ones."""
    import pyarrow.compute as pc  # noqa: PLC0415 - as above

    ranks = batch.column("rank")
    for further, which in ((False, pc.equal(ranks, 1)), (True, pc.greater(ranks, 1))):
        rows = batch.filter(which)
        if rows.num_rows:
            cells = _values(rows.column("cells").flatten())
            columns = {name: cells[at :: len(wanted)] for at, name in enumerate(wanted)}
            yield Matched(_values(rows.column("place")), _values(rows.column("user")), columns, further)


def _values(array: Any) -> list[Any]:
    """Return a column without nulls as Python values: a tenth of the time of `to_pylist`."""
    values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
    return values
