"""Writes the one mail of a run: the verdict in the subject, what to do next in the text, no personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audiences.report.text import ascii_line, count, day, duration, figure, service_title, stage_title

if TYPE_CHECKING:
    from audiences.report.build import RunReport

# SNS takes subjects of less than 100 characters, and messages of at most 262,144 bytes; the mail also has to
# fit, written as JSON, into a state of Step Functions (262,144 bytes too).
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_LIMIT = 99
_BODY_LIMIT_BYTES = 100_000
_LIST_LIMIT = 40  # segments, deliveries and problems spelled out in a mail; the page has them all
_TARGET_WORDS = {
    "succeeded": "ready",
    "partial": "partly imported",
    "failed": "NOT IMPORTED",
    "unfinished": "NEVER FINISHED",
}


@dataclass(frozen=True)
class Mail:
    """A plain text mail: `subject` is one line of ASCII, at most 99 characters."""

    subject: str
    body: str


def render_mail(report: RunReport, page_link: str, page_uri: str) -> Mail:
    """Return the mail. `page_link` opens the page in the console, `page_uri` is its `s3://` address."""
    blocks = [
        f"{report.name}: {headline(report)}.",
        _training(report.training),
        _listed("SEGMENTS", [_segment(segment) for segment in report.segments]),
        _listed("IMPORTED", [_import(item) for item in report.imports]),
        _listed("PREPARED", [_prepared(audience) for audience in _undelivered(report)]),
        _listed(
            "DELIVERED",
            [_delivery(delivery, _told_before(report, delivery)) for delivery in report.deliveries],
        ),
        _problems(report.failures),
        _next_step(report),
        _where_it_is(report, page_link, page_uri),
    ]
    body = "\n\n".join(block for block in blocks if block) + "\n"
    short = body.encode()[:_BODY_LIMIT_BYTES].decode(errors="ignore")
    return Mail(subject(report), short)


def subject(report: RunReport) -> str:
    """Return the subject: verdict, title, day. The title is shortened first when it gets too long."""
    start, end = f"Audience Relay: {ascii_line(headline(report), 60)} - ", f" - {day(report.finished_at)}"
    title = ascii_line(report.name, _SUBJECT_LIMIT - len(start) - len(end)) or report.run_id
    return ascii_line(f"{start}{title}{end}", _SUBJECT_LIMIT)


def headline(report: RunReport) -> str:
    """Return the verdict in a few words, e.g. `3 segments ready` or `finished with 1 problem`."""
    if report.status == "failed":
        return "failed"
    if report.status == "partial":
        return f"finished with {count(len(report.failures), 'problem')}"
    done = []
    if report.segments:
        done.append(f"{count(len(report.segments), 'segment')} ready")
    if delivered(report):
        done.append(f"{count(len(delivered(report)), 'audience')} delivered")
    if skipped := len(report.deliveries) - len(delivered(report)):
        done.append(f"{skipped:,} not sent")
    if not done and report.imports:
        done.append(f"{count(len(report.imports), 'file')} imported")
    if notes := len(_notes(report)):
        done.append(count(notes, "note"))
    return ", ".join(done) or "finished"


def delivered(report: RunReport) -> list[dict[str, Any]]:
    """Return the deliveries that reached their platform; a skipped or failed one did not."""
    return [row for row in report.deliveries if row["status"] in ("succeeded", "partial")]


def _notes(report: RunReport) -> list[str]:
    """Return what is not as usual with an audience although nothing failed."""
    return [text for row in (*report.audiences, *report.deliveries) for text in row["warnings"]]


def _training(training: dict[str, Any]) -> str:
    if training["dataset_group"] is None:
        return ""
    parts = [
        count(training[key], one)
        for key, one in (("interactions", "interaction"), ("users", "user"), ("items", "item"))
        if training.get(key) is not None
    ]
    line = f"{training['dataset_group']}: {training['status']}"
    first = f"  {line}{', ' + ', '.join(parts) if parts else ''}"
    return "\n".join(["TRAINED", first, *_note_lines(training.get("warnings") or [])])


def _segment(segment: dict[str, Any]) -> str:
    lines = [f"  {segment['name']}: {count(segment['users'], 'user')}"]
    if segment["query"]:
        lines.append(f"    Query: {segment['query']}")
    lines += [f"    {_target(target)}" for target in segment["targets"]]
    if segment.get("users_without_endpoint"):
        lines.append(f"    {count(segment['users_without_endpoint'], 'user')} without an endpoint")
    if segment.get("note"):
        lines.append(f"    Note: {segment['note']}")
    if segment["file"]:
        lines.append(f"    File: {segment['file']}")
    return "\n".join(lines)


def _target(target: dict[str, Any]) -> str:
    size = "" if target["size"] is None else f", {target['size']:,} in it"
    where = f", segment {target['segment_id']}" if target.get("segment_id") else ""
    word = _TARGET_WORDS.get(target["status"], target["status"])
    return f"{service_title(target['service'])}: {word}{size}{where}"


def _import(item: dict[str, Any]) -> str:
    return f"  {item['name']}\n    {_target(item)}"


def _undelivered(report: RunReport) -> list[dict[str, Any]]:
    """Return the prepared audiences that no line under DELIVERED tells of."""
    told = {(delivery["platform"], delivery["audience"]) for delivery in report.deliveries}
    return [a for a in report.audiences if (a["platform"], a["audience"]) not in told]


def _prepared(audience: dict[str, Any]) -> str:
    keys = ("received", "sent", "rejected", "unchanged", "suppressed")
    words = {"sent": "to send"}
    counts = ", ".join(f"{figure(audience[key])} {words.get(key, key)}" for key in keys if audience[key] != 0)
    dry = " (dry run: nothing is delivered)" if audience["dry_run"] else ""
    lines = [f"  {audience['platform']} / {audience['audience']}{dry}", f"    {counts}"]
    lines += _again_lines(audience)
    return "\n".join([*lines, *_note_lines(audience["warnings"]), f"    File: {audience['manifest']}"])


def _told_before(report: RunReport, delivery: dict[str, Any]) -> list[str]:
    """Return the notes of the preparation whose line is left out for this delivery's."""
    names = ("platform", "audience")
    prepared = (a for a in report.audiences if all(a[name] == delivery[name] for name in names))
    return [text for audience in prepared for text in audience["warnings"]]


