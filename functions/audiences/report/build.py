"""Builds the run report from the stage results: the one place that knows what each stage says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from audiences.facts import Delivery, Preparation, count_in, texts_in
from audiences.redact import redact, redact_all
from audiences.report.problems import collect_failures
from audiences.report.progress import waiting_for
from audiences.report.text import seconds_between
from audiences.runs import FINAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audiences.report.progress import Record
    from audiences.runs import StageResult

TRAINING = "personalize-training"
POSTPROCESSING = "segment-postprocessing"
DELIVERY = "delivery"
PREPARATION = "audience-preparation"
IMPORTS = {"pinpoint-import": "pinpoint", "customer-profiles-import": "customer-profiles"}
_STEPS_ON_THE_WAY = (TRAINING, POSTPROCESSING, "audience-preparation")


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run from outside its stages. Times are ISO 8601, `deadline_hours` is in hours."""

    run_id: str
    stack: str
    title: str
    started_at: str
    finished_at: str
    deadline_hours: float = 50


@dataclass(frozen=True)
class RunReport:
    """One run, in the form of report.json (docs/reference/report.md). Durations are in seconds."""

    run_id: str
    stack: str
    title: str
    status: str
    started_at: str
    finished_at: str
    duration_seconds: int
    training: dict[str, Any]
    segments: list[dict[str, Any]]
    imports: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    failures: list[dict[str, str]]
    stages: list[dict[str, Any]]
    audiences: list[dict[str, Any]] = field(default_factory=list)
    emails: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @property
    def name(self) -> str:
        """Return what people call this run: its dataset group, else the title its first stage gave it."""
        return self.training["dataset_group"] or self.title or self.run_id

    def summary(self) -> dict[str, Any]:
        """Return the counts that the event "Run Finished" carries."""
        return {
            "title": self.title,
            "status": self.status,
            "duration_seconds": self.duration_seconds,
            "segments": len(self.segments),
            "imports": len(self.imports),
            "audiences": len(self.audiences),
            "deliveries": len(self.deliveries),
            "failures": len(self.failures),
        }


def build_report(facts: RunFacts, records: list[Record]) -> RunReport:
    """Return the report. What is not final in `records` is reported as never finished."""
    records = [replace(record, result=_masked(record.result)) for record in records]
    waiting = waiting_for(records)
    results = [record.result for record in records]
    failures = collect_failures(records, waiting, facts.deadline_hours)
    segments, imports = _segments(results, waiting)
    deliveries = [_delivery(result) for result in results if result.stage == DELIVERY and _is_final(result)]
    training = _training(results)
    return RunReport(
        run_id=facts.run_id,
        stack=facts.stack,
        title=redact(facts.title),
        status=_verdict(results, segments, failures),
        started_at=facts.started_at,
        finished_at=facts.finished_at,
        duration_seconds=seconds_between(facts.started_at, facts.finished_at) or 0,
        training=training,
        segments=segments,
        imports=imports,
        deliveries=sorted(deliveries, key=_by_audience),
        failures=failures,
        stages=_stages(facts, records, waiting),
        audiences=sorted((_prepared(r) for r in results if _is_prepared(r)), key=_by_audience),
    )


def _masked(result: StageResult) -> StageResult:
    """Return the result as it may be mailed, names and addresses of files included."""
    return replace(
        result,
        name=redact(result.name),
        data=redact_all(result.data, places=False),
        expects=[[stage, redact(name)] for stage, name in result.expects],
        failure=redact_all(result.failure, places=False),
    )


def _verdict(
    results: list[StageResult], segments: list[dict[str, Any]], failures: list[dict[str, str]]
) -> str:
    """Return succeeded, partial (something a marketer can use came out) or failed."""
    if results and not failures:
        return "succeeded"
    # A model or a prepared file alone is nothing a marketer can use, unless the stage itself says "partial".
    usable = any(
        r.status == "partial" or (r.status == "succeeded" and r.stage not in _STEPS_ON_THE_WAY)
        for r in results
    )
    return "partial" if segments or usable else "failed"


def _training(results: list[StageResult]) -> dict[str, Any]:
    result = next((r for r in results if r.stage == TRAINING), None)
    if result is None:
        return {"dataset_group": None, "status": "skipped", "events": []}
    data = result.data
    return {
        "dataset_group": data.get("dataset_group") or result.name,
        "status": result.status if _is_final(result) else "unfinished",
        "events": [_training_event(event) for event in data.get("events") or []],
        **_copy(data, ("interactions", "users", "items", "segment_jobs")),
        "warnings": texts_in(data, "warnings"),
    }


def _training_event(event: dict[str, Any]) -> dict[str, Any]:
    return _copy(event, ("resource", "arn", "status", "at", "duration_seconds", "failure_reason"))


