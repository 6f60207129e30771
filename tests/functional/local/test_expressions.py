"""Workflows in the embedded AWS outlive a machine that stands still for seconds."""

from itertools import count

import pytest
from jsonata.timebox import Timebox
from ministack.services import stepfunctions

from local import ministack_patches


@pytest.fixture
def halting(monkeypatch):
    """A machine on which two seconds pass between one look at the clock and the next."""
    clock = count(0, 2_000)
    monkeypatch.setattr(Timebox, "current_milli_time", staticmethod(lambda: next(clock)))


@pytest.fixture
def patched(monkeypatch):
    compiled = stepfunctions.jsonata.Jsonata.jsonata
    monkeypatch.setattr(stepfunctions.jsonata.Jsonata, "jsonata", staticmethod(compiled))
    ministack_patches.give_expressions_time()


def _see_whether_it_is_over():
    state = {"variables": {"complete": False, "looks": 61}}
    return stepfunctions._evaluate_jsonata("$complete or $looks > 60", {}, state)


def test_an_expression_outlives_a_halt(halting, patched):
    assert _see_whether_it_is_over() is True


def test_without_the_patch_it_does_not(halting):
    """When this fails, MiniStack has mended it: take the patch out."""
    with pytest.raises(stepfunctions._ExecutionError, match="timeout"):
        _see_whether_it_is_over()
