"""The list of scenarios is whole: every cell is a test or a reason, and the page and the stand-ins agree."""

import ast
from pathlib import Path

import pytest

from tests.contract.scenarios import (
    GROUPS,
    NOT_MET,
    PAGE,
    PLATFORMS,
    REVIEWED,
    SCENARIOS,
    STAND_IN_OF,
    each,
    page,
)

HERE = Path(__file__).parent
TESTS = [*HERE.glob("test_*.py"), *(HERE.parent / "functional/audiences/uploads").glob("test_*.py")]


def calls(node, name):
    return [
        one
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and name in (getattr(one.func, "id", ""), getattr(one.func, "attr", ""))
    ]


def decorated():
    """Return (scenario, group) of every test's decorator."""
    found = set()
    for path in TESTS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for call in [one for mark in node.decorator_list for one in calls(mark, "each")]:
                    name, *groups = [argument.value for argument in call.args]
                    found |= {(name, group) for group in groups or ["api"]}
    return found


def test_every_platform_was_thought_about():
    assert set(PLATFORMS) == REVIEWED, "say in scenarios.py what cannot happen to the new platform, and why"


def test_every_platform_is_of_one_group():
    assert sorted(slug for slugs in GROUPS.values() for slug in slugs) == list(PLATFORMS)


def test_every_scenario_that_applies_has_a_test_and_no_other_has():
    wanted = {
        (name, group)
        for name, one in SCENARIOS.items()
        for group, slugs in GROUPS.items()
        if any(one.applies_to(slug) for slug in slugs)
    }
    assert decorated() == wanted


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_does_not_apply_has_a_reason(name):
    one = SCENARIOS[name]
    assert set(one.absent) < set(PLATFORMS), "a platform without an uploader, or a scenario for nobody"
    assert all(reason.endswith(".") for reason in one.absent.values())


@pytest.mark.parametrize("slug", GROUPS["api"])
def test_the_stand_in_can_make_what_applies_and_nothing_else(slug):
    named = {one.trouble: one.applies_to(slug) for one in SCENARIOS.values() if one.trouble}
    can = set(STAND_IN_OF[slug].scenarios) - {"token_expired"}
    assert can <= set(named), "a trouble that no scenario names"
    met = {trouble for trouble, applies in named.items() if applies}
    assert can == met | {trouble for platform, trouble in NOT_MET if platform == slug}


def test_nothing_is_skipped_in_silence():
    assert not [path.name for path in TESTS if calls(ast.parse(path.read_text(encoding="utf-8")), "skip")]


def test_a_scenario_for_nobody_is_refused():
    with pytest.raises(ValueError, match="applies to no platform"):
        each("flow_error", "sftp")


def test_the_page_is_written_from_the_list():
    assert PAGE.read_text(encoding="utf-8") == page()
