"""Parquet, by pyarrow as the Glue job has it, reads like any other table."""

import io
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audiences.errors import DataError
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table


def write(columns, **settings):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **settings)
    return file.getvalue()


def read_bytes(data):
    table = read_table(Source("table.parquet", lambda: io.BytesIO(data)))
    chunks = list(table.chunks)
    rows = [row for chunk in chunks for row in chunk.rows]
    return table.header, rows, [line for chunk in chunks for line in chunk.ragged]


def read(columns):
    return read_bytes(write(columns))[:2]


def test_text_and_whole_numbers():
    assert read({"user_id": [1, 2], "email": ["a", None]}) == (
        ["user_id", "email"],
        [["1", "a"], ["2", ""]],
    )


def test_another_type_is_named_before_anything_is_read():
    with pytest.raises(DataError, match=r"Column 2 of table\.parquet has the type double") as raised:
        read({"user_id": [1], "anna@example.com": [2.5]})
    assert "anna" not in str(raised.value)


def test_a_value_with_a_zero_byte_makes_its_row_ragged_as_in_json_lines():
    assert read_bytes(write({"user_id": ["1", "\0ragged", "3"]}))[1:] == ([["1"], ["3"]], [2])


COMPRESSIONS = pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd"])


@COMPRESSIONS
def test_a_damaged_page_is_an_error_of_the_file(compression):
    """Checksums where the writer gave them; without them every damage ends in rows or in the same error."""
    users = [f"user-{number * 7919 % 10_007}" for number in range(2_000)]
    columns = {"user_id": users, "email": [f"{user}@example.com" for user in users]}
    data = write(columns, compression=compression, write_page_checksum=True)
    broken = bytearray(data)
    broken[len(data) // 3] ^= 0xFF
    with pytest.raises(DataError, match="damaged Parquet"):
        read_bytes(bytes(broken))
    plain, rng = write(columns, compression=compression), random.Random(3)
    refused = 0
    for _ in range(300):
        broken = bytearray(plain)
        for _ in range(rng.choice([1, 4])):
            broken[rng.randrange(len(plain))] = rng.randrange(256)
        try:
            assert all(len(row) == 2 for row in read_bytes(bytes(broken))[1])
        except DataError as error:
            refused += "damaged" in str(error)
    assert refused


@pytest.mark.parametrize("free", [1 << 16, 1 << 62])
def test_a_bomb_is_stopped_by_what_it_becomes(monkeypatch, free):
    """A dictionary of one long value: a few bytes a row in the file, and as much as one likes in memory."""
    monkeypatch.setattr("audiences.preparation.sources.GROWTH_FREE", free)
    monkeypatch.setattr("audiences.preparation.sources.MOST_UNPACKED", 1 << 24)
    data = write({"user_id": ["x" * 3_000] * 100_000})
    assert len(data) < 1 << 16
    with pytest.raises(DataError, match=r"grows more than 200 times|more than 0 GiB"):
        read_bytes(data)
