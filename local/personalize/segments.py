"""Batch segment jobs: each line of an input file becomes a line with users, or an error, in `<file>.out`.

Output lines have the shape of real output files (not of AWS's examples page):
`{"input": {"itemAttributes": "…"}, "output": {"usersList": […]}, "error": null}`.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from local.personalize.errors import JobFailed, QueryError
from local.personalize.filters import Clause, allowed_users
from local.personalize.queries import Condition, parse_query, read_json, read_query_line
from local.personalize.s3_files import Location, access, find_files, parse_location, read_lines
from local.personalize.training import ITEM_ATTRIBUTE_AFFINITY, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cloud import Cloud
    from local.personalize.tables import Array, Column, Table

# Queries in one input file: item-attribute-affinity-recipe.html and limits.html of the developer guide.
MOST_QUERIES = {"aws-item-attribute-affinity": 10, "aws-item-affinity": 500}
_IN_MEMORY = 8 << 20  # bytes of output before it moves to a file


@dataclass(frozen=True)
class SegmentJob:
    """Everything a job needs: the model, where to read and write, how many users, and whom to leave out."""

    model: Model
    role_arn: str
    source: Location
    target: Location
    most: int
    kms_key_arn: str | None = None
    clauses: tuple[Clause, ...] = ()
    tables: dict[str, Table | None] | None = None

    @property
    def member(self) -> str:
        """What an input line asks with."""
        return "itemAttributes" if self.model.recipe == ITEM_ATTRIBUTE_AFFINITY else "itemId"


def run_segment_job(cloud: Cloud, job: SegmentJob) -> None:
    """Read all input files, check them, then write one output file each. Raises JobFailed."""
    with access(cloud, job.role_arn) as s3:
        keys = find_files(s3, job.source, deep=True)
        inputs = {key: _read_queries(s3, job, key) for key in keys}
        _write(s3, job, "_CHECK", b"")
        for key, lines in inputs.items():
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as output:
                for line in lines:
                    output.writelines(_answer_line(job, line))
                output.seek(0)
                _write(s3, job, key.rsplit("/", 1)[-1] + ".out", output)


def _read_queries(s3: Any, job: SegmentJob, key: str) -> list[str]:
    most = MOST_QUERIES[job.model.recipe]
    lines = []
    for line in read_lines(s3, job.source.bucket, key):
        if line.strip():
            lines.append(line.strip())
        if len(lines) > most:
            raise JobFailed(
                f"Input file {key} has more than {most} queries, the maximum of {job.model.recipe}."
            )
    if not lines:
        raise JobFailed(f"Input file {key} has no queries.")
    return lines


def _write(s3: Any, job: SegmentJob, name: str, body: bytes | IO[bytes]) -> None:
    encryption = (
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": job.kms_key_arn} if job.kms_key_arn else {}
    )
    s3.put_object(Bucket=job.target.bucket, Key=job.target.folder + name, Body=body, **encryption)


def _answer_line(job: SegmentJob, line: str) -> Iterator[bytes]:
    """Yield an output line in pieces, so that a segment of millions is never one string."""
    try:
        users = answer(job, line)
    except QueryError as error:
        yield json.dumps({"input": _echo(line), "output": None, "error": str(error)}).encode() + b"\n"
        return
    yield b'{"input": ' + json.dumps(_echo(line)).encode() + b', "output": {"usersList": ['
    for start in range(0, len(users), 10_000):
        ids = ", ".join(map(json.dumps, users[start : start + 10_000]))
        yield (", " if start else "").encode() + ids.encode()
    yield b']}, "error": null}\n'


def _echo(line: str) -> Any:
    try:
        return read_json(line)
    except QueryError:
        return line


def answer(job: SegmentJob, line: str) -> list[str]:
    """Return the user ids for an input line, most likely first. Raises QueryError."""
    query, values = read_query_line(line, job.member)
    affinity = job.model.affinity
    allowed = None
    if job.clauses:
        allowed = allowed_users(job.clauses, values, job.tables or {}, affinity.user_ids)
    by_attribute = job.model.recipe == ITEM_ATTRIBUTE_AFFINITY
    scores = (
        attribute_scores(job.model, parse_query(query)) if by_attribute else item_scores(job.model, query)
    )
    return affinity.rank(scores, job.most, allowed)


def attribute_scores(model: Model, conditions: tuple[Condition, ...]) -> Array:
    """Return each user's probability for items that meet all conditions.

    When no item that was touched meets all of them, the product of the single probabilities stands in.
    """
    chosen = [_items_meeting(model, condition) for condition in conditions]
    together = np.logical_and.reduce(chosen)
    if model.affinity.interactions_with(together):
        return model.affinity.shares(together.astype(np.float64))
    return np.asarray(np.prod([model.affinity.shares(each.astype(np.float64)) for each in chosen], axis=0))


def _items_meeting(model: Model, condition: Condition) -> Array:
    """Return for each item of the model whether it has the attribute. Raises QueryError when none has."""
    column = model.attributes.get(condition.column)
    if column is None:
        raise QueryError(f"Column {condition.column} is not an attribute of items that was used in training.")
    chosen = np.zeros(len(model.affinity.item_ids), dtype=bool)
    codes = model.item_codes[_rows_with(column, condition.value)]
    chosen[codes[codes >= 0]] = True
    if not model.affinity.interactions_with(chosen):
        raise QueryError(
            f'The value "{condition.value}" of {condition.column} was not present in the training data.'
        )
    return chosen


def _rows_with(column: Column, value: str) -> Array:
    if column.words is not None:
        return column.matching(lambda word: value in (part.strip() for part in word.split("|")))
    try:
        return np.asarray(column.values == float(value))
    except ValueError as error:
        raise QueryError(f'The column is a number, the value "{value}" is not.') from error


def item_scores(model: Model, item_id: str) -> Array:
    """Return each user's probability for an item. Raises QueryError when nobody interacted with it."""
    try:
        code = model.affinity.item_ids.index(item_id)
    except ValueError:
        code = -1
    asked = np.zeros(len(model.affinity.item_ids), dtype=bool)
    asked[code] = code >= 0
    if not model.affinity.interactions_with(asked):
        raise QueryError(f"Item {item_id} was not present in the training data.")
    return model.affinity.shares(model.affinity.together_with(code))


def locations(source: str, target: str) -> tuple[Location, Location]:
    """Return a job's input and output location. Raises ValueError with AWS's text when they cannot work."""
    try:
        read, write = parse_location(source), parse_location(target)
    except ValueError as error:
        raise ValueError(f"Invalid S3 input path or output path. {error}") from error
    if read.bucket == write.bucket and read.folder == write.folder:
        raise ValueError("Invalid S3 output path: it must differ from the input path.")
    return read, write
