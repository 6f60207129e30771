"""The coverage page is what the code says."""

from pathlib import Path

from local.coverage import coverage_page

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/embedded-aws-coverage.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == coverage_page(), (
        "run: python -m local.coverage > docs/reference/embedded-aws-coverage.md"
    )
