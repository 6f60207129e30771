"""Reads Parquet when pyarrow is there: in Spark and at a desk, not in Lambda, where it does not fit."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from os import SEEK_END
from typing import TYPE_CHECKING, Any, BinaryIO

from audiences.errors import DataError, SetupError
from audiences.preparation.sources import check_growth

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
            "Run: pip install pyarrow. On AWS give it the ending .parquet: the workflow sends it to the Spark job.",
        ) from None
    data = _seekable(source.open())
    packed = data.seek(0, SEEK_END)
    data.seek(0)
    with _damage_told(source, pa):
        file = pq.ParquetFile(data, page_checksum_verification=True)
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        check_growth(source, packed, sum(group.total_byte_size for group in groups))
        names = list(file.schema_arrow.names)
        fields = list(file.schema_arrow)
    for number, field in enumerate(fields, start=1):
        _check_type(source, number, field, pa)
    return names, _blocks(source, file, packed, pa)


@contextmanager
def _damage_told(source: Source, pa: Any) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, IndexError, OverflowError) as error:
        raise DataError(
            f"{source.name} is a damaged Parquet file.",
            f"Reading it ended with {type(error).__name__}.",
            "Write or upload it again.",
        ) from None


def _seekable(file: BinaryIO) -> BinaryIO:
    """Return the file, or a temporary copy of one that only streams: Parquet begins at the end."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the reader holds it open
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def _check_type(source: Source, number: int, field: Any, pa: Any) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if text or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return
    raise DataError(
        f"Column {number} of {source.name} has the type {str(field.type).partition('<')[0]}.",
        "Only text and whole numbers keep their form: a phone number as a float loses its digits.",
        "Write the column as a string.",
    )


def _blocks(source: Source, file: Any, packed: int, pa: Any) -> Iterator[list[list[str]]]:
    grown = 0
    with _damage_told(source, pa):
        for batch in file.iter_batches(batch_size=_ROWS):
            texts = [column.cast(pa.string()) for column in batch.columns]
            grown += sum(text.nbytes for text in texts)
            check_growth(source, packed, grown)
            columns = [text.fill_null("").to_pylist() for text in texts]
            yield [list(row) for row in zip(*columns, strict=True)]
