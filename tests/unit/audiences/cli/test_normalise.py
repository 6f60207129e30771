"""`audiences normalise`, as a person runs it."""

import hashlib
import io
import sys

import pytest
from audiences.__main__ import main


@pytest.fixture
def normalise(monkeypatch):
    def run(given, *options):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out := io.BytesIO(), write_through=True))
        monkeypatch.setattr(sys, "stderr", err := io.StringIO())
        return main(["normalise", *options]), out.getvalue(), err.getvalue()

    return run


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_one_line_out_per_line_in(normalise):
    given = b"\xef\xbb\xbf Jane@Example.com\r\n\nnope at all\r\nb\xff@example.com\n\x00\nlast@example.com"
    code, out, _ = normalise(given, "--platform", "snap", "--field", "email")
    assert code == 0
    assert out.decode().splitlines() == [
        f"jane@example.com\t{digest('jane@example.com')}\t",
        "\t\tempty",
        "\t\temail_malformed",
        "\t\tbad_encoding",
        "\t\temail_malformed",
        f"last@example.com\t{digest('last@example.com')}\t",
    ]


def test_unhashed_field_shows_the_value_as_sent(normalise):
    assert normalise(b" us\n", "--platform", "google", "--field", "country")[:2] == (0, b"US\tUS\t\n")


def test_default_country(normalise):
    number = f"16505551212\t{digest('16505551212')}\t\n"
    options = ("--platform", "meta", "--field", "phone", "--country", "us")
    assert normalise(b"(650) 555-1212\n", *options)[:2] == (0, number.encode())


def test_hashed(normalise):
    given = digest("x").upper().encode() + b"\nx\n"
    code, out, _ = normalise(given, "--platform", "meta", "--field", "email", "--hashed")
    assert (code, out.decode()) == (0, f"{digest('x')}\t{digest('x')}\t\n\t\tnot_a_hash\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--platform", "snap", "--field", "city"), "It has: email, phone, maid."),
        (("--platform", "nobody", "--field", "email"), "There is no platform 'nobody'."),
        (("--platform", "snap", "--field", "phone", "--country", "Atlantis"), "'Atlantis' is no country."),
        (("--platform", "klaviyo", "--field", "email", "--hashed"), "takes it unhashed"),
    ],
)
def test_wrong_question_is_exit_code_2(normalise, options, said):
    code, out, err = normalise(b"x\n", *options)
    assert (code, out) == (2, b"")
    assert said in err


def test_a_column_of_a_file(tmp_path, capsys):
    (tmp_path / "in.csv").write_text("id,email\n1,Jane@Example.com\n2,\n3\n")
    options = ["--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv"), "--workers", "2"]
    assert main(["normalise", "--platform", "snap", "--field", "email", *options]) == 0
    assert (tmp_path / "out.csv").read_text() == f"id,email\n1,{digest('jane@example.com')}\n2,\n"
    assert capsys.readouterr().out == (
        "2 rows written, 1 left out: another number of cells\n1 values refused, left empty: empty\n"
    )


def test_a_file_needs_both_names(normalise):
    code, _, told = normalise(b"", "--platform", "snap", "--field", "email", "--input", "x.csv")
    assert (code, told) == (2, "Give --input and --output together.\n")
