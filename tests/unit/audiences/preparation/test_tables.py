"""Bad files end in a clear DataError before anything is written, or in counted rejects."""

import gzip
import io
import json
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from audiences.errors import DataError
from audiences.preparation.sources import Source
from audiences.preparation.tables import find_user_column, read_table
from hypothesis import given
from hypothesis import strategies as st


def source(data, name="t.csv"):
    return Source(name, lambda: io.BytesIO(data))


def read(data, name="t.csv"):
    table = read_table(source(data, name))
    chunks = list(table.chunks)
    rows = [row for chunk in chunks for row in chunk.rows]
    return table.header, rows, [line for chunk in chunks for line in chunk.ragged]


def test_plain_csv_with_mark_blank_lines_and_windows_line_ends():
    header, rows, ragged = read(b"\xef\xbb\xbfuser_id, email\r\n1,a\r\n\r\n2,b\r\n")
    assert (header, rows, ragged) == (["user_id", "email"], [["1", "a"], ["2", "b"]], [])


def test_quoted_line_breaks_belong_to_the_value():
    _, rows, _ = read(b'user_id,city\n1,"New\nYork"\n2,"a\rb"\n')
    assert rows == [["1", "New\nYork"], ["2", "a\rb"]]


@pytest.mark.parametrize("mark", [b";", b"\t"])
def test_semicolons_and_tabs(mark):
    assert read(b"user_id%semail\n1%sx\n" % (mark, mark))[1] == [["1", "x"]]


def test_ragged_rows_are_told_by_line():
    assert read(b"user_id,email\n1,a\n2\n3,b,c\n4,d\n")[2] == [3, 4]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"user_id,user_id\n1,2\n", "two columns named 'user_id'"),
        (b"user_id,\n1,2\n", "Column 2 .* has no name"),
        ("user_id,city\n1,Köln\n".encode("latin-1"), "Line 2 of t.csv is not UTF-8"),
        ("user_id\n1\n".encode("utf-16"), "is UTF-16"),
        (b"PK\x03\x04\0\0\0", "is no text"),
        (b'user_id,city\n1,"never closed\n' + b"x,y\n" * 60_000, "cannot be read"),
        (b"user_id,city\n1,a\rb\n", "cannot be read near line 2"),
        (gzip.compress(b"user_id\n" + b"1\n" * 9, mtime=0)[:-12], "damaged gzip"),
        (b"\x1f\x8bnot really", "damaged gzip"),
    ],
)
def test_no_row_of_a_broken_file_is_believed(data, message):
    with pytest.raises(DataError, match=message):
        read(data)


def test_the_line_of_a_bad_byte_is_right_across_chunks(monkeypatch):
    monkeypatch.setattr("audiences.preparation.sources.CHUNK_BYTES", 7)
    with pytest.raises(DataError, match="Line 5 "):
        read(b"user_id\n11\n22\n33\n\xff4\n")


def test_an_endless_line_is_stopped_in_bounded_memory():
    def begin():
        return io.BufferedReader(Endless())

    tracemalloc.start()
    with pytest.raises(DataError, match=r"Line 2 of big\.csv is longer than 1 MiB"):
        list(read_table(Source("big.csv", begin)).chunks)
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()


class Endless(io.RawIOBase):
    """50 MB without a line end, after a header."""

    def __init__(self):
        super().__init__()
        self.sent = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        data = b"user_id\n" if not self.sent else b"x" * min(len(buffer), 1 << 16)
        self.sent += len(data)
        if self.sent > 50 << 20:
            raise AssertionError("read on and on")
        buffer[: len(data)] = data
        return len(data)


def test_a_gzip_bomb_is_stopped(monkeypatch):
    monkeypatch.setattr("audiences.preparation.sources.GROWTH_FREE", 1 << 16)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(b"user_id\n" + b"1\n" * (1 << 19)) + packer.flush()
    with pytest.raises(DataError, match="grows more than 200 times"):
        read(bomb)


def test_gzip_of_several_members_is_one_file():
    data = gzip.compress(b"user_id\n1\n") + gzip.compress(b"2\n")
    assert read(data)[1] == [["1"], ["2"]]


def test_json_lines():
    lines = [{"user_id": 7, "email": "a"}, {"user_id": "8", "email": None}, {"user_id": "9", "email": 1.5}]
    header, rows, ragged = read("\n".join(map(json.dumps, lines)).encode(), "t.jsonl.gz")
    assert header == ["user_id", "email"]
    assert rows == [["7", "a"], ["8", ""]]
    assert ragged == [3]


@pytest.mark.parametrize("line", [b"[1]", b"{", b"7"])
def test_json_lines_that_are_no_objects(line):
    with pytest.raises(DataError, match=r"Line 2 of t\.jsonl"):
        read(b'{"user_id": "1"}\n' + line + b"\n", "t.jsonl")


def test_half_a_character_in_json_makes_a_ragged_row():
    data = b'{"user_id": "1"}\n{"user_id": "\\ud800"}\n'
    assert read(data, "t.jsonl")[1:] == ([["1"]], [2])


@pytest.mark.parametrize("name", ["User.UserId", "USER_ID", "userId", "user id"])
def test_user_columns(name):
    assert find_user_column(source(b""), ["email", name]) == 1


def test_the_only_column_holds_the_ids_and_no_other_is_guessed():
    assert find_user_column(source(b""), ["whatever"]) == 0
    with pytest.raises(DataError, match="no column of user ids"):
        find_user_column(source(b""), ["email", "phone"])


@given(st.binary(max_size=300))
def test_any_bytes_end_in_rows_or_in_a_data_error(data):
    with suppress(DataError):
        header, rows, _ = read(data)
        assert all(len(row) == len(header) for row in rows)
