"""Makes an arrived file ready for Pinpoint: a copy without byte order mark, and the segment to refresh."""

from __future__ import annotations

import tempfile
from pathlib import Path

from audiences.edges.pinpoint import find_segment
from audiences.edges.s3_files import read_chunks, upload_once
from audiences.imports.arrival import Arrival

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def prepare_for_pinpoint(arrival: Arrival, application: str, *, refresh: bool) -> dict[str, str]:
    """Return what differs from a plain import of the file: `import_url`, `segment_name`, `segment_id`.

    With `refresh`, a file that names its segment goes into the segment of that name, if there is one.
    Pinpoint would read a byte order mark as part of the first column's name, so such a file is copied
    without it.
    """
    changes: dict[str, str] = {}
    stable = arrival.metadata.get("segment-name", "")
    if refresh and stable:
        changes = {"segment_name": stable, "segment_id": find_segment(application, name=stable)}
    if next(read_chunks(arrival.uri), b"").startswith(BYTE_ORDER_MARK):
        changes["import_url"] = _clean_copy(arrival)
    return changes


def _clean_copy(arrival: Arrival) -> str:
    clean = f"s3://{arrival.bucket}/cleaned/{arrival.execution_key}/{arrival.file_name}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean"
        with path.open("wb") as file:
            for number, chunk in enumerate(read_chunks(arrival.uri)):
                file.write(chunk.removeprefix(BYTE_ORDER_MARK) if number == 0 else chunk)
        upload_once(path, clean)
    return clean
