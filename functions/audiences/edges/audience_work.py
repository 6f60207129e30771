"""Reads the bucket for the plan of a segment, and does one preparation of it, with S3 at both ends."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from audiences.activations.outcome import told_as_one
from audiences.activations.parts import refuse_parts
from audiences.activations.validate import check_activation, check_together
from audiences.activations.work import SEGMENTS, Folder, SegmentFile, Work, is_segment_file, plan_work
from audiences.edges.audience_files import list_objects, open_object, publish_folder
from audiences.edges.audience_homes import find_homes
from audiences.edges.ledgers import find_base, with_base
from audiences.edges.list_memory import recall_lists, remember_lists
from audiences.edges.s3_files import read_json, split_uri
from audiences.errors import DataError
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.training.problems import describe

if TYPE_CHECKING:
    from audiences.activations.model import Activation
    from audiences.errors import AudienceError
    from audiences.preparation.manifest import Manifest


def find_work(bucket: str, run_id: str, key: str, most_bytes: int) -> tuple[list[Work], AudienceError | None]:
    """Return what the segment file `key` starts, and what is wrong with activations that are left out.

    DataError when the file is in no segment's folder, or is empty and somebody wants it.
    """
    arrived = SegmentFile.of(key)
    activations, invalid = load_activations(bucket)
    wanted = [activation for activation in activations if activation.matches(arrived.source, arrived.segment)]
    if not wanted:
        return [], invalid
    planned_at = datetime.now(UTC).isoformat(timespec="milliseconds")  # before looking: see Prepared.order
    ledgers = frozenset(item.key for item in list_objects(bucket, "ledger/"))
    homes, foreign = find_homes(bucket, wanted, activations, ledgers)
    segments = [
        SegmentFile.of(item.key, item.modified, item.size)
        for item in list_objects(bucket, SEGMENTS)
        if is_segment_file(item.key)
    ]
    arrived = next((file for file in segments if file.key == key), None) or _nothing_in(key)
    in_parts = {one.name: error for one in wanted if (error := refuse_parts(one, segments))}
    planned = plan_work(
        bucket,
        run_id,
        arrived,
        [activation for activation in wanted if activation.name not in in_parts],
        segments,
        _folder(bucket, "identities/"),
        _folder(bucket, "suppressions/"),
        homes,
        planned_at,
        most_bytes,
    )
    return planned, told_as_one([*([invalid] if invalid else []), *foreign, *in_parts.values()])


def _nothing_in(key: str) -> NoReturn:
    raise DataError(
        f"{key} is empty.",
        "An export that broke off leaves such a file, so it is not taken for a segment without members.",
        "Upload it again. A segment that has no members is a file with a header, e.g. user_id, and no line.",
    )


def load_activations(bucket: str) -> tuple[list[Activation], DataError | None]:
    """Return the activations without problems, and one error with the problems of all others, or None."""
    valid: list[tuple[str, Activation]] = []
    problems = []
    for item in list_objects(bucket, "activations/"):
        if not item.key.endswith(".json"):
            continue
        name = item.key.removeprefix("activations/").removesuffix(".json")
        with open_object(f"s3://{bucket}/{item.key}").open() as file:
            activation, found = check_activation(file.read(), item.key, name)
        problems += found
        if activation is not None:
            valid.append((item.key, activation))
    problems += check_together(valid)
    named = {problem.file for problem in problems}
    error = DataError(
        f"{len(named)} activation{'s are' if len(named) > 1 else ' is'} left out because of problems.",
        describe(problems),
        "Correct the file and upload it and the segment again. Check it first with: audiences validate FILE",
    )
    return [activation for key, activation in valid if key not in named], error if problems else None


def _folder(bucket: str, prefix: str) -> Folder:
    items = list_objects(bucket, prefix)
    return Folder(tuple(f"s3://{bucket}/{item.key}" for item in items), sum(item.size for item in items))


def read_work(uri: str) -> Work:
    """Read a piece of work back."""
    value: dict[str, Any] = read_json(uri)
    lists = {name: tuple(value.get(name, ())) for name in ("segments", "identities", "suppressions", "notes")}
    value.pop("ledger", None)  # of former versions
    return Work(**{**value, **lists, "request": Request.from_json(value["request"])})


def read_told(uri: str) -> dict[str, str] | None:
    """Return what the Spark job says of its failure on the work at `uri`; None when it said nothing."""
    try:
        told: dict[str, str] = read_json(f"{uri}.failure")
    except DataError:
        return None
    return told


def inputs_of(work: Work) -> Inputs:
    """Return the work's files as sources. DataError when the list of whom the platform holds is lost."""
    inputs = Inputs(
        segments=[open_object(uri) for uri in work.segments],
        identities=[open_object(uri) for uri in work.identities],
        suppressions=[open_object(uri) for uri in work.suppressions],
        remembered=recall_lists(split_uri(work.output)[0], work.request),
    )
    return with_base(inputs, find_base(split_uri(work.output)[0], work.request))


def do_work(work: Work) -> Manifest:
    """Prepare on this machine and publish. Raises what `prepare` raises; then nothing is published."""
    with tempfile.TemporaryDirectory(prefix="prepared-") as name:
        made = prepare(work.request, inputs_of(work), Path(name))
        publish_work(work, made, Path(name))
    return made


def publish_work(work: Work, made: Manifest, folder: Path) -> None:
    """Publish what was prepared, and remember how long the suppression lists were."""
    publish_folder(folder, work.output)
    remember_lists(split_uri(work.output)[0], made)
