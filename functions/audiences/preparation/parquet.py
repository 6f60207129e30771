"""Reads Parquet when pyarrow is there: in Spark and at a desk, not in Lambda, where it does not fit."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO

from audiences.errors import DataError, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audiences.preparation.sources import Source

_ROWS = 10_000


def read_parquet(source: Source) -> tuple[list[str], Iterator[list[list[str]]]]:
    """Return column names and blocks of text. SetupError without pyarrow, DataError for other types.

    Text and whole numbers are taken; a null is an empty cell.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - 166 MB that Lambda does not have
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above
    except ImportError:
        raise SetupError(
            f"{source.name} is Parquet, which this Python cannot read.",
            "The package pyarrow is not installed.",
            "Run: pip install pyarrow. On AWS the workflow sends Parquet to the Spark job by itself.",
        ) from None
    try:
        file = pq.ParquetFile(_seekable(source.open()))
    except pa.ArrowInvalid as error:
        raise DataError(f"{source.name} is a damaged Parquet file.", "", "Upload it again.") from error
    for field in file.schema_arrow:
        _check_type(source, field, pa)
    return list(file.schema_arrow.names), _blocks(file, pa)


def _seekable(file: BinaryIO) -> BinaryIO:
    """Return the file, or a temporary copy of one that only streams: Parquet begins at the end."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the reader holds it open
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def _check_type(source: Source, field: Any, pa: Any) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if text or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return
    raise DataError(
        f"Column {field.name!r} of {source.name} has the type {field.type}.",
        "Only text and whole numbers keep their form: a phone number as a float loses its digits.",
        "Write the column as a string.",
    )


def _blocks(file: Any, pa: Any) -> Iterator[list[list[str]]]:
    for batch in file.iter_batches(batch_size=_ROWS):
        columns = [column.cast(pa.string()).fill_null("").to_pylist() for column in batch.columns]
        yield [list(row) for row in zip(*columns, strict=True)]
