"""The run report: what one run did, as JSON for programs, as a mail and as a page for people.

Pure: stage results and times in, texts out. Only named counts, names and URIs are copied from the stage
results, so personal data that a stage left in its result by mistake stays out of the report.
"""

from audiences.report.build import RunFacts, RunReport, build_report
from audiences.report.mail import Mail, render_mail
from audiences.report.page import render_page
from audiences.report.progress import Record, resolve_unreadable, waiting_for

__all__ = [
    "Mail",
    "Record",
    "RunFacts",
    "RunReport",
    "build_report",
    "render_mail",
    "render_page",
    "resolve_unreadable",
    "waiting_for",
]
