"""Joins segments to a Pinpoint endpoint export through files on local disk, so that memory stays bounded."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from audiences.edges.audience_files import open_object
from audiences.edges.s3_files import download, list_keys
from audiences.preparation.headers import find_user_column
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table
from audiences.segments.endpoints import EndpointFilter
from audiences.segments.join import join_segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from audiences.segments.split import Segment

ENDPOINT_ID_HEADER = "Id"


def save_directory(export: str, keep: EndpointFilter, path: Path) -> None:
    """Write the (user id, endpoint id) pairs of a Pinpoint export that pass the filter to a local CSV."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")  # quotes a lone "\r" in an id as well
        writer.writerow(("User.UserId", ENDPOINT_ID_HEADER))
        for uri in list_keys(export):
            writer.writerows(keep.read(open_object(uri)))


def fetch_users(segment: Segment, folder: Path) -> Path:
    """Download a segment's user ids (a CSV with the header `User.UserId`)."""
    path = folder / f"users-{segment.file_name}.csv"
    download(segment.file, path)
    return path


def join_to_endpoints(
    segments: list[Segment], directory: Path, folder: Path
) -> tuple[dict[str, tuple[Path, int]], dict[str, int]]:
    """Return, by file name, each segment's CSV of endpoint ids with its row count.

    And the users without endpoint.

    Disk needs the directory, one segment's ids at a time, and the endpoint ids of all segments.
    """
    paths = [folder / f"endpoints-{segment.file_name}.csv" for segment in segments]
    rows = [0] * len(segments)
    for path in paths:
        path.write_text(f"{ENDPOINT_ID_HEADER}\n", encoding="utf-8")
    buffers: dict[int, list[str]] = {}

    def flush(number: int) -> None:
        ids = buffers.pop(number, [])
        rows[number] += len(ids)
        with paths[number].open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows((value,) for value in ids)

    def take(number: int, endpoint: str) -> None:
        buffer = buffers.setdefault(number, [])
        buffer.append(endpoint)
        if len(buffer) >= 2_000:  # 500 segments at once stay below 100 MB
            flush(number)

    without = join_segments(_rows(segments, folder), lambda: _pairs(directory), take)
    for number in list(buffers):
        flush(number)
    files = {segment.file_name: (paths[n], rows[n]) for n, segment in enumerate(segments)}
    return files, {segment.file_name: without.get(n, 0) for n, segment in enumerate(segments)}


def _rows(segments: list[Segment], folder: Path) -> Iterator[tuple[int, str]]:
    for number, segment in enumerate(segments):
        path = fetch_users(segment, folder)
        source = Source.of(path)
        table = read_table(source)
        column = find_user_column(source, table.header)
        for chunk in table.chunks:
            yield from ((number, row[column]) for row in chunk.rows)
        path.unlink()


def _pairs(directory: Path) -> Iterator[tuple[str, str]]:
    for chunk in read_table(Source.of(directory)).chunks:
        yield from ((user, endpoint) for user, endpoint in chunk.rows)


def join_export(
    export: str, channels: str, segments: list[Segment], folder: Path
) -> tuple[dict[str, tuple[Path, int]], dict[str, int]]:
    """Read the export below the URI `export` and join it; see `join_to_endpoints` for what is returned.

    `channels` is a comma list of channel types to keep; empty keeps all.
    """
    keep = EndpointFilter.of(channels)
    save_directory(export, keep, folder / "directory.csv")
    return join_to_endpoints(segments, folder / "directory.csv", folder)
