from __future__ import annotations

import numpy as np
import pytest

from local.personalize.errors import JobFailed
from local.personalize.schemas import parse_schema
from local.personalize.tables import Table, TableReader, text_lines

SCHEMA = parse_schema(
    '{"type":"record","name":"T","fields":[{"name":"USER_ID","type":"string"},{"name":"PLAN","type":["null","string"]},'
    '{"name":"AGE","type":["null","int"]},{"name":"TIME","type":"long"},{"name":"SCORE","type":"float"},{"name":"NEW","type":"boolean"}]}'
)
HEADER = "USER_ID,PLAN,AGE,TIME,SCORE,NEW"


def read(*lines: str, header: str = HEADER) -> Table:
    reader = TableReader(SCHEMA)
    reader.read("users.csv", (line + "\n" for line in (header, *lines)))
    return reader.table()


def test_columns_are_typed_and_null_is_known() -> None:
    table = read('u1,"gold, big",41,1700000000,1.5,true', "u2,,,1700000001,2,FALSE", "u1,free,7,1,0,True")

    assert table.rows == 3
    assert table.columns["USER_ID"].words == ["u1", "u2"]
    assert table.columns["USER_ID"].values.tolist() == [0, 1, 0]
    assert table.columns["PLAN"].values.tolist() == [0, -1, 1]
    assert table.columns["PLAN"].words == ["gold, big", "free"]
    np.testing.assert_array_equal(table.columns["AGE"].values, [41, np.nan, 7])
    assert table.columns["TIME"].values.dtype == np.int64
    assert table.columns["NEW"].words == ["true", "false"]
    assert table.columns["PLAN"].matching(lambda word: word == "free").tolist() == [False, False, True]


def test_columns_come_in_any_order_and_unknown_ones_are_ignored() -> None:
    table = read("x,true,1,2,3,gold,u1", header="EXTRA,NEW,SCORE,TIME,AGE,PLAN,USER_ID")

    assert table.columns["USER_ID"].words == ["u1"]
    assert "EXTRA" not in table.columns


def test_blank_lines_and_carriage_returns_are_no_data() -> None:
    reader = TableReader(SCHEMA)
    reader.read("a.csv", [HEADER + "\r\n", "\r\n", "u1,,,1,2,true\r\n", "\n", "u2,,,1,2,true"])

    assert reader.table().columns["USER_ID"].words == ["u1", "u2"]
    assert reader.table().columns["NEW"].words == ["true"]


def test_several_files_are_one_table() -> None:
    reader = TableReader(SCHEMA)
    for name in ("u1", "u2"):
        reader.read(name, [HEADER, f"{name},free,1,1,2,true"])

    assert reader.table().columns["USER_ID"].values.tolist() == [0, 1]
    assert reader.table().columns["PLAN"].values.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("u2,free,old,1,2,true", "line 4, column AGE: not a value of type int"),
        ("u2,free,1.5,1,2,true", "line 4, column AGE: not a value of type int"),
        ("u2,free,1,1e9,2,true", "line 4, column TIME: not a value of type long"),
        ("u2,free,1,,2,true", "line 4, column TIME: a value is required"),
        ("u2,free,1,1,two,true", "line 4, column SCORE: not a value of type float"),
        ("u2,free,1,1,2,yes", "line 4, column NEW: not a value of type boolean"),
        (",free,1,1,2,true", "line 4, column USER_ID: a value is required"),
        (f"{'u' * 257},free,1,1,2,true", "line 4, column USER_ID: Length cannot be more than 256 characters"),
        ("u2,free,1,99999999999999999999,2,true", "line 4, column TIME: too large for type long"),
        ("u2,free,9999999999,1,2,true", "line 4, column AGE: too large for type int"),
        ("u2,free,1,1", "line 4: 4 values where the header has 6 columns"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_column_but_not_repeated(line: str, why: str) -> None:
    with pytest.raises(JobFailed, match=why) as caught:
        read("u1,free,1,1,2,true", "", line)
    assert "u2" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("USER_ID,PLAN,AGE", r"missing the following columns: \[TIME, SCORE, NEW\]"),
        (HEADER.lower(), r"missing the following columns: \[USER_ID"),
        ("\ufeff" + HEADER, r"missing the following columns: \[USER_ID\].*byte order mark"),
        ('"USER_ID",PLAN,AGE,TIME,SCORE,NEW', r"missing the following columns: \[USER_ID\]"),
        (HEADER + ",PLAN", r"more than once: \[PLAN\]"),
        ("", "missing the following columns"),
    ],
)
def test_a_header_must_name_the_schemas_fields(header: str, why: str) -> None:
    with pytest.raises(JobFailed, match=why):
        read(header=header)


def test_lines_are_cut_wherever_blocks_end() -> None:
    assert list(text_lines(iter(["a", "b\nc", "", "\n\nd"]))) == ["ab\n", "c\n", "\n", "d"]
