"""Gives the Spark job the very code that runs here: the package as a zip in S3, named by its content.

So there is one code asset, and the two engines cannot be of different versions.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import phonenumbers

import audiences
from audiences.edges.aws import client
from audiences.edges.s3_files import s3_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold, so that the same code is the same file


def publish_code(bucket: str) -> str:
    """Store the zip unless it is there, and return its URI, for Glue's `--extra-py-files`."""
    content = zip_packages(audiences, phonenumbers)
    key = f"code/audiences-{hashlib.sha256(content).hexdigest()[:16]}.zip"
    uri = f"s3://{bucket}/{key}"
    s3 = client("s3")
    with s3_errors(uri):
        found = s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount", 0)
        if not found:
            s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/zip")
    return uri


def zip_packages(*packages: ModuleType) -> bytes:
    """Return the packages with their data files as a zip, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for package in packages:
            for name, path in _files(package):
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _files(package: ModuleType) -> Iterator[tuple[str, Path]]:
    root = Path(package.__path__[0])
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".json"):
            yield path.relative_to(root.parent).as_posix(), path
