"""Finds out which audiences a new segment feeds, and promises them in the run record."""

from __future__ import annotations

import os
from typing import Any

from audiences.activations.outcome import planned_segment
from audiences.activations.work import STAGE
from audiences.edges.audience_files import describe_object, is_folder
from audiences.edges.audience_work import find_work
from audiences.edges.entry import entry, make_logger
from audiences.edges.job_code import publish_code
from audiences.edges.run_store import save_result
from audiences.edges.s3_files import claim, split_uri, write_json
from audiences.edges.stage_log import put_stage_events
from audiences.imports.run_context import own_run_id
from audiences.runs import safe_name

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return `{run_id, items: [{work, engine, code}]}` for a segment file; no items when nobody wants it.

    Event: `{file: s3://…, execution_key, time}`. The same version of a file announced twice (by S3 and by
    "Segment Created") is planned once, and a folder made in the console starts nothing. DataError for a file
    in no segment's folder; wrong activations are left out and told in the run record.
    """
    bucket, (_, key) = os.environ["AUDIENCE_BUCKET"], split_uri(event["file"])
    if is_folder(event["file"]):
        return {"run_id": "", "items": []}
    known, version = describe_object(event["file"])
    run_id = known or own_run_id(event["execution_key"], event["time"])
    claimed = f"s3://{bucket}/work/{STAGE}/claims/{safe_name(key)}/{version}.json"
    if claim(claimed, event["execution_key"]) != event["execution_key"]:
        logger.info("This version of the segment is planned already.", extra={"run_id": run_id, "key": key})
        return {"run_id": run_id, "items": []}
    planned, wrong = find_work(bucket, run_id, key, int(os.environ["LAMBDA_MOST_MIB"]) << 20)
    if planned or known or wrong:
        save_result(bucket, run_id, planned_segment(key, event["file"], planned, wrong))
    if (planned or wrong) and not known:
        put_stage_events(run_id, STAGE, "Run Started", [{"title": f"Audiences of {key.split('/')[2]}"}])
    code = publish_code(bucket) if any(work.engine == "spark" for work in planned) else {}
    items = []
    for work in planned:
        uri = f"s3://{bucket}/work/{STAGE}/{run_id}/{safe_name(work.name)}.json"
        write_json(uri, work.as_json())
        items.append({"work": uri, "engine": work.engine, "code": code})
    logger.info("The segment is planned.", extra={"run_id": run_id, "audiences": len(items)})
    return {"run_id": run_id, "items": items}
