"""Writes one import file per segment and service, after promising them in the run record."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from audiences.edges.endpoint_join import join_export
from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import copy_once, delete_all, list_keys, read_json, upload_once
from audiences.edges.stage_log import end_stage
from audiences.failures import from_caught
from audiences.segments.delivery import PINPOINT, TARGETS, metadata, plan_imports, stage_result
from audiences.segments.split import FailedQuery, Segment

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Write the import files of a split output; return the stage's status and counts.

    Event: `{run_id, job, manifest, export (s3://…/ or ""), export_failure ({Error, Cause} or {})}`. The
    final result is saved before the first file, so that no report can find the run complete in between.
    """
    run_id, export, manifest = event["run_id"], event["export"], read_json(event["manifest"])
    segments = [Segment(**value) for value in manifest["segments"]]
    failed = [FailedQuery(**value) for value in manifest["failed_queries"]]
    targets = TARGETS[os.environ["ENGAGEMENT_TARGET"]]
    failure = from_caught(event["export_failure"]) if event["export_failure"] else None
    usable = tuple(target for target in targets if not (failure and target == PINPOINT))
    joined: dict[str, tuple[Path, int]] | None = None
    without: dict[str, int] | None = None
    with tempfile.TemporaryDirectory() as folder:
        if export:
            joined, without = join_export(export, os.environ["PINPOINT_CHANNELS"], segments, Path(folder))
        place = {"bucket": os.environ["SEGMENT_IMPORT_BUCKET"]}
        place["pinpoint_prefix"] = os.environ["SEGMENT_IMPORT_PREFIX"]
        endpoints = {name: rows for name, (_, rows) in joined.items()} if joined is not None else None
        imports = plan_imports(segments, usable, endpoints=endpoints, **place)
        facts = {"without_endpoint": without, "failure": failure, "targets": targets}
        result = stage_result(event["job"], segments, failed, imports, **facts)  # type: ignore[arg-type]  # mixed facts
        happened = "Segment Creation Failed" if result.status == "failed" else "Segment Created"
        end_stage(run_id, result, happened, result.data["segments"] or [{"failure": result.failure}])
        for file in imports:
            about = metadata(run_id, file.segment.name, file.segment.query, file.target)
            if file.target == PINPOINT and joined is not None:
                upload_once(joined[file.segment.file_name][0], file.uri, about)
            else:
                copy_once(file.segment.file, file.uri, about)
    if export:
        delete_all(list_keys(export))  # it holds addresses, and nobody needs it any more
    logger.info("Import files are written.", extra={"run_id": run_id, "files": len(imports)})
    return {"run_id": run_id, "status": result.status, "import_files": len(imports)}
