"""The table of the predecessors' defects in tests/README.md names tests that exist."""

import re
from fnmatch import fnmatch
from pathlib import Path

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"`(?:([\w/]+\.py)(?:::)?)?(test_[\w*]+)?`")


def test_every_test_in_the_table_exists():
    lines = (TESTS / "README.md").read_text(encoding="utf-8").splitlines()
    table = [line.rpartition("| ")[2] for line in lines if re.match(r"\| (?!Defect|---|Folder)", line)]
    checked = 0
    for cell in table:
        file = None
        for path, pattern in NAMED.findall(cell):
            file = path or file
            if not file:
                continue
            assert (TESTS / file).is_file(), file
            names = re.findall(r"^def (test_\w+)", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)
            assert not pattern or any(fnmatch(name, pattern) for name in names), f"{file}::{pattern}"
            checked += 1
    assert checked > 30
