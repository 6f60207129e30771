"""The sections of the report page: each turns one part of the report into HTML, or into nothing."""

from __future__ import annotations

import itertools
from html import escape
from typing import TYPE_CHECKING, Any

from audiences.report.text import count, duration, figure, moment, service_title, stage_order, stage_title

if TYPE_CHECKING:
    from collections.abc import Iterable

# A status is always written out; the colour only repeats it.
_WORDS = {
    "succeeded": "Succeeded",
    "partial": "Partly",
    "failed": "Failed",
    "skipped": "Skipped",
    "unfinished": "Never finished",
}


def status(value: str) -> str:
    """Return a status as a coloured word. A service's own word, e.g. `CREATE FAILED`, is kept."""
    kind = value.lower()
    if kind not in _WORDS and kind != "active":
        kind = "failed" if "fail" in kind else ""
    return f'<span class="state {kind}">{escape(_WORDS.get(value, value))}</span>'


def section(title: str, content: str) -> str:
    """Return a titled section, or nothing when there is no content."""
    name = title.lower().replace(" ", "-")
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{content}</section>'
        if content
        else ""
    )


def table(caption: str, columns: Iterable[str], rows: list[list[str]]) -> str:
    """Return a table; a column name that starts with `#` holds numbers. Cells are HTML already."""
    if not rows:
        return ""
    kinds = [' class="number"' if column.startswith("#") else "" for column in columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(column.lstrip("#"))}</th>'
        for column, kind in zip(columns, kinds, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    top = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    return f"<table>{top}<tbody>{body}</tbody></table>"


def flow(stages: list[dict[str, Any]]) -> str:
    """Return one card per stage in the order of the flow, with the time since the start of the run."""
    cards = []
    for stage, group in itertools.groupby(_by_stage(stages), key=lambda row: row["stage"]):
        rows = list(group)
        counts = {word: sum(row["status"] == word for row in rows) for word in _WORDS}
        words = ", ".join(
            status(word) if len(rows) == 1 else f"{number:,} {status(word)}"
            for word, number in counts.items()
            if number
        )
        ends = [row["seconds_after_start"] for row in rows if row["seconds_after_start"] is not None]
        when = f"<br><small>done {duration(max(ends))} after the start</small>" if ends else ""
        cards.append(f"<li><b>{escape(stage_title(stage))}</b><br>{words}{when}</li>")
    return f'<ol class="flow">{"".join(cards)}</ol>' if cards else ""


def _by_stage(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(stages, key=lambda row: stage_order(row["stage"]))


def segments(rows: list[dict[str, Any]]) -> str:
    """Return the segments: users, and per target its size and status."""
    cells = []
    for segment in rows:
        targets = (
            "<br>".join(_target(target) for target in segment["targets"])
            or '<span class="soft">file only</span>'
        )
        if segment.get("users_without_endpoint"):
            targets += (
                f"<br><small>{count(segment['users_without_endpoint'], 'user')} without an endpoint</small>"
            )
        if segment.get("note"):
            targets += f"<br><small>{escape(segment['note'])}</small>"
        name = f"<b>{escape(segment['name'])}</b>"
        if segment["query"]:
            name += f"<br><code>{escape(segment['query'])}</code>"
        cells.append([name, figure(segment["users"]), targets, f"<code>{escape(segment['file'])}</code>"])
    return table(
        "Each segment, best users first in its file", ["Segment", "#Users", "Where it is", "File"], cells
    )


def _target(target: dict[str, Any]) -> str:
    size = "" if target["size"] is None else f", {target['size']:,} in it"
    name = f" <code>{escape(str(target['segment_id']))}</code>" if target.get("segment_id") else ""
    return f"{escape(service_title(target['service']))}: {status(target['status'])}{size}{name}"


def imports(rows: list[dict[str, Any]]) -> str:
    """Return the imported files that are no segment, e.g. endpoints."""
    cells = [[f"<code>{escape(row['name'])}</code>", _target(row)] for row in rows]
    return table("Files imported in this run", ["File", "Where it is"], cells)


def training(facts: dict[str, Any]) -> str:
    """Return the training timeline: what was made, when it ended, how long it took."""
    if facts["dataset_group"] is None:
        return ""
    sizes = [
        count(facts[key], one)
        for key, one in (("interactions", "interaction"), ("users", "user"), ("items", "item"))
        if facts.get(key) is not None
    ]
    intro = f"<p><b>{escape(facts['dataset_group'])}</b>: {status(facts['status'])}"
    intro += f"<br><small>{', '.join(sizes)}</small>" if sizes else ""
    intro += _notes(facts.get("warnings") or []) + "</p>"
    longest = max((event.get("duration_seconds") or 0 for event in facts["events"]), default=0)
    cells = [_event(event, longest) for event in facts["events"]]
    return intro + table(
        "Each resource as it changed state", ["Resource", "State", "When", "#Took", "Share"], cells
    )


def _event(event: dict[str, Any], longest: float) -> list[str]:
    took = event.get("duration_seconds") or 0
    width = round(100 * took / longest) if longest else 0
    bar = f'<span class="bar" style="width:{width}%" aria-hidden="true"></span>' if took else ""
    resource = escape(str(event.get("resource", "")))
    arn = f"<br><small><code>{escape(str(event['arn']))}</code></small>" if event.get("arn") else ""
    reason = event.get("failure_reason")
    state = status(str(event.get("status", ""))) + (f"<br><small>{escape(reason)}</small>" if reason else "")
    return [
        resource + arn,
        state,
        escape(moment(str(event.get("at", "")))),
        duration(took) if took else "",
        bar,
    ]


def _notes(texts: list[str]) -> str:
    return "".join(f"<br><small>Note: {escape(text)}</small>" for text in texts)


def _again(row: dict[str, Any]) -> str:
    count = row["refreshed"]
    return f"<br><small>{count:,} sent again before they are forgotten</small>" if count else ""


def audiences(rows: list[dict[str, Any]]) -> str:
    """Return what was made ready for each ad platform, and what was left out and why."""
    counts = ("received", "sent", "rejected", "unchanged", "suppressed")
    cells = []
    for row in rows:
        reasons = "; ".join(
            f"{figure(number)} {escape(reason)}" for reason, number in row["reject_reasons"].items()
        )
        name = f"<b>{escape(row['platform'])}</b><br>{escape(row['audience'])}"
        mode = escape(row["mode"]) + ("<br><small>dry run</small>" if row["dry_run"] else "")
        left_out = f"<small>{reasons}</small>{_again(row)}{_notes(row['warnings'])}"
        cells.append([name, mode, *(figure(row[key]) for key in counts), left_out])
    heads = {"sent": "to send"}
    columns = [
        "Audience",
        "Mode",
        *(f"#{heads.get(key, key).capitalize()}" for key in counts),
        "Left out because",
    ]
    return table("received = to send + rejected + unchanged + suppressed", columns, cells)


def deliveries(rows: list[dict[str, Any]]) -> str:
    """Return what each ad platform was sent and what it took."""
    counts = ("received", "sent", "accepted", "refused", "rejected", "unchanged", "suppressed")
    cells = []
    for row in rows:
        name = f"<b>{escape(row['platform'])}</b><br>{escape(row['audience'])}"
        state = status(row["status"]) + _again(row)
        for word, why in (("Rejected", "reject_reasons"), ("Refused", "refused_reasons")):
            reasons = "; ".join(f"{figure(number)} {escape(reason)}" for reason, number in row[why].items())
            state += f"<br><small>{word}: {reasons}</small>" if reasons else ""
        state += _notes(row["warnings"])
        cells.append([name, escape(row["mode"]), *(figure(row[key]) for key in counts), state])
    columns = ["Audience", "Mode", *(f"#{key.capitalize()}" for key in counts), "State"]
    caption = "received = sent + rejected + unchanged + suppressed; sent = accepted + refused by the platform"
    return table(caption, columns, cells)


def problems(rows: list[dict[str, str]]) -> str:
    """Return each problem with what to do next."""
    parts = []
    for row in rows:
        lines = (("What", "what"), ("Why", "why"), ("Next", "fix"))
        texts = "".join(f"<dt>{label}</dt><dd>{escape(row[key])}</dd>" for label, key in lines if row[key])
        title = f"<b>{escape(stage_title(row['stage']))}</b>: <code>{escape(row['name'])}</code>"
        parts.append(
            f'<div class="problem">{title} <small>{escape(row["error"])}</small><dl>{texts}</dl></div>'
        )
    return "".join(parts)
