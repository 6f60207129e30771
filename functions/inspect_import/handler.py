"""Looks at a file that arrived for import before anything is sent: what it is, whose it is, what is bad."""

from __future__ import annotations

import os
from typing import Any

from audiences.edges.audience_files import open_object
from audiences.edges.entry import entry, make_logger
from audiences.edges.pinpoint_files import prepare_for_pinpoint
from audiences.edges.s3_files import read_metadata
from audiences.edges.stage_log import begin_stage, end_stage
from audiences.imports.arrival import Arrival
from audiences.imports.inspection import ENDPOINT_IDS, format_of, inspect_file
from audiences.imports.outcome import PINPOINT_STAGE, PROFILES_STAGE, skipped_result

logger = make_logger()
NOT_FOR_PROFILES = (
    "The file lists Pinpoint endpoint ids, which Customer Profiles does not know."
    " Upload user ids (User.UserId) instead."
)


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Inspect the object of an S3 event for the stage STAGE; return what the workflow needs to import it.

    Returns `{importable: false}` when this stage has nothing to do, else also `{run_id, name, file,
    import_url, kind, format, rows, bad_rows, problems, segment_name, segment_id, run_segment, expects}`.
    Raises DataError for a file that cannot be imported.
    """
    stage, detail = os.environ["STAGE"], event["detail"]
    uri = f"s3://{detail['bucket']['name']}/{detail['object']['key']}"
    arrival = Arrival.of(event, read_metadata(uri))
    if not arrival.is_for(stage):
        return {"importable": False}
    run_id, name = arrival.run_id, arrival.key
    expects = arrival.expects(stage, os.environ["ENGAGEMENT_TARGET"], os.environ["SEGMENT_IMPORT_PREFIX"])
    title = f"Import of {arrival.file_name}"
    begin_stage(run_id, stage, name, title, own_run=arrival.own_run, expects=expects)
    report = inspect_file(open_object(uri), format_of(name))
    file = {**arrival.as_file(), "kind": report.kind, "problems": report.problems}
    counts = {"format": report.format, "rows": report.rows, "bad_rows": report.bad_rows}
    logger.info("The file is inspected.", extra={"run_id": run_id, "kind": report.kind, **counts})
    if stage == PROFILES_STAGE and report.kind == ENDPOINT_IDS:
        skipped = skipped_result(stage, name, {**file, "expects": expects}, NOT_FOR_PROFILES)
        end_stage(run_id, skipped, "Segment Import Skipped", [skipped.data])
        return {"importable": False, "run_id": run_id}
    found = {**file, **counts, "importable": True, "run_id": run_id, "name": name}
    found |= {"import_url": uri, "segment_id": "", "expects": expects}
    if stage == PINPOINT_STAGE:
        refresh = os.environ["PINPOINT_REFRESH_SEGMENTS"] == "true"
        found |= prepare_for_pinpoint(arrival, os.environ["PINPOINT_APPLICATION_ID"], refresh=refresh)
    return found