def _segments(
    results: list[StageResult], waiting: list[list[str]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the segments with their targets, and the imports that belong to no segment (endpoint files)."""
    segments: dict[str, dict[str, Any]] = {}
    files: dict[str, str] = {}  # import file URI -> segment name
    for result in results:
        if result.stage == POSTPROCESSING:
            for segment in result.data.get("segments") or []:
                segments[segment["name"]] = _segment(segment)
                files |= dict.fromkeys(segment.get("imports") or [], segment["name"])
    others = []
    for result in results:
        if result.stage in IMPORTS and _is_final(result):
            target = _target(result)
            name = result.data.get("run_segment") or files.get(target.get("file", ""))
            if name in segments and result.status == "skipped":
                continue  # the file was meant for another service: it shows among the stages
            if name in segments:
                segments[name]["targets"].append(target)
            elif result.data.get("kind") == "segment" and result.status != "skipped":
                own = result.data.get("segment_name") or result.name
                users = count_in(result.data, "size")
                made = segments.setdefault(
                    own, _segment({"name": own, "users": users, **_copy(result.data, ("file",))})
                )
                made["targets"].append(target)
            else:
                others.append({"kind": "endpoints", **target, "name": result.name})
    _add_unfinished(segments, files, waiting)
    return list(segments.values()), others


def _add_unfinished(
    segments: dict[str, dict[str, Any]], files: dict[str, str], waiting: list[list[str]]
) -> None:
    """Add a target in status `unfinished` for each promised import of a segment that never ended."""
    for stage, key in waiting:
        for uri, name in files.items():
            if stage in IMPORTS and uri.endswith(f"/{key}"):
                segments[name]["targets"].append(
                    {
                        "service": IMPORTS[stage],
                        "segment_id": None,
                        "size": None,
                        "status": "unfinished",
                        "file": uri,
                    }
                )


def _segment(segment: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": segment["name"],
        "query": segment.get("query") or "",
        "users": count_in(segment, "users"),
        "targets": [],
        "file": segment.get("file") or "",
        **_copy(segment, ("note", "users_without_endpoint")),
    }


def _target(result: StageResult) -> dict[str, Any]:
    data = result.data
    return {
        "service": IMPORTS[result.stage],
        "segment_id": data.get("segment_id"),
        "segment_name": data.get("segment_name"),
        "size": count_in(data, "size"),
        "status": result.status,
        **_copy(data, ("processed", "failed", "file")),
    }


def _by_audience(row: dict[str, Any]) -> tuple[str, str]:
    return row["audience"], row["platform"]


def _is_prepared(result: StageResult) -> bool:
    return result.stage == PREPARATION and "manifest" in result.data


def _prepared(result: StageResult) -> dict[str, Any]:
    told = Preparation.of(result.data)
    return {
        **{key: getattr(told, key) for key in ("platform", "audience", "mode", "engine", "manifest")},
        **asdict(told.counts),
        "refreshed": told.refreshed,
        "removals": told.removals,
        "dry_run": told.dry_run,
        "reject_reasons": told.reject_reasons,
        "warnings": told.warnings,
        "status": result.status,
    }


def _delivery(result: StageResult) -> dict[str, Any]:
    told = Delivery.of(result.data, result.status)
    return {
        **{key: getattr(told, key) for key in ("platform", "audience", "pattern", "mode")},
        **asdict(told.counts),
        "refreshed": told.refreshed,
        "accepted": told.accepted,
        "refused": told.refused,
        "reject_reasons": told.reject_reasons,
        "refused_reasons": told.refused_reasons,
        "warnings": told.warnings,
        "status": told.status,
        **_copy(result.data, ("segment", "receipt", "manifest")),
    }


def _stages(facts: RunFacts, records: list[Record], waiting: list[list[str]]) -> list[dict[str, Any]]:
    """Return every piece of work in the order it ended; `seconds_after_start` says when that was."""
    unfinished = {(stage, name) for stage, name in waiting}
    rows = [
        {
            "stage": record.result.stage,
            "name": record.result.name,
            "status": record.result.status,
            "at": record.at,
            "seconds_after_start": seconds_between(facts.started_at, record.at),
        }
        for record in records
        if (record.result.stage, record.result.name) not in unfinished
    ]
    rows.sort(key=lambda row: (row["at"] or "~", row["stage"], row["name"]))
    return rows + [
        {"stage": stage, "name": name, "status": "unfinished", "at": "", "seconds_after_start": None}
        for stage, name in sorted(unfinished)
    ]


def _is_final(result: StageResult) -> bool:
    return result.status in FINAL


def _copy(data: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Copy the named keys that are there: nothing else of a stage result reaches the report."""
    return {key: data[key] for key in keys if data.get(key) is not None}
