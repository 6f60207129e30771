"""A file is recognised by its header, bad rows are named by line, and content never gets into a message."""

import gzip
import io
import json

import pytest
from audiences.errors import DataError
from audiences.imports.inspection import format_of, inspect_file
from audiences.imports.records import read_rows
from audiences.preparation.sources import Source
from hypothesis import given
from hypothesis import strategies as st


class Pieces(io.BytesIO):
    """A download that comes in pieces of `size` bytes."""

    size = 7

    def read(self, wanted=-1):
        return super().read(min(self.size, wanted))


def source(data, size=7):
    def begin():
        file = Pieces(data)
        file.size = size
        return file

    return Source("import.csv", begin)


def inspect(text, file_format="CSV", size=7):
    return inspect_file(source(text if isinstance(text, bytes) else text.encode(), size), file_format)


@pytest.mark.parametrize(
    ("text", "file_format", "kind"),
    [
        ("Id\na\n", "CSV", "endpoint-ids"),
        ("User.UserId\n1\n", "CSV", "user-ids"),
        ("\ufeffUser.UserId\r\n1\r\n", "CSV", "user-ids"),
        ("ChannelType,Address\nEMAIL,a@example.com\n", "CSV", "endpoints"),
        ("Id,OptOut\n1,ALL\n", "CSV", "endpoints"),
        ('{"Id": "a"}\n', "JSON", "endpoint-ids"),
        ('{"User": {"UserId": "1"}}\n', "JSON", "user-ids"),
        (
            '{"ChannelType": "SMS", "Address": "+12025550101", "User": {"UserId": "1"}}',
            "JSON",
            "endpoints",
        ),
    ],
)
def test_kinds(text, file_format, kind):
    report = inspect(text, file_format)
    assert (report.kind, report.rows, report.bad_rows) == (kind, 1, 0)


def test_bad_rows_are_counted_and_named_by_line():
    text = (
        "User.UserId,ChannelType,Address\n"
        "1,EMAIL,a@example.com\n"
        "2,EMAIL\n"
        "3,PIGEON,c@example.com\n"
        "4,,\n"
        '5,EMAIL,"two\nlines"\n'
        '6,EMAIL,"two\rlines"\n'
    )
    report = inspect(text)
    assert (report.rows, report.bad_rows) == (6, 5)
    assert report.problems == [
        "line 3: it has 2 fields and the header has 3",
        "line 4: its ChannelType is none of Pinpoint's",
        "line 5: it has no Address and no ChannelType",
        "line 7: a value holds a line break or a tab",
        "line 8: a value holds a line break or a tab",
    ]


def test_only_the_first_bad_rows_are_listed_and_all_counted():
    report = inspect("Id,OptOut\n1,NONE\n" + "1\n" * 100)
    assert (report.bad_rows, len(report.problems)) == (100, 20)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"Id\n", "no rows"),
        ("Id\na\n".encode("utf-16"), "UTF-8 without compression"),
        (gzip.compress(b"Id\na\n"), "UTF-8 without compression"),
        (b"Id\ra\r", "old Macs"),
        (b"Id;OptOut\na;ALL\n", "commas between the cells"),
        (b"sep=,\nId,OptOut\na,ALL\n", "header in the first line"),
        (b"PK\x03\x04\0", "spreadsheet"),
        (b"\x00\x00", "no text"),
        (b'Id,OptOut\na,"b\n', "never closed"),
        (b"one@example.com,EMAIL\ntwo@example.com,EMAIL\n", "not an endpoint header"),
        (b"User.UserId,ChannelType\n1,EMAIL\n", "names no endpoints"),
        (b"ChannelType,Address\nEMAIL,\n", "No row"),
        (b"x" * 1_100_000, "longer than 1 MiB"),
    ],
)
def test_what_is_no_import_file_is_a_data_error_without_its_content(text, what):
    with pytest.raises(DataError, match=what) as raised:
        inspect(text, size=1 << 16)
    assert "example.com" not in str(raised.value)
    assert raised.value.fix


def test_json_lines_that_are_broken_are_bad_rows():
    report = inspect('{"Id": "a"}\n{oops\n[1]\n\n{"Id": "b"}\n' + "[" * 100_000, "JSON")
    assert (report.rows, report.bad_rows) == (5, 3)
    assert [p.split(":")[0] for p in report.problems] == ["line 2", "line 3", "line 6"]


@pytest.mark.parametrize(("key", "found"), [("a/b.CSV", "CSV"), ("b.json", "JSON"), ("b.ndjson", "JSON")])
def test_formats(key, found):
    assert format_of(key) == found


@pytest.mark.parametrize("key", ["a.csv.gz", "a.xlsx", "a"])
def test_other_endings_cannot_be_imported(key):
    with pytest.raises(DataError):
        format_of(key)


CELL = st.text(
    alphabet=st.characters(exclude_characters="\n\r\t\x00", exclude_categories=("Cs",)), max_size=8
)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), st.integers(1, 9))
def test_csv_and_json_give_the_same_rows_however_the_stream_is_cut(cells, size):
    def quote(text):
        return '"' + text.replace('"', '""') + '"'

    table = "Id,Attributes.a\n" + "".join(f"{quote(a)},{quote(b)}\n" for a, b in cells)
    lines = "".join(json.dumps({"Id": a, "Attributes": {"a": [b] if b else []}}) + "\n" for a, b in cells)

    def rows(text, file_format):
        data = text.encode()
        return [row.values for row in read_rows(source(data, size), file_format) if any(row.values.values())]

    assert rows(lines, "JSON") == rows(table, "CSV")


def test_a_repeated_header_gives_an_attribute_several_values():
    (row,) = read_rows(source(b"Id,Attributes.a,Attributes.a\n1,x,y\n"), "CSV")
    assert row.values == {"Id": "1", "Attributes.a": "x|y"}
