"""Says in the words of the run record how an upload by SFTP ended. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.activations.work import STAGE as PREPARATION
from audiences.errors import SetupError
from audiences.runs import FINAL, StageResult

if TYPE_CHECKING:
    from audiences.errors import AudienceError
    from audiences.intake.check import Counts
    from audiences.intake.drop import Drop

STAGE = "sftp-intake"


def received(drop: Drop, key: str, counts: Counts) -> StageResult:
    """Return the result of a segment handed over as `key`; it promises the look preparation takes at it."""
    data = {
        "segment": drop.segment,
        "file": f"s3://{drop.bucket}/{key}",
        "user": drop.user,
        "bytes": drop.size,
        **counts.as_data(),
    }
    return StageResult(STAGE, drop.name, "succeeded", data, [[PREPARATION, key]])


def refused(drop: Drop, error: AudienceError) -> StageResult:
    """Return the result of a file that is no segment: why, and where the workflow keeps it."""
    data = {"file": drop.refused_uri, "user": drop.user, "bytes": drop.size}
    return StageResult(STAGE, drop.name, "failed", data, failure=error.as_failure())


def after_exception(drop: Drop, saved: StageResult | None) -> StageResult | None:
    """Return what is left to tell when the workflow's exception steps run; None for a refusal told already.

    `saved`: what the run record says of the file so far.
    """
    if saved is None or saved.status not in FINAL:
        return refused(
            drop,
            SetupError(
                "The file could not be checked.",
                "The check failed or took too long.",
                "Read the log of the receive-segment function, correct the cause, and upload the file again.",
            ),
        )
    if saved.status == "succeeded":
        error = SetupError(
            "The segment was received, and its file could not be cleared from the drop.",
            "A later step of the workflow failed, so the file is in refused/ although it was taken.",
            "Look at the workflow's execution in Transfer Family. Do not upload the file again.",
        )
        return StageResult(STAGE, saved.name, "partial", saved.data, saved.expects, error.as_failure())
    return None
