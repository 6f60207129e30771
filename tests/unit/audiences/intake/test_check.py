import gzip
import io

import pytest
from audiences.errors import DataError
from audiences.intake.check import Counts, check_segment
from audiences.preparation.headers import find_user_column
from audiences.preparation.sources import Source
from audiences.preparation.tables import read_table

MEBIBYTE = 1 << 20


def source(data):
    data = data.encode() if isinstance(data, str) else data
    return Source("boots.csv", lambda: io.BytesIO(data))


def check(data, most=MEBIBYTE):
    return check_segment(source(data), len(data), most)


@pytest.mark.parametrize("header", ["user_id", "User.UserId", "userId", "USER ID", "user"])
def test_user_ids_are_found_by_any_of_their_names_as_in_preparation(header):
    text = f"score;{header}\n1;u1\n2;u2\n"

    assert check(text) == Counts(users=2, bad_rows=0)
    assert find_user_column(source(text), read_table(source(text)).header) == 1


def test_rows_that_preparation_will_reject_are_counted():
    assert check("user_id,score\nu1,1\n,2\nu3\nu4,4,4\n\n") == Counts(users=1, bad_rows=3)


def test_byte_order_marks_windows_line_ends_and_gzip_are_read():
    text = "\ufeffuser_id,score\r\nu1,1\r\n".encode()

    assert check(text) == check(gzip.compress(text)) == Counts(1, 0)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"user_id\n", "header only"),
        (b"user_id,score\n,1\n,2\n", "None of its 2 rows"),
        (b"anna@example.com,5\nben@example.com,3\n", "None of the 2 names"),
        (b"anna@example.com\nben@example.com\n", "may be a person"),
        (b"Anna,Anna\nBen,Ben\n", "Columns 1 and 2"),
        (b"Anna,Berlin\nBen,Bonn\n", "None of the 2 names"),
        (b'user_id,"sco\nu1,1\n', "quote"),
        (b'user_id,score\nu1,"1\nu2,2\n', "near line"),
        ("user_id,city\nu1,Köln\n".encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04\x00\x00\x00", "spreadsheet"),
        (b"PAR1\x15\x04", "Parquet under another name"),
        (gzip.compress(b"user_id\nu1\n")[:-6], "damaged gzip"),
    ],
)
def test_what_is_no_segment_is_refused_with_a_reason_that_shows_nobody(data, why):
    with pytest.raises(DataError) as raised:
        check(data)
    assert why in str(raised.value)
    assert raised.value.fix
    assert not any(name in str(raised.value) for name in ("anna", "Anna", "Berlin", "ben@", "u1"))


def test_a_file_at_the_bound_is_taken_and_one_above_is_not_even_opened():
    text = b"user_id\n" + b"u\n" * 10

    def opened():
        raise AssertionError

    assert check_segment(source(text), MEBIBYTE, MEBIBYTE).users == 10
    with pytest.raises(DataError, match="bigger than 1 MiB"):
        check_segment(Source("big.csv", opened), MEBIBYTE + 1, MEBIBYTE)
