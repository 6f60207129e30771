"""Sorting spills without changing anything, and a ledger that cannot be trusted is refused."""

import gzip
import io
import random

import pytest
from audiences.errors import DataError
from audiences.preparation.ledger import read_ledger, write_ledger
from audiences.preparation.sorting import Sorter
from audiences.preparation.sources import Source


def test_runs_on_disk_give_the_order_of_memory(tmp_path):
    lines = [f"{random.Random(n).random()}\té{n}\x85" for n in range(500)]
    sorter = Sorter(tmp_path, "runs", run_lines=30)
    for start in range(0, len(lines), 7):
        sorter.extend(lines[start : start + 7])
    assert len(list(tmp_path.iterdir())) > 10
    assert list(sorter) == sorted(lines)


def test_the_same_lines_are_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        with write_ledger(tmp_path / name) as writer:
            writer.write("k\temail=v")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert gzip.decompress((tmp_path / "a").read_bytes()) == b"k\temail=v\n"


@pytest.mark.parametrize("text", ["b\tx=1\na\tx=2\n", "a\tx=1\na\tx=2\n"])
def test_an_unsorted_ledger_would_make_everybody_leave(text):
    with pytest.raises(DataError, match="is not sorted"):
        list(read_ledger(Source("l.tsv", lambda: io.BytesIO(text.encode()))))
