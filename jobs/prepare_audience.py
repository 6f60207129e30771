# ruff: noqa: INP001 - Glue runs this file by itself, it is in no package
"""AWS Glue entry: one preparation on Spark, with the code the workflow brings (--extra-py-files)."""

import json
import sys
import tempfile
from pathlib import Path

from audiences.edges.audience_files import open_object
from audiences.edges.audience_work import inputs_of, publish_work, read_work
from audiences.edges.aws import client
from audiences.edges.s3_files import split_uri
from audiences.edges.safe import failure_of, safe
from audiences.preparation.plan import compile_plan
from audiences.preparation.spark import prepare_with_spark
from pyspark.sql import SparkSession


def main(work_uri: str) -> None:
    """Do the work at `work_uri` (s3://…). Why it failed is left beside it for the workflow."""
    work = read_work(work_uri)
    session = SparkSession.builder.appName("prepare-audience").getOrCreate()
    try:
        plan = compile_plan(work.request, inputs_of(work))
        uris = {
            "segments": work.segments,
            "identities": work.identities,
            "suppressions": work.suppressions,
        }
        with tempfile.TemporaryDirectory() as name:
            spill, folder = Path(name) / "spill", Path(name) / "prepared"
            spill.mkdir()
            folder.mkdir()
            made = prepare_with_spark(session, plan, open_object, uris, spill, folder)
            publish_work(work, made, folder)
    except Exception as error:  # noqa: BLE001  # a masked one is raised: Glue keeps what it says
        masked = safe(error)
        bucket, key = split_uri(work_uri)
        body = json.dumps(failure_of(masked)).encode()
        client("s3").put_object(Bucket=bucket, Key=f"{key}.failure", Body=body)
        raise masked from None
    finally:
        session.stop()
    print(json.dumps({"audience": work.name, "received": made.counts.received, "sent": made.counts.sent}))


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--work") + 1])
