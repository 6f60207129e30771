"""A CSV that a person opens calculates nothing: https://owasp.org/www-community/attacks/CSV_Injection"""

import csv
import io
from types import SimpleNamespace

import pytest
from audiences.delivery import closing
from audiences.preparation.rejects import Rejects
from audiences.preparation.told_csv import write_told
from hypothesis import given
from hypothesis import strategies as st

FORMULAS = ['=HYPERLINK("https://example.com")', "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1"]


def parsed(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@given(st.lists(st.lists(st.sampled_from(FORMULAS) | st.text(), min_size=1, max_size=3), max_size=4))
def test_every_cell_is_there_and_none_is_a_formula(rows):
    out = io.StringIO()
    write_told(out, rows)
    told = parsed(out.getvalue())
    assert [[cell.removeprefix("'") for cell in row] for row in told] == [
        [cell.replace("\r", " ").removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell.lstrip()[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20") for row in told for cell in row)


def test_numbers_stay_numbers():
    out = io.StringIO()
    write_told(out, [(7, "sent", -1)])
    assert out.getvalue() == "7,sent,-1\n"


@pytest.mark.parametrize("name", FORMULAS)
def test_the_name_of_a_rejected_file_is_text(tmp_path, name):
    rejects = Rejects(tmp_path)
    rejects.extend([(2, "no_identity")])
    rejects.write(tmp_path / "rejects.csv", [name])
    assert parsed((tmp_path / "rejects.csv").read_bytes().decode())[1] == [
        "2",
        "no_identity",
        "'" + name.replace("\r", " "),
    ]


def test_the_words_of_a_platform_are_text(monkeypatch):
    refused = [("part", "part-add-00001.csv", [(0, '=cmd|"/c calc"!A1'), (4, "bad\nvalue")])]
    monkeypatch.setattr(closing, "_refused", lambda _delivery: iter(refused))
    assert parsed(closing._rejects_text(SimpleNamespace())) == [
        ["file", "row", "reason"],
        ["part-add-00001.csv", "1", """'=cmd|"/c calc"!A1"""],
        ["part-add-00001.csv", "5", "bad\nvalue"],
    ]
