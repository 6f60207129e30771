"""Bad files end in a clear DataError before anything is written, or in counted rejects."""

import csv
import gzip
import io
import json
import random
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from audiences.errors import DataError
from audiences.preparation.headers import find_user_column
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table
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
        (b"user_id,user_id\n1,2\n", "Columns 1 and 2 .* the same name"),
        (b"user_id,\n1,2\n", "Column 2 .* has no name"),
        ("user_id,city\n1,Köln\n".encode("latin-1"), "Line 2 of t.csv is not UTF-8"),
        ("user_id\n1\n".encode("utf-16")[:-1], "damaged UTF-16"),
        ("user_id\n1\n".encode("utf-32"), "zero bytes.*iconv"),
        (b"user_id\n1\n" + b"2\n" * 3_000 + b"3\0\n", "Line 3003 .* zero byte"),
        (b"PK\x03\x04\0\0\0", "spreadsheet.*unzip t.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "old spreadsheet"),
        (gzip.compress(b"PK\x03\x04\0\0\0"), "spreadsheet"),
        (gzip.compress(gzip.compress(b"user_id\n1\n")), "gzip twice.*gunzip"),
        (b"BZh91AY&SY", "bzcat t.csv"),
        (b"%PDF-1.7", "PDF"),
        (b"\n<html><table><tr><td>user_id", "web page.*CSV UTF-8"),
        (b'[\n {"user_id": "1"}]', "JSON list.*jq"),
        (gzip.compress(b"PAR1\0"), "Parquet inside gzip"),
        (b"sep=\nuser_id\n1\n", "sep= line"),
        (b"sep=;\nuser_id,email\n1,a\n", "names another separator.*comma"),
        (b"a.csv".ljust(257, b"\0") + b"ustar\0", "tar archive.*tar xf"),
        (b'{"user_id": "1", "consent_ads": "no", "consent_ads": "yes"}\n', "each key once"),
        (b"sep=ab\nuser_id\n1\n", "sep= line"),
        (b"user_id;email,phone\n1;2,3\n4;5,6\n", "separated by comma or semicolon.*sep=;"),
        (b"user_id,email\n1;a\n2;b\n", "No row .* The header has 2, line 2 has 1"),
        (b'user_id,city\n1,"never closed\n' + b"x,y\n" * 60_000, "cannot be read"),
        (b"user_id,city\n1,a\rb\n", "cannot be read near line 2"),
        (gzip.compress(b"user_id\n" + b"1\n" * 9, mtime=0)[:-12], "damaged gzip"),
        (b"\x1f\x8bnot really", "damaged gzip"),
    ],
)
def test_no_row_of_a_broken_file_is_believed(data, message):
    with pytest.raises(DataError, match=f"(?s){message}"):
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


def test_an_unpacked_file_has_a_largest_size_however_slowly_it_grows(monkeypatch):
    monkeypatch.setattr("audiences.preparation.sources.MOST_UNPACKED", 1 << 16)
    text = b"user_id\n" + bytes(random.Random(1).choices(b"0123456789\n", k=1 << 17))
    with pytest.raises(DataError, match=r"(?s)more than .* when unpacked.*Cut it into several"):
        read(gzip.compress(text))


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


@pytest.mark.parametrize("value", ["\\ud800", "\\u0000ragged"])
def test_half_a_character_and_a_zero_byte_in_json_make_a_ragged_row(value):
    data = b'{"user_id": "1"}\n{"user_id": "%s"}\n' % value.encode()
    assert read(data, "t.jsonl")[1:] == ([["1"]], [2])


@pytest.mark.parametrize("name", ["User.UserId", "USER_ID", "userId", "user id"])
def test_user_columns(name):
    assert find_user_column(source(b""), ["email", name]) == 1


def test_the_only_column_holds_the_ids_and_no_other_is_guessed():
    with pytest.raises(DataError, match="no column of user ids"):
        find_user_column(source(b""), ["email", "phone"])


@pytest.mark.parametrize("name", ["Kundennummer", "customer_id", "Id cliente", "N° client"])
def test_what_shops_call_a_customers_number_is_a_user_id_where_nothing_is_named_so(name):
    assert find_user_column(source(b""), ["email", name.replace("N°", "numero")]) == 1
    assert find_user_column(source(b""), [name.replace("N°", "numero"), "user_id"]) == 1


@pytest.mark.parametrize(
    "header",
    [
        ["Anna Example"],
        ["anna@example.com"],
        ["u1"],
        ["u1", "anna@example.com"],
        ["customer_id", "Kundennummer"],
    ],
)
def test_a_first_line_that_may_be_a_person_is_refused_without_a_word_of_it(header):
    with pytest.raises(DataError, match="no column of user ids") as raised:
        find_user_column(source(b""), header)
    assert "sed -i '1i user_id" in raised.value.fix
    assert not any(name in str(raised.value) for name in header)


def test_lines_are_those_of_the_editor_when_lines_stand_above_the_header():
    assert read(b"\n\nsep=|\nuser_id|email\n1|a\n2\n")[1:] == ([["1", "a"]], [6])


def test_old_mac_line_ends():
    assert read(b"user_id,email\r1,a\r2,b\r")[1] == [["1", "a"], ["2", "b"]]


def test_a_carriage_return_that_ends_the_first_chunk_may_belong_to_a_line_feed(monkeypatch):
    monkeypatch.setattr("audiences.preparation.sources._HEAD", 8)
    monkeypatch.setattr("audiences.preparation.sources.CHUNK_BYTES", 8)
    assert read(b"user_id\r\n1\r\n2\r\n")[1] == [["1"], ["2"]]


def test_json_lines_under_another_name():
    assert read(b'{"user_id": "1"}\n', "t.csv")[1] == [["1"]]


NAMES = ["user_id", "a;b", "x|y", "p,q", "tab\tbed", 'say "hi"', "Größe", "two\nlines", "email"]
cells = st.text(
    st.sampled_from(',;\t|"\n\r aé日=u') | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
)


@given(
    names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True),
    rows=st.lists(st.lists(cells, min_size=4, max_size=4), max_size=6),
    mark=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    told=st.booleans(),
    packed=st.booleans(),
)
def test_any_dialect_is_read_as_written_or_refused(names, rows, mark, end, codec, quoting, told, packed):
    rows = [row[: len(names)] for row in rows]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=mark, lineterminator=end, quoting=quoting)
    writer.writerows([names, *rows])
    written = text.getvalue()
    breaks = {"\r", "\n"}.difference(end)
    if quoting != csv.QUOTE_ALL and any(breaks.intersection(cell) for row in [names, *rows] for cell in row):
        return  # the module leaves other line ends without quotes: no reader tells what they are
    data = ((f"sep={mark}{end}" if told else "") + written).encode(codec)
    try:
        header, found, ragged = read(gzip.compress(data) if packed else data)
    except DataError:
        assert not told
        return
    old_mac = end == "\r"
    assert header == [name.strip() for name in names]
    assert found == [[cell.replace("\r", "\n") if old_mac else cell for cell in row] for row in rows]
    assert ragged == []


@given(st.binary(max_size=300))
def test_any_bytes_end_in_rows_or_in_a_data_error(data):
    with suppress(DataError):
        header, rows, _ = read(data)
        assert all(len(row) == len(header) for row in rows)
