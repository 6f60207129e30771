"""`audiences validate` with folders: what is ours in them is found, and an empty answer is no success."""

from argparse import Namespace
from pathlib import Path

import pytest
from audiences.cli import validate
from audiences.errors import DataError

DATA = Path(__file__).parents[4] / "data"


def run(capsys, *files):
    code = validate.run(Namespace(files=list(files)))
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("folder", "files"),
    [(".", "3 files"), ("personalize/train", "1 file"), ("audience/activations", "2 files")],
)
def test_configurations_are_found_below_a_folder(capsys, folder, files):
    assert run(capsys, DATA / folder) == (0, f"{files} checked, no problems.\n")


def test_a_problem_deep_in_a_folder_is_told_with_its_place(capsys, tmp_path):
    (tmp_path / "audience/activations").mkdir(parents=True)
    file = tmp_path / "audience/activations/broken.json"
    file.write_text('{"segments": ["a"]}')
    code, said = run(capsys, tmp_path)
    assert code == 1
    assert str(file) in said


def test_a_folder_without_any_is_an_error(tmp_path):
    with pytest.raises(DataError, match="has no configuration"):
        validate.run(Namespace(files=[tmp_path]))
