"""The keys a training configuration may have: those of "Maintaining Personalized Experiences", and ours.

Source of the contract:
https://github.com/aws-solutions/maintaining-personalized-experiences-with-machine-learning Ours on top:
`queries` in a batch segment job.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audiences.training.source_map import Path

ANY: Any = object()  # checked elsewhere, against the service model
_SERVICE = {"serviceConfig": ANY}
_DATASET = {"dataset": _SERVICE, "schema": _SERVICE}
_BATCH_WORKFLOW = {"schedule": ANY, "maxAge": ANY}
_WHOLE: dict[str, Any] = {
    "tags": ANY,
    "datasetGroup": {**_SERVICE, "workflowConfig": {"schedules": {"import": ANY}, "maxAge": ANY}},
    "datasets": {
        "serviceConfig": {"importMode": ANY, "publishAttributionMetricsToS3": ANY, "tags": ANY},
        "interactions": _DATASET,
        "items": _DATASET,
        "users": _DATASET,
    },
    "eventTracker": _SERVICE,
    "filters": [_SERVICE],
    "recommenders": [_SERVICE],
    "solutions": [
        {
            **_SERVICE,
            "workflowConfig": {"schedules": {"full": ANY, "update": ANY, "maxAge": ANY}, "maxAge": ANY},
            "campaigns": [_SERVICE],
            "batchInferenceJobs": [{**_SERVICE, "workflowConfig": _BATCH_WORKFLOW}],
            "batchSegmentJobs": [{**_SERVICE, "workflowConfig": _BATCH_WORKFLOW, "queries": ANY}],
        }
    ],
}
# Parts that are checked and not run; each becomes a line in the mail.
NOT_RUN = {
    "eventTracker": "event trackers",
    "recommenders": "recommenders",
    "campaigns": "campaigns",
    "batchInferenceJobs": "batch inference jobs",
    "schedules": "schedules (upload the configuration again to run it again)",
    "schedule": "schedules (upload the configuration again to run it again)",
    "maxAge": "maxAge (each upload imports and trains anew)",
}


def check_keys(config: Any) -> Iterator[tuple[Path, str]]:
    """Yield `(path, message)` for each key that is not in the grammar, and for wrong kinds of value."""
    yield from _walk(config, _WHOLE, ())


def _walk(value: Any, allowed: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if allowed is ANY:
        return
    if isinstance(allowed, list):
        if not isinstance(value, list):
            yield path, "must be a list"
            return
        for index, element in enumerate(value):
            yield from _walk(element, allowed[0], (*path, index))
        return
    if not isinstance(value, dict):
        yield path, "must be an object"
        return
    for key, child in value.items():
        if key in allowed:
            yield from _walk(child, allowed[key], (*path, key))
        else:
            yield (*path, key), f"is not a known key; known here are {', '.join(sorted(allowed))}"


def find_not_run(config: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield `(path, what)` for the parts of a valid configuration that are checked and not run."""
    if isinstance(config, list):
        for index, element in enumerate(config):
            yield from find_not_run(element, (*path, index))
    elif isinstance(config, dict):
        for key, child in config.items():
            if key in NOT_RUN and child:
                yield (*path, key), NOT_RUN[key]
            elif key != "serviceConfig":
                yield from find_not_run(child, (*path, key))
