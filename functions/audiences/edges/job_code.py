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

_SCRIPT = "jobs/prepare_audience.py"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold, so that the same code is the same file


def publish_code(bucket: str) -> dict[str, str]:
    """Store package and script unless they are there; return their URIs, `{packages, script}`.

    For Glue's job parameters `--extra-py-files` and `--scriptLocation`. A deployment would store the script under a
    name without ".py", in a bucket that the job's role would have to be told of.
    """
    return {
        "packages": _store(bucket, "audiences", "zip", zip_packages(audiences, phonenumbers)),
        "script": _store(bucket, "prepare_audience", "py", _read_script()),
    }


def _store(bucket: str, name: str, suffix: str, content: bytes) -> str:
    key = f"code/{name}-{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
    uri = f"s3://{bucket}/{key}"
    s3 = client("s3")
    with s3_errors(uri):
        if not s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount", 0):
            s3.put_object(Bucket=bucket, Key=key, Body=content)
    return uri


def _read_script() -> bytes:
    """Return the job's script, which lies in the asset beside the package and in the repository beside its root."""
    root = Path(audiences.__path__[0]).parent
    beside = root / _SCRIPT
    return (beside if beside.is_file() else root.parent / _SCRIPT).read_bytes()


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
