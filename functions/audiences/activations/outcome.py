"""Says in the words of the run record how a preparation, or the plan of a segment, ended. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.activations.work import STAGE
from audiences.errors import SetupError
from audiences.failures import from_caught
from audiences.runs import StageResult

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from audiences.activations.work import Work
    from audiences.errors import AudienceError

DELIVERY = "delivery"
_NOT_ENABLED = (
    "Nobody delivers it: the platform's uploader is Disabled in this stack. "
    "Deploy with <Platform>Uploader=Enabled and upload the segment again."
)


def planned_segment(key: str, file: str, planned: Sequence[Work], wrong: AudienceError | None) -> StageResult:
    """Return the final result of a plan: it promises its preparations, and tells of activations left out."""
    status = ("partial" if wrong else "succeeded") if planned else ("failed" if wrong else "skipped")
    expects = [[STAGE, work.name] for work in planned]
    return StageResult(STAGE, key, status, {"file": file}, expects, wrong.as_failure() if wrong else None)


def told_as_one(errors: Sequence[AudienceError]) -> AudienceError | None:
    """Return one error that says what several do; None for none."""
    if len(errors) < 2:
        return errors[0] if errors else None
    return SetupError(
        f"{len(errors)} things keep audiences from being prepared.",
        "\n".join(f"{error.what} {error.why}" for error in errors),
        "\n".join(error.fix for error in errors),
    )


def finished_work(work: Work, made: dict[str, Any], delivered: Collection[str]) -> StageResult:
    """Return the final result for a manifest or plan.

    It promises a delivery where an uploader is enabled (`delivered`), and else says that nothing delivers it.
    What a guard held back is a problem of the run, although the removals go.
    """
    request = work.request
    promised = request.platform in delivered and not request.dry_run
    idle = [] if promised or request.dry_run else [_NOT_ENABLED]
    return StageResult(
        stage=STAGE,
        name=work.name,
        status="partial" if made.get("held") else "succeeded",
        data={
            **_facts(work),
            "manifest": work.output + ("plan.json" if request.dry_run else "manifest.json"),
            **made["counts"],
            "reject_reasons": made["reject_reasons"],
            "removals": made["removals"]["rows"],
            "parts": len(made["parts"]),
            "audience_size": made["audience_size"]["after"],
            "warnings": [*made["warnings"], *work.notes, *idle],
        },
        expects=[[DELIVERY, work.name]] if promised else [],
        failure=made.get("held"),
    )


def failed_work(work: Work, error: dict[str, Any], told: dict[str, str] | None) -> StageResult:
    """Return the final result of a preparation that raised. `told`: by the Spark job itself."""
    return StageResult(STAGE, work.name, "failed", _facts(work), failure=told or from_caught(error))


def failed_plan(name: str, file: str, error: dict[str, Any]) -> StageResult:
    """Return the final result of a plan that raised."""
    return StageResult(STAGE, name, "failed", {"file": file}, failure=from_caught(error))


def _facts(work: Work) -> dict[str, Any]:
    request = work.request
    return {
        "platform": request.platform,
        "audience": request.audience,
        "activation": request.activation,
        "mode": request.mode,
        "engine": work.engine,
        "dry_run": request.dry_run,
        "segments": list(work.segments),
    }
