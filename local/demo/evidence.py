"""Copies what a run left behind, so that it can be looked at after everything has stopped."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

from audiences.report import RunReport, render_page


def keep(report: dict[str, Any], mails: list[dict[str, str]], s3: Any, folder: Path) -> None:
    """Write report.json, report.html, segments/, emails/, manifests/ and receipts/ into `folder`."""
    for name in ("segments", "emails", "manifests", "receipts"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    for segment in report["segments"]:
        _copy(s3, segment["file"], folder / "segments" / f"{segment['name']}.csv")
    for audience in report["audiences"]:
        _copy(s3, audience["manifest"], folder / "manifests" / f"{_label(audience)}.json")
    for delivery in report["deliveries"]:
        if delivery.get("receipt"):
            _copy(s3, delivery["receipt"], folder / "receipts" / f"{_label(delivery)}.json")
    for number, mail in enumerate(mails, start=1):
        text = f"Subject: {mail['subject']}\n\n{mail['body']}"
        (folder / "emails" / f"{number:02}-{_safe(mail['subject'])}.txt").write_text(text, encoding="utf-8")
    (folder / "report.json").write_text(
        json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    known = {field.name for field in fields(RunReport)}
    page = render_page(RunReport(**{k: v for k, v in report.items() if k in known}))
    (folder / "report.html").write_text(page, encoding="utf-8")


def _copy(s3: Any, uri: str, path: Path) -> None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3.download_file(bucket, key, str(path))


def _label(item: dict[str, Any]) -> str:
    return _safe(f"{item['platform']}-{item['audience']}")


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:60]
