"""Turns a segment that arrived into the preparations it starts. Pure: it is told what the bucket holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError
from audiences.runs import safe_name
from audiences.segments.times import made_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from audiences.activations.model import Activation
    from audiences.preparation.request import Request

STAGE = "audience-preparation"
SEGMENTS = "segments/"
_PARQUET = (".parquet", ".pq")


def is_segment_file(key: str) -> bool:
    """Tell whether a key is `segments/<source>/<segment>/<file>`; there may be folders before the file."""
    parts = key.split("/")
    return key.startswith(SEGMENTS) and len(parts) > 3 and all(parts)


@dataclass(frozen=True)
class SegmentFile:
    """`segments/<source>/<segment>/<file>`. modified: when it was stored, ISO 8601. size: bytes."""

    key: str
    source: str
    segment: str
    modified: str = ""
    size: int = 0

    @classmethod
    def of(cls, key: str, modified: str = "", size: int = 0) -> SegmentFile:
        """Read a key. DataError for one that names no source and segment."""
        if not is_segment_file(key):
            raise DataError(
                f"{key} is in no segment's folder.",
                "Activations find segments by source and name.",
                "Upload it as segments/<source>/<segment>/<file>.csv.",
            )
        source, segment = key.split("/")[1:3]
        return cls(key, source, segment, modified, size)

    @property
    def age(self) -> tuple[str, str, str]:
        """Return what sorts the files of a segment, the newest last: see `segments.times`."""
        name = self.key.removeprefix(SEGMENTS).removeprefix(f"{self.source}/{self.segment}/")
        return made_at(name, self.modified), self.modified, self.key


@dataclass(frozen=True)
class Folder:
    """What a bucket holds below identities/ or suppressions/: URIs, and bytes in all."""

    uris: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Home:
    """The folder of an audience on a platform, and what a person should know about it."""

    folder: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """One preparation to do: the request, its inputs as URIs, where the result goes, and the engine.

    name: of its result in the run record. output: a folder, ends with a slash. notes: for people.
    """

    name: str
    request: Request
    segments: tuple[str, ...]
    identities: tuple[str, ...]
    suppressions: tuple[str, ...]
    output: str
    engine: str
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form kept in S3, for Lambda and for the Spark job."""
        return {**self.__dict__, "request": self.request.as_json()}


def plan_work(
    bucket: str,
    run_id: str,
    arrived: SegmentFile,
    activations: Iterable[Activation],
    segments: Sequence[SegmentFile],
    identities: Folder,
    suppressions: Folder,
    homes: Mapping[tuple[str, str], Home],
    planned_at: str,
    most_bytes: int,
) -> list[Work]:
    """Return the preparations that a file starts.

    homes: by (platform, activation); what has none is left out. planned_at: when the bucket was looked at,
    ISO 8601. most_bytes: for Lambda.

    A mirror is of all its segments, each with its latest file; the other modes look at the new file alone.
    """
    planned = []
    for activation in activations:
        if not activation.matches(arrived.source, arrived.segment):
            continue
        files = latest_of(activation, segments) if activation.mode == "mirror" else [arrived]
        # Of both, because two activations may take one file into one audience.
        folder = f"{run_id}-{safe_name(f'{activation.name} {arrived.key}')[-12:]}"
        late = [] if arrived in files else [_passed_over(arrived, files)]
        uris = tuple(f"s3://{bucket}/{file.key}" for file in files)
        size = sum(file.size for file in files) + identities.size + suppressions.size
        parquet = any(uri.lower().endswith(_PARQUET) for uri in (*uris, *identities.uris, *suppressions.uris))
        for platform in activation.platforms:
            home = homes.get((platform, activation.name))
            if home is None:
                continue
            request = replace(activation.request(platform, run_id), home=home.folder, planned_at=planned_at)
            kind = "plans" if request.dry_run else "prepared"
            planned.append(
                Work(
                    name=f"{platform}/{request.key}/{folder}",
                    request=request,
                    segments=uris,
                    identities=identities.uris,
                    suppressions=suppressions.uris,
                    output=f"s3://{bucket}/{kind}/{platform}/{request.key}/{folder}/",
                    engine="spark" if parquet or size > most_bytes else "lambda",
                    notes=(*home.notes, *late),
                )
            )
    return planned


def _passed_over(arrived: SegmentFile, files: Iterable[SegmentFile]) -> str:
    """Say that a file came too late: a newer one of its segment is there."""
    newer = next(
        file.key for file in files if (file.source, file.segment) == (arrived.source, arrived.segment)
    )
    return (
        f"{arrived.key} was passed over: {newer} is newer by the time in its name, or when it was stored. "
        "To go back to the older list, upload it under a newer name."
    )


def latest_of(activation: Activation, segments: Iterable[SegmentFile]) -> list[SegmentFile]:
    """Return the latest file of each segment the activation means, in the order of their keys."""
    latest: dict[tuple[str, str], SegmentFile] = {}
    for file in segments:
        if activation.matches(file.source, file.segment):
            key = (file.source, file.segment)
            if key not in latest or latest[key].age < file.age:
                latest[key] = file
    return sorted(latest.values(), key=lambda file: file.key)
