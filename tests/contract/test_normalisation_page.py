"""docs/reference/normalisation.md lists the rules that the code has: its tables come from the declarations.

After changing a rule: `PYTHONPATH=functions python tests/contract/test_normalisation_page.py` rewrites them.
"""

import re
from pathlib import Path

from audiences.identity import REASONS
from audiences.platforms import discover

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "normalisation.md"
MARKS = r"(<!-- {name}: written from the code -->\n).*?(<!-- end -->)"


def platform_tables():
    text = ""
    for platform in discover().values():
        text += f"\n### {platform.title} (`{platform.slug}`)\n\n"
        text += "| field | steps | sent as | goes along with | source |\n|---|---|---|---|---|\n"
        for field, rule in platform.identifiers.items():
            steps = " ".join(f"`{step}`" for step in rule.steps).replace("|", "\\|")
            sent = "not in audiences" if not rule.upload else {"none": "plain"}.get(rule.digest, rule.digest)
            source = f"<{rule.source}>" if re.fullmatch(r"https://\S+", rule.source) else rule.source
            low = " (low confidence)" if rule.confidence == "low" else ""
            text += f"| {field} | {steps} | {sent} | {', '.join(rule.required_with)} | {source}{low} |\n"
    return text + "\n"


def reason_table():
    rows = "".join(f"| `{reason}` | {meaning} |\n" for reason, meaning in REASONS.items())
    return f"\n| reason | meaning |\n|---|---|\n{rows}\n"


def written(page):
    for name, table in (("platforms", platform_tables()), ("reasons", reason_table())):
        marks = re.compile(MARKS.format(name=name), re.DOTALL)
        assert marks.search(page), name
        page = marks.sub(lambda found, table=table: found[1] + table + found[2], page)
    return page


def test_page_has_the_rules_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
