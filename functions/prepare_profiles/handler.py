"""Turns an import file into what Customer Profiles takes: profiles from endpoints, or who is a member."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from audiences.edges.entry import entry, make_logger
from audiences.edges.profile_files import write_parts
from audiences.edges.s3_files import upload_once, write_json
from audiences.errors import DataError
from audiences.runs import safe_name

logger = make_logger()


@entry(logger)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Write the parts and the plan of an upload to the audience bucket.

    Event: `{file: <what inspect_import returned>}`. Returns `{plan, parts, rows, rejected}`: the plan's URI
    and counts. Raises DataError when no row can be used, or a segment would shrink below its fuse.
    """
    file, bucket = event["file"], os.environ["AUDIENCE_BUCKET"]
    run_id = file["run_id"]
    work = f"s3://{bucket}/work/customer-profiles-import/{run_id}/{safe_name(file['name'])}/"
    with tempfile.TemporaryDirectory() as folder:
        ledgers, notes = (f"s3://{bucket}/{kind}/customer-profiles/" for kind in ("ledger", "deliveries"))
        paths, plan = write_parts(file, ledgers, notes, Path(folder))
        if not plan["rows"]:
            why = "; ".join(plan["problems"][:3])
            raise DataError("No row can become a profile.", why, "Correct the file and upload it again.")
        for path in paths:
            upload_once(path, f"{work}{path.name}")
        for name in ("members.csv", "everyone.csv") if plan["segment"] else ():
            upload_once(Path(folder) / name, f"{work}{name}")
    plan |= {"file": file, "work": work, "parts": [f"{work}{path.name}" for path in paths]}
    write_json(f"{work}plan.json", plan)
    counts = {"parts": len(paths), "rows": plan["rows"], "rejected": plan["rejected"]}
    logger.info("The upload is prepared.", extra={"run_id": run_id, **counts, **plan["counts"]})
    return {"plan": f"{work}plan.json", **counts}
