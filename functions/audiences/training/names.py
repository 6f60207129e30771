"""Names of what a run creates and where: the contract of "Maintaining Personalized Experiences"."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from audiences.errors import DataError

JOB_TIME = "%Y_%m_%d_%H_%M_%S"
MOST_CHARACTERS = 63  # of any Personalize name: dg API_CreateBatchSegmentJob.html
STAGE = "personalize-training"
POSTPROCESSING = "segment-postprocessing"


@dataclass(frozen=True)
class Run:
    """One run of the training workflow, derived from its trigger: the same on every retry.

    run_id: `<yyyymmdd>-<hhmmss>-<6 hex>`. time: as in job names. folder: `train/<group>`. name: the folder's
    last part, under which the run's result is kept. started: seconds since 1970.
    """

    run_id: str
    time: str
    bucket: str
    key: str
    started: float

    @property
    def folder(self) -> str:
        """Return the prefix of the configuration, without a final `/`."""
        return self.key.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Return the name of the run's result: the folder, or the file's name directly under `train/`."""
        return self.folder.partition("/")[2] or self.key.rpartition("/")[2].removesuffix(".json")


def identify_run(trigger: dict[str, Any], started_at: str) -> Run:
    """Return the run that an S3 event began. `started_at`: the execution's start, ISO 8601.

    Raises DataError when the event is of no object, e.g. a hand-made one.
    """
    try:
        bucket = trigger["detail"]["bucket"]["name"]
        key = trigger["detail"]["object"]["key"]
    except (KeyError, TypeError) as error:
        raise DataError(
            "The workflow was started without an S3 event.",
            f"Its input has no {error}.",
            "Upload the configuration to train/<group>/config.json instead of starting the workflow by hand.",
        ) from error
    moment = datetime.fromisoformat(started_at.replace("Z", "+00:00")).astimezone(UTC)
    seed = trigger.get("execution_key") or f"{bucket}/{key}/{started_at}"
    digest = hashlib.sha256(str(seed).encode()).hexdigest()[:6]
    return Run(f"{moment:%Y%m%d-%H%M%S}-{digest}", f"{moment:{JOB_TIME}}", bucket, key, moment.timestamp())


def job_name(solution: str, number: int, time: str) -> str:
    """Return the name of the `number`-th segment job of a solution: the first has the contract's name."""
    stem = f"batch_{solution}"
    return f"{stem}_{time}" if number == 1 else _fit(stem, f"_{number}_{time}")


def dated_name(name: str, time: str) -> str:
    """Return `name` with the run's time, shortened to the 63 characters Personalize allows."""
    return _fit(name, f"_{time}")


def _fit(stem: str, tail: str) -> str:
    """Return stem and tail in 63 characters; shortened stems are kept apart by a digest."""
    if len(stem) + len(tail) > MOST_CHARACTERS:
        tail = f"-{hashlib.sha256(stem.encode()).hexdigest()[:4]}{tail}"
    return stem[: MOST_CHARACTERS - len(tail)] + tail
