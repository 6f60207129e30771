"""The command line prepares, says where every row went, and ends with the right code."""

import json

import pytest
from audiences import __main__ as command
from audiences.cli import prepare, validate


@pytest.fixture
def audiences(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "COMMANDS", ("prepare", "validate"))
    (tmp_path / "s.csv").write_text("user_id\n1\n2\n3\n")
    (tmp_path / "c.csv").write_text("user_id,email\n1,ada@example.com\n2,bob@example.com\n")

    def call(*words):
        code = command.main([str(word).replace("@", f"{tmp_path}/") for word in words])
        return code, *capsys.readouterr()

    return call


FILES = ("--segment", "@s.csv", "--identities", "@c.csv", "--output", "@out")


def test_prepare(audiences, tmp_path):
    code, out, err = audiences("prepare", "--platform", "meta", *FILES)
    assert (code, err) == (0, "")
    assert "3  received" in out
    assert "no_identity: The user id is not in the identities." in out
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["audience"] == "s"
    assert manifest["counts"]["sent"] == 2


def test_big_files_are_joined_by_duckdb_to_the_same_bytes(audiences, tmp_path, monkeypatch):
    pytest.importorskip("duckdb")
    assert audiences("prepare", "--platform", "meta", *FILES)[0] == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(prepare, "FAST_ROWS", 5)
    monkeypatch.setattr("audiences.preparation.prepare.join", None)  # the other join
    assert audiences("prepare", "--platform", "meta", *FILES)[0] == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == files


def test_the_suppression_lists_are_accounted_for_and_may_not_vanish(audiences, tmp_path):
    (tmp_path / "o.csv").write_text("user_id,email\n1,\n,x@example.com\n,nobody knows\n")
    code, out, _ = audiences("prepare", "--platform", "meta", "--suppress", "@o.csv", *FILES)
    assert code == 0
    assert "Suppression lists: 1 email (0 found), 1 user_id (1 found)" in out
    assert (
        "Warning: 1 cells of email in o.csv are not understood, so nobody was found by them: line 4." in out
    )
    audiences("prepare", "--platform", "meta", "--dry-run", "--suppress", "@o.csv", *FILES)
    code, _, err = audiences("prepare", "--platform", "meta", *FILES)
    assert code == 1
    assert "have 0 rows, and had 3 last time" in err
    elsewhere = (*FILES[:-1], "@other", "--ledger", "@out/wanted.tsv.gz")
    audiences("prepare", "--platform", "meta", "--suppress", "@o.csv", *FILES)
    assert audiences("prepare", "--platform", "meta", *elsewhere)[0] == 1
    (tmp_path / "out" / "manifest.json").unlink()
    assert audiences("prepare", "--platform", "meta", *elsewhere)[0] == 0


def test_a_second_run_replaces_the_first(audiences, tmp_path):
    audiences("prepare", "--platform", "microsoft", *FILES)
    audiences("prepare", "--platform", "meta", "--dry-run", *FILES)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["plan.json", "rejects.csv"]


def test_what_is_held_back_is_told_and_the_removals_are_written(audiences, tmp_path):
    audiences("prepare", "--platform", "meta", *FILES)
    (tmp_path / "held.tsv.gz").write_bytes((tmp_path / "out/wanted.tsv.gz").read_bytes())
    (tmp_path / "optouts.csv").write_text("user_id\n1\n")
    more = ("--ledger", "@held.tsv.gz", "--suppress", "@optouts.csv", "--minimum", "9")
    code, out, _ = audiences("prepare", "--platform", "meta", *FILES, *more)
    assert code == 1
    assert "HELD BACK. The audience 's' would have" in out
    parts = json.loads((tmp_path / "out/manifest.json").read_text())["parts"]
    assert {part["operation"] for part in parts} == {"remove"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--platform", "nowhere", *FILES), 2, "no platform"),
        (("--platform", "meta", "--identifiers", "ssn", *FILES), 2, "takes no field 'ssn'"),
        (("--platform", "meta", "--country", "Utopia", *FILES), 2, "is no country"),
        (("--platform", "meta", "--segment", "@no.csv", *FILES[2:]), 1, "There is no file"),
        (("--platform", "meta", "--minimum", "9", *FILES), 1, "Its minimum is 9"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(audiences, tmp_path, words, code, told):
    got, out, err = audiences("prepare", *words)
    assert (got, out) == (code, "")
    assert told in err
    assert not (tmp_path / "out").exists()


def test_validate(audiences, tmp_path):
    (tmp_path / "good.json").write_text('{"segments": ["a"], "platforms": ["meta"], "audience": "A"}')
    assert audiences("validate", "@good.json")[:2] == (0, "1 file checked, no problems.\n")
    (tmp_path / "bad.json").write_text('{"segments": ["a"],\n "platforms": ["nowhere"], "audience": "B"}')
    code, out, _ = audiences("validate", tmp_path)
    assert code == 1
    assert "bad.json:2:16: platforms[0]: There is no platform" in out
    assert audiences("validate", "@missing.json")[0] == 1


def test_both_are_commands():
    for module in (prepare, validate):
        assert module.NAME
        assert module.HELP
