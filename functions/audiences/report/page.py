"""Puts the report page together: one file a marketer can open anywhere, keep and print."""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING

from audiences.report import page_parts
from audiences.report.mail import delivered, headline
from audiences.report.page_style import STYLE
from audiences.report.text import count, duration, moment

if TYPE_CHECKING:
    from audiences.report.build import RunReport

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
$style
</style>
</head>
<body>
<main>
<header class="verdict $status">
<p class="soft">Audience Relay &middot; $name</p>
<h1>$headline</h1>
<p class="soft">$when</p>
<ul class="numbers">$numbers</ul>
</header>
$sections
<p class="soft"><small>Run <code>$run_id</code> of stack <code>$stack</code>. Times are UTC.
This page holds counts and file names only, no personal data.</small></p>
</main>
</body>
</html>
""")


def render_page(report: RunReport) -> str:
    """Return report.html: self-contained, without scripts; every value is escaped."""
    words = headline(report)
    mails = "".join(
        f"<p><b>{escape(mail['subject'])}</b></p><pre>{escape(mail['body'])}</pre>" for mail in report.emails
    )
    sections = (
        page_parts.section("Problems", page_parts.problems(report.failures)),
        page_parts.section("Stages", page_parts.flow(report.stages)),
        page_parts.section("Segments", page_parts.segments(report.segments)),
        page_parts.section("Imports", page_parts.imports(report.imports)),
        page_parts.section("Prepared audiences", page_parts.audiences(report.audiences)),
        page_parts.section("Deliveries", page_parts.deliveries(report.deliveries)),
        page_parts.section("Training", page_parts.training(report.training)),
        page_parts.section("Mail", mails),
    )
    return _PAGE.substitute(
        title=escape(f"{words} - {report.name}"),
        style=STYLE,
        status=escape(report.status),
        name=escape(report.name),
        headline=escape(words[:1].upper() + words[1:]),
        when=escape(f"{moment(report.started_at)}, took {duration(report.duration_seconds)}"),
        numbers=_numbers(report),
        sections="\n".join(section for section in sections if section),
        run_id=escape(report.run_id),
        stack=escape(report.stack),
    )


def _numbers(report: RunReport) -> str:
    """Return the figures people look for first, leaving out those this run has none of."""
    figures = (
        (len(report.segments), "segment"),
        (sum(segment["users"] or 0 for segment in report.segments), "user in segments", "users in segments"),
        (len(delivered(report)), "audience delivered", "audiences delivered"),
        (
            sum(delivery["accepted"] or 0 for delivery in report.deliveries),
            "record accepted",
            "records accepted",
        ),
        (len(report.failures), "problem"),
    )
    shown = [(number, words) for number, *words in figures if number]
    return "".join(
        f"<li><b>{number:,}</b> {count(number, *words).split(' ', 1)[1]}</li>" for number, words in shown
    )
