"""Turns a manifest into batches in their order: adds, then removes, so that nobody drops out between."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from audiences.delivery.model import Batch, Operation, PartFile, Prepared
from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audiences.delivery.uploader import Replace
    from audiences.preparation.shape import Shape

    Read = Callable[[PartFile], bytes]


@dataclass(frozen=True)
class Step:
    """Batches of one operation; the next step begins when all of them are done."""

    operation: Operation
    batches: tuple[Batch, ...]


def check_limits(prepared: Prepared, shape: Shape) -> None:
    """Raise DataError for a part that does not fit one request: it would fail after others were taken."""
    for part in prepared.parts:
        if (
            part.rows > shape.max_rows
            or part.bytes > shape.max_bytes
            or part.operation not in ("add", "remove")
        ):
            raise DataError(
                f"{part.file} of {prepared.name} does not fit one request.",
                f"{part.rows:,} rows, {part.bytes:,} bytes; {shape.max_rows:,} and {shape.max_bytes:,} fit.",
                "Prepare the audience again.",
            )


def plan_steps(
    prepared: Prepared,
    parts: Sequence[PartFile],
    replace: Replace,
    started: str,
    read: Read,
    session: int = 1,
) -> list[Step]:
    """Return the steps. replace: how the audience is made equal to the adds; "" when they are only added.

    session: counts the sessions of a replacement, for one that is over is not gone on with.
    """
    adds = [part for part in parts if part.operation == "add"]
    removes = [part for part in parts if part.operation == "remove"]
    groups: list[tuple[Operation, list[PartFile]]] = [("remove", [] if replace else removes)]
    if replace == "session":
        groups.insert(0, ("replace", adds))
    elif replace == "first_batch":
        groups[:0] = [("replace", adds[:1]), ("add", adds[1:])]
    else:
        groups.insert(0, ("add", adds))
    steps = [
        _step(prepared, operation, files, started, read, session if operation == "replace" else 1)
        for operation, files in groups
        if files
    ]
    if replace in ("clear_before", "clear_after"):
        clear = _step(prepared, "clear", [PartFile("", "clear", None, 0, 0, "")], started, read)
        steps.insert(0 if replace == "clear_before" else len(steps), clear)
    return steps


def _step(
    prepared: Prepared,
    operation: Operation,
    files: Sequence[PartFile],
    started: str,
    read: Read,
    session_number: int = 1,
) -> Step:
    total = sum(part.rows for part in files)
    again = (str(session_number),) if session_number > 1 else ()
    # below 2**60: safe in every JSON reader of 64 bits
    session = int(digest_of(prepared.name, operation, *again)[:15], 16) + 1
    return Step(
        operation,
        tuple(
            Batch(
                number=number,
                of=len(files),
                operation=operation,
                identifier=part.identifier,
                rows=part.rows,
                key=digest_of(prepared.name, operation, str(number), part.sha256)[:32],
                session=session,
                total_rows=total,
                started=started,
                read=_reader(part, read),
                file=part.file,
            )
            for number, part in enumerate(files, 1)
        ),
    )


def _reader(part: PartFile, read: Read) -> Callable[[], bytes]:
    def checked() -> bytes:
        data = read(part) if part.file else b""
        if part.file and sha256(data).hexdigest() != part.sha256:
            raise DataError(
                f"{part.file} is not what was prepared.",
                "Its checksum differs from the manifest's.",
                "Prepare the audience again.",
            )
        return data

    return checked


def digest_of(*parts: str) -> str:
    """Return a stable hexadecimal digest of texts."""
    return sha256("\x1f".join(parts).encode()).hexdigest()
