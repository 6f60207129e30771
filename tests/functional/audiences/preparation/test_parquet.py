"""Parquet, by pyarrow as the Glue job has it, reads like any other table."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audiences.errors import DataError
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table


def read(columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    table = read_table(Source("table.parquet", lambda: io.BytesIO(file.getvalue())))
    return table.header, [row for chunk in table.chunks for row in chunk.rows]


def test_text_and_whole_numbers():
    assert read({"user_id": [1, 2], "email": ["a", None]}) == (
        ["user_id", "email"],
        [["1", "a"], ["2", ""]],
    )


def test_another_type_is_named_before_anything_is_read():
    with pytest.raises(DataError, match=r"(?s)'phone' .* has the type double"):
        read({"user_id": [1], "phone": [2.5]})
