"""The comparison with official formatters in docs/reference/normalisation.md says what they say.

`PYTHONPATH=functions:. .venv/bin/python tests/oracles/test_table.py` writes it.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.oracles.compared import GROUPS, compare, render
from tests.oracles.odd_values import COUNTS, odd_values
from tests.oracles.test_oracles import answers

PAGE = Path(__file__).parents[2] / "docs/reference/normalisation.md"
START, END = "<!-- formatters: written from what they answer -->", "<!-- end of formatters -->"

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("AUDIENCES_ORACLES"),
        reason="installs packages: AUDIENCES_ORACLES=1 or make test-oracles",
    ),
    pytest.mark.skipif(not shutil.which("npm"), reason="Meta's normaliser is an npm package"),
]


@pytest.fixture(scope="module")
def made():
    return compare(answers)


def test_there_are_five_thousand_odd_values_and_always_the_same():
    values = odd_values()
    assert len(values) == sum(COUNTS.values()) == 5_000
    assert values == odd_values()


def test_every_difference_is_explained(made):
    assert made.unexplained == []


def test_every_explanation_is_needed(made):
    found = {(name, kind) for name, kind, _ in made.found}
    assert [
        group.kind for group in GROUPS if not any((name, group.kind) in found for name in group.fields)
    ] == []


def test_the_page_has_the_numbers_that_were_measured(made):
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(START)[2].partition(END)[0].strip() == render(made)


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(
        f"{before}{START}\n\n{render(compare(answers))}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8"
    )
