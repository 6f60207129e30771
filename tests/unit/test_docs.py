"""Docs keep up with the code: what exists is described, and what is described exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").glob("*.md")])


def test_make_has_at_most_twelve_documented_targets():
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split())
    documented = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    assert documented == phony
    assert len(documented) <= 12


def test_every_root_parameter_is_in_the_readme():
    template = (ROOT / "template.yaml").read_text()
    block = re.split(r"\n\w+:\n", template.split("\nParameters:\n")[1])[0]
    for name in re.findall(r"^  (\w+):$", block, re.MULTILINE):
        assert f"`{name}`" in README, f"the README's table lacks the parameter {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_make_commands_in_docs_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for command in re.findall(r"^make ([a-z-]+)", page.read_text(), re.MULTILINE):
        assert command in targets, f"{page.name} tells people to type 'make {command}'"


def test_every_decision_is_listed():
    listed = (ROOT / "docs/adr/README.md").read_text()
    for record in (ROOT / "docs/adr").glob("0*.md"):
        assert record.name in listed