def _again_lines(row: dict[str, Any]) -> list[str]:
    """Return how many of those sent were held before: `sent` has them, so they add nothing to the sum."""
    count = row["refreshed"]
    return [f"    Of those sent, {count:,} again, before {row['platform']} forgets them"] if count else []


def _note_lines(texts: list[str]) -> list[str]:
    return [f"    Note: {text}" for text in dict.fromkeys(texts)]


def _delivery(delivery: dict[str, Any], told_before: list[str]) -> str:
    keys = ("received", "sent", "accepted", "refused", "rejected", "unchanged", "suppressed")
    words = {"refused": f"refused by {delivery['platform']}"}
    # Of a delivery that failed it is often not known; the others say it when they do not know.
    left_out = (0, None) if delivery["status"] == "failed" else (0,)
    counts = ", ".join(
        f"{figure(delivery[key])} {words.get(key, key)}"
        for key in keys
        if key in keys[:3] or delivery[key] not in left_out
    )
    lines = [f"  {delivery['platform']} / {delivery['audience']}: {delivery['status']}", f"    {counts}"]
    lines += _again_lines(delivery)
    for word, why in (("Rejected", "reject_reasons"), ("Refused", "refused_reasons")):
        if delivery[why]:
            reasons = ", ".join(f"{figure(number)} {reason}" for reason, number in delivery[why].items())
            lines.append(f"    {word} because: {reasons}")
    return "\n".join([*lines, *_note_lines([*told_before, *delivery["warnings"]])])


def _problems(failures: list[dict[str, str]]) -> str:
    entries = []
    for number, failure in enumerate(failures, start=1):
        lines = [
            f"  {number}. {stage_title(failure['stage'])}: {failure['name']}",
            f"     What: {_indented(failure['what'])}",
        ]
        lines += [
            f"     {label} {_indented(failure[part])}"
            for label, part in (("Why: ", "why"), ("Next:", "fix"))
            if failure[part]
        ]
        entries.append("\n".join(lines))
    return _listed(f"PROBLEMS ({len(failures)})", entries)


def _indented(text: str) -> str:
    return text.replace("\n", "\n           ")


def _next_step(report: RunReport) -> str:
    noted = "The notes say what is not as usual: read them before you rely on the numbers."
    if report.failures:
        rest = noted if _notes(report) else "What is not listed under PROBLEMS needs nothing."
        return f'Do what "Next" says for each problem. {rest}'
    return f"Nothing failed. {noted}" if _notes(report) else "Nothing to do."


def _where_it_is(report: RunReport, page_link: str, page_uri: str) -> str:
    return (
        f"Report: {page_link}\n        {page_uri}\n"
        f"Run {report.run_id}, stack {report.stack}, {duration(report.duration_seconds)}."
    )


def _listed(title: str, entries: list[str]) -> str:
    if not entries:
        return ""
    shown = entries[:_LIST_LIMIT]
    if len(entries) > _LIST_LIMIT:
        shown.append(f"  ... and {len(entries) - _LIST_LIMIT:,} more: see the report.")
    return "\n".join([title, *shown])
