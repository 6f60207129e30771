"""A column of a file: the quick way and the way of `csv` write the same bytes, in any number of ranges."""

import csv
import gzip
import hashlib
import io
import random

import pytest
from audiences.errors import DataError
from audiences.preparation import column, column_file
from audiences.preparation.column_file import Column, cut, hash_file

from tests.unit.audiences.identity import reference

EMAIL = Column(name="email", platform="google", field="email")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def run(tmp_path, data, spec=EMAIL, workers=1):
    (tmp_path / "in.csv").write_bytes(data)
    done = hash_file(tmp_path / "in.csv", tmp_path / "out.csv", spec, workers)
    return (tmp_path / "out.csv").read_bytes().decode(), done


def plainly(text):
    """Return the rows as they must be, value by value, and how many are ragged."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    at = header.index("email")
    found, ragged = [header], 0
    for row in filter(None, rows):
        if len(row) != len(header):
            ragged += 1
            continue
        plain = reference.email("google", row[at])
        row[at] = digest(plain) if plain else ""
        found.append(row)
    return found, ragged


CELLS = ["", "7", "a b", 'say "hi"', "x,y", "two\nlines", "Zoë", "\t"]
EMAILS = [
    "Jane@Example.com",
    " j.d+x@gmail.com ",
    "",
    "no",
    "é@example.com",
    "a b@example.com",
    "İ@example.com",
]


def make(seed, rows, tidy):
    rng = random.Random(seed)
    header = ["id", "email", "note"][: rng.choice([2, 3])]
    rng.shuffle(header)
    out = io.StringIO(newline="")
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    plain = csv.writer(out, lineterminator=rng.choice(["\n", "\r\n"]), quoting=0 if tidy else quoting)
    plain.writerow(header)
    for number in range(rows):
        cells = {
            "id": str(number),
            "email": rng.choice(EMAILS),
            "note": rng.choice(CELLS[:3] if tidy else CELLS),
        }
        row = [cells[name] for name in header]
        if rng.random() < 0.02:
            row = rng.choice([[*row, "more"], row[:-1], []])
        plain.writerow(row)
    return out.getvalue()


@pytest.mark.parametrize("seed", range(12))
def test_every_row_is_as_the_plain_rules_say(tmp_path, monkeypatch, seed):
    monkeypatch.setattr("audiences.preparation.sources.CHUNK_BYTES", 700)
    monkeypatch.setattr(column_file, "_SMALLEST_RANGE", 1_000)
    text = make(seed, 400, tidy=seed % 2)
    rows, ragged = plainly(text)
    one, done = run(tmp_path, b"\xef\xbb\xbf" * (seed % 3 == 0) + text.encode())
    assert list(csv.reader(io.StringIO(one, newline=""), strict=True)) == rows
    assert (done.written, done.ragged) == (len(rows) - 1, ragged)
    many, again = run(tmp_path, text.encode(), workers=3)
    assert many == one
    assert again == done


def test_quick_and_slow_write_the_same_bytes(tmp_path, monkeypatch):
    text = make(1, 500, tidy=True).replace("a b", "b").encode()
    quick, counted = run(tmp_path, text)
    monkeypatch.setattr(column, "_hash_plain", lambda *_: None)
    assert run(tmp_path, text) == (quick, counted)


def test_a_wrong_guess_of_the_ranges_is_noticed(tmp_path, monkeypatch):
    """A literal quote makes the count of quotes odd, so that ranges are cut inside a value."""
    monkeypatch.setattr(column_file, "_SMALLEST_RANGE", 1_000)
    text = "note,email\n" + '5" pipe,a@example.com\n' + '"two\nlines\n",b@example.com\n' * 200
    (tmp_path / "in.csv").write_text(text)
    spans = cut(tmp_path / "in.csv", 3)
    assert len(spans) == 3
    assert any(text[: end - 1].endswith("lines") or text[:end].endswith('"two\n') for _, end in spans[:-1])
    assert run(tmp_path, text.encode(), workers=3) == run(tmp_path, text.encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_gzip_and_a_lone_column(tmp_path, delimiter):
    table = delimiter.join(("user", "E-Mail")) + "\n" + delimiter.join(("7", "a@example.com")) + "\n"
    spec = Column(name="e-mail", platform="google", field="email")
    assert run(tmp_path, gzip.compress(table.encode()), spec, 2)[0] == table.replace(
        "a@example.com", digest("a@example.com")
    )
    lone = Column(name="e-mail", platform="google", field="email", only=True)
    assert run(tmp_path, f"{table}8{delimiter}no".encode(), lone)[0] == (
        f'E-Mail\n{digest("a@example.com")}\n""\n'
    )


def test_values_that_are_sent_plain_are_quoted_where_needed(tmp_path):
    spec = Column(name="first_name", platform="klaviyo", field="first_name")
    out, done = run(tmp_path, b'id,first_name\n1,"A, B"\n2,Ann\n', spec)
    assert list(csv.reader(io.StringIO(out))) == [["id", "first_name"], ["1", "A, B"], ["2", "Ann"]]
    assert done.written == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"id,mail\n1,a@example.com\n", "no columns 'email'"),
        (b'id,email\n1,a@example.com\n2,"open\n3,x\n', "near line 4"),
        (b"id,email\n1,K\xf6ln\n", "Line 2 of in.csv is not UTF-8"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_table_leaves_no_file(tmp_path, data, said):
    with pytest.raises(DataError, match=said):
        run(tmp_path, data)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
