"""Streams a batch segment job's output into one user-id file per query in the audience bucket."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.s3_files import claim, list_keys, read_chunks, upload_once, write_json
from audiences.edges.stage_log import begin_stage
from audiences.imports.run_context import own_run_id, parse_time
from audiences.segments.delivery import SOURCE, STAGE, metadata, require_output, segment_uri
from audiences.segments.names import choose_file_name, choose_name
from audiences.segments.split import Segment, split_output

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Split `output` (s3://…/) of the job `name`, `arn`; return the manifest's URI and counts.

    Event: `{name, arn, output, run_id or "", execution_key, time}` (time: of the event, ISO 8601). Raises
    DataError when the output is empty; a query that failed is in the manifest and stops nothing.
    """
    bucket, job = os.environ["AUDIENCE_BUCKET"], event["name"]
    run_id = event["run_id"] or own_run_id(event["execution_key"], event["time"])
    begin_stage(run_id, STAGE, job, f"Segments of {job}", own_run=not event["run_id"])

    def keep(query: str, identity: str, users: int, spool: Path) -> Segment:
        names = f"s3://{bucket}/names/{SOURCE}"
        name = choose_name(identity, lambda plain, owner: claim(f"{names}/segments/{plain}.json", owner))
        owner = f"{event['arn']} {identity}"
        file_name = choose_file_name(
            name, parse_time(event["time"]), owner, lambda file, by: claim(f"{names}/files/{file}.json", by)
        )
        uri = segment_uri(bucket, name, file_name)
        upload_once(spool, uri, metadata(run_id, name, query))
        return Segment(name, query, users, file_name, uri)

    output = event["output"].rstrip("/") + "/"
    files = ((uri.rsplit("/", 1)[1], read_chunks(uri)) for uri in list_keys(output) if uri.endswith(".out"))
    with tempfile.TemporaryDirectory() as folder:
        segments, failed = split_output(files, Path(folder) / "users.csv", keep)
    require_output(segments, failed, output)
    manifest = f"s3://{bucket}/work/{STAGE}/{run_id}/{job}/manifest.json"
    write_json(
        manifest,
        {"segments": [s.as_json() for s in segments], "failed_queries": [f.as_json() for f in failed]},
    )
    counts = {
        "segments": len(segments),
        "users": sum(s.users for s in segments),
        "failed_queries": len(failed),
    }
    logger.info("The batch output is split.", extra={"run_id": run_id, "job": job, **counts})
    return {"run_id": run_id, "job": job, "manifest": manifest, **counts}
