"""Every function begins and ends at the one door where words are masked."""

from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
HANDLERS = sorted(FUNCTIONS.glob("*/handler.py"))


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.parent.name)
def test_a_handler_logs_and_raises_through_the_masker(path):
    text = path.read_text(encoding="utf-8")
    assert "@entry(logger)\ndef lambda_handler(" in text
    assert "\nlogger = make_logger()\n" in text
    assert "aws_lambda_powertools import Logger" not in text
    assert len(text.splitlines()) <= 60


def test_there_are_handlers():
    assert len(HANDLERS) > 20
