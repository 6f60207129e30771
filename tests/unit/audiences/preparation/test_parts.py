"""Parts hold whole rows, within rows and bytes, in every form."""

import json
from itertools import pairwise

import pytest
from audiences.preparation.parts import PartWriter
from audiences.preparation.shape import SMALLEST_PART, Shape
from hypothesis import given
from hypothesis import strategies as st


def shape(kind, **more):
    given = {"names": {"email": "EMAIL", "phone": "PHONE"}, "max_rows": 3, "max_bytes": SMALLEST_PART, **more}
    return Shape(kind=kind, minimum=1, source="test", **given)


def written(folder, used, rows, fields=("email", "phone")):
    writer = PartWriter(folder, used, "add", list(fields))
    for row in rows:
        writer.write(row)
    writer.close()
    return writer.parts, [(folder / part.file).read_text() for part in writer.parts]


ROWS = [["a", "1"], ["b", ""], ["ü,", '"']]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("matrix", '{"schema":["EMAIL","PHONE"],"data":[["a","1"],["b",""],["ü,","\\""]]}'),
        ("objects", '[{"EMAIL":"a","PHONE":"1"},{"EMAIL":"b"},{"EMAIL":"ü,","PHONE":"\\""}]'),
        ("ndjson", '{"EMAIL":"a","PHONE":"1"}\n{"EMAIL":"b"}\n{"EMAIL":"ü,","PHONE":"\\""}\n'),
        ("csv", 'EMAIL,PHONE\na,1\nb,\n"ü,",""""\n'),
    ],
)
def test_forms(tmp_path, kind, text):
    assert written(tmp_path, shape(kind), ROWS)[1] == [text]


def test_one_id_a_line(tmp_path):
    used = shape("lines", one_identifier=True)
    parts, texts = written(tmp_path, used, [["a"], ["b"]], ["email"])
    assert texts == ["a\nb\n"]
    assert parts[0].file == "part-add-00001.txt"


def test_one_field_alone_may_have_another_form(tmp_path):
    used = shape("csv", alone="lines")
    assert written(tmp_path, used, [["a"], ["b"]], ["email"])[1] == ["a\nb\n"]


@given(
    rows=st.lists(st.tuples(st.text("aü", max_size=9_000), st.text("b", max_size=9_000)), max_size=30),
    kind=st.sampled_from(["matrix", "objects", "ndjson", "csv"]),
    most=st.integers(1, 12),
)
def test_limits_hold_and_nothing_is_lost(tmp_path, rows, kind, most):
    parts, texts = written(tmp_path, shape(kind, max_rows=most), rows)
    assert sum(part.rows for part in parts) == len(rows)
    assert all(part.rows <= most and part.bytes <= SMALLEST_PART for part in parts)
    if kind == "matrix":
        assert [tuple(row) for text in texts for row in json.loads(text)["data"]] == rows
    # No part could have taken the next row as well, unless it was full.
    for part, following in pairwise(parts):
        assert part.rows == most or part.bytes + following.bytes > SMALLEST_PART


def test_shapes_that_cannot_hold_a_row_are_refused():
    with pytest.raises(ValueError, match="a part needs"):
        shape("matrix", max_rows=0)
    with pytest.raises(ValueError, match="one_identifier"):
        shape("lines")
