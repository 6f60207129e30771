"""Collects what the stages say of a run: first whether it is complete, then its report, page and mail."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.report_store import load_records, save_report
from audiences.events import now
from audiences.report import RunFacts, build_report, render_mail, render_page, waiting_for
from audiences.report.links import console_link

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer `{action: look | write, run_id, title, started_at}`.

    look: `{complete, waiting_for, results}`, counts only. write: `{subject, message, data}`, where `data` is
    what the event "Run Finished" says. Writing again replaces the same objects.
    """
    logger.append_keys(run_id=event["run_id"])
    bucket = os.environ["AUDIENCE_BUCKET"]
    records = load_records(bucket, event["run_id"])
    if event["action"] == "look":
        waiting = len(waiting_for(records))
        return {"complete": bool(records) and not waiting, "waiting_for": waiting, "results": len(records)}
    facts = RunFacts(
        run_id=event["run_id"],
        stack=os.environ["RELAY_STACK_NAME"],
        title=event["title"],
        started_at=event["started_at"],
        finished_at=now(),
        deadline_hours=float(os.environ["RUN_DEADLINE_HOURS"]),
    )
    report = build_report(facts, records)
    key = f"runs/{report.run_id}/report.html"
    mail = render_mail(report, console_link(os.environ["AWS_REGION"], bucket, key), f"s3://{bucket}/{key}")
    report = replace(report, emails=[{"subject": mail.subject, "body": mail.body}])
    files = {
        "report.json": json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n",
        "report.html": render_page(report),
        "mail.txt": f"{mail.subject}\n\n{mail.body}",
    }
    uris = save_report(bucket, report.run_id, files)
    logger.info("The report is written.", extra={"status": report.status, "failures": len(report.failures)})
    return {
        "subject": mail.subject,
        "message": mail.body,
        "data": {**report.summary(), "report": uris["report.json"]},
    }
