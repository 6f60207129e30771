"""Schedule expressions: right ones pass, wrong ones say why (M4: were not checked up front)."""

import pytest
from audiences.training.cron import check_cron


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 3 * * ? *)",
        "cron(0 */6 * * ? *)",
        "cron(0 0 ? * 1 *)",
        "cron(0/15 8-17 ? * MON-FRI 2026-2030)",
        "cron(0 12 L * ? *)",
        "cron(0 12 15W jan,jul ? *)",
        "cron(0 12 ? * 6#3 *)",
        "cron(0 12 ? * friL *)",
    ],
)
def test_right_expressions_pass(expression):
    assert check_cron(expression) is None


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("every day", "is not a schedule"),
        ("cron(0 3 * * ?)", "5 fields"),
        ("cron(60 3 * * ? *)", "minutes"),
        ("cron(0 24 * * ? *)", "hours"),
        ("cron(0 3 0 * ? *)", "day-of-month"),
        ("cron(0 3 * 13 ? *)", "month"),
        ("cron(0 3 ? * 8 *)", "day-of-week"),
        ("cron(0 3 ? * 6#6 *)", "day-of-week"),
        ("cron(0 3 * * ? 1969)", "year"),
        ("cron(0/0 3 * * ? *)", "minutes"),
        ("cron(0 3 * * * *)", "exactly one"),
        ("cron(0 3 ? * ? *)", "exactly one"),
    ],
)
def test_wrong_expressions_say_why(expression, reason):
    assert reason in check_cron(expression)
