"""Checks training configurations on this computer, before anything is uploaded: all problems at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from audiences.errors import DataError
from audiences.training.config import Config, check_config
from audiences.training.data_check import DatasetCheck, check_file, finish
from audiences.training.problems import Problem
from audiences.training.queries import doubts, read_query_file, recipe_name
from audiences.training.schemas import segment_attributes

_CHUNK = 1 << 20  # bytes


def validate_files(paths: Iterable[str | Path]) -> list[Problem]:
    """Return the problems of training configurations, and of the data and query files that lie beside them.

    Data files that are not there are not a problem here: they may be in the bucket already. Raises OSError
    for a configuration that cannot be read.
    """
    problems: list[Problem] = []
    for path in map(Path, paths):
        config, found = check_config(path.read_bytes(), str(path))
        problems += found
        if config is not None:
            for kind in config.datasets:
                problems += _check_data(config, kind, path.parent)
            problems += _check_queries(config, path)
    return problems


def warnings_of(path: str | Path) -> list[str]:
    """Return what a valid configuration should make its author think about; nothing for an invalid one."""
    config, _ = check_config(Path(path).read_bytes(), str(path))
    if config is None:
        return []
    attributes = segment_attributes(config.schema("items")) if "items" in config.datasets else None
    found = [*config.warnings, *config.not_run]
    for solution in config.solutions:
        queries = [query for job in solution.get("batchSegmentJobs", []) for query in job.get("queries", [])]
        for query in queries if attributes is not None else []:
            doubt = doubts(query if isinstance(query, dict) else {"itemAttributes": query}, attributes or [])
            found += [doubt] if doubt else []
    return found


def is_training_config(path: str | Path) -> bool:
    """Tell whether a file is meant as a training configuration, by its content or its folder `train/`."""
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (ValueError, OSError):
        return "train" in Path(path).parts
    return isinstance(value, dict) and ("datasetGroup" in value or "solutions" in value)


def _check_data(config: Config, kind: str, folder: Path) -> list[Problem]:
    single = folder / f"{kind}.csv"
    files = [single] if single.is_file() else sorted((folder / kind).glob("*.csv"))
    if not files:
        return []
    check = DatasetCheck(kind)
    for file in files:
        check_file(check, config.schema(kind), str(file), _chunks(file))
    full = config.value["datasets"].get("serviceConfig", {}).get("importMode", "FULL") == "FULL"
    finish(check, str(files[0]), full_import=full)
    return check.problems


def _check_queries(config: Config, path: Path) -> Iterator[Problem]:
    """Yield problems of job_config.json files in `batch/` beside the `train/` folder of the configuration."""
    for solution in config.solutions:
        service = solution["serviceConfig"]
        file = path.parent.parent.parent / "batch" / config.group / service["name"] / "job_config.json"
        if not solution.get("batchSegmentJobs") or not file.is_file():
            continue
        try:
            found = read_query_file(
                file.read_text(encoding="utf-8"), str(file), recipe_name(service["recipeArn"])
            )
        except DataError as error:
            yield Problem(str(file), 0, 0, "", f"{error.what} {error.why}")
            continue
        for warning in found.warnings:
            line, _, message = warning.removeprefix(f"{file}:").partition(":")
            yield Problem(str(file), int(line), 0, "", message.strip())


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
