"""Reads a training configuration and checks all of it at once, before anything is created or paid for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from audiences.errors import DataError
from audiences.training import services
from audiences.training.cron import check_cron
from audiences.training.grammar import check_keys, find_not_run
from audiences.training.problems import Problem, counted, describe
from audiences.training.queries import KEY_OF_RECIPE, as_query, recipe_name
from audiences.training.schemas import as_schema, check_schema, segment_attributes
from audiences.training.source_map import Path, SourceMap, at, dotted, locate

UPDATABLE = ("aws-user-personalization", "aws-hrnn-coldstart")  # recipes with trainingMode UPDATE
DATASETS = ("interactions", "items", "users")
Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Config:
    """A configuration without problems, as written, and what the person should know about it."""

    value: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    @property
    def group(self) -> str:
        """Return the name of the dataset group."""
        return str(self.value["datasetGroup"]["serviceConfig"]["name"])

    @property
    def datasets(self) -> dict[str, dict[str, Any]]:
        """Return the declared datasets by type: `interactions`, `items`, `users`."""
        declared = self.value.get("datasets", {})
        return {kind: declared[kind] for kind in DATASETS if kind in declared}

    def schema(self, kind: str) -> dict[str, Any]:
        """Return the Avro schema of a declared dataset."""
        schema: dict[str, Any] = as_schema(self.datasets[kind]["schema"]["serviceConfig"]["schema"])
        return schema

    @property
    def solutions(self) -> list[dict[str, Any]]:
        """Return the declared solutions."""
        solutions: list[dict[str, Any]] = self.value.get("solutions", [])
        return solutions


def read_config(content: bytes, file: str) -> Config:
    """Return the configuration in `content`. Raises DataError with every problem, each with its position."""
    config, problems = check_config(content, file)
    if config is None:
        raise DataError(
            f"The training configuration {file} has {counted(len(problems))}:",
            "\n" + describe(problems),
            "\nCorrect the file (audiences validate FILE checks it without uploading) and upload it again.",
        )
    return config


def check_config(content: bytes, file: str) -> tuple[Config | None, list[Problem]]:
    """Return `(config, [])` when everything is right, else `(None, problems)` sorted by position."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Problem(file, 0, 0, "", f"is not UTF-8 text (byte {error.start}); save it as UTF-8")]
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return None, [Problem(file, error.lineno, error.colno, "", f"is not JSON: {error.msg}")]
    except RecursionError:
        return None, [Problem(file, 0, 0, "", "is nested too deeply")]
    source = locate(text)
    found = [(path, "appears twice; the first one would be lost") for path in source.duplicates]
    found += check_keys(value)
    if isinstance(value, dict):
        found += _check_parts(value)
    problems = sorted({_problem(source, file, path, message) for path, message in found})
    return (None, problems) if problems else (_config(value), [])


def _problem(source: SourceMap, file: str, path: Path, message: str) -> Problem:
    return Problem(file, *source.position(path), dotted(path), message)


def _config(value: dict[str, Any]) -> Config:
    not_run = [f"not run by this release: {what} ({dotted(path)})" for path, what in find_not_run(value)]
    warnings = [f"{dotted(path)}: {message}" for path, message in services.overridden(value)]
    mode = at(value, ("datasets", "serviceConfig", "importMode"))
    if mode == "INCREMENTAL" and any(
        solution.get("batchSegmentJobs") for solution in value.get("solutions", [])
    ):
        # https://docs.aws.amazon.com/personalize/latest/dg/getting-user-segments.html
        warnings.append("importMode INCREMENTAL: segments are made of data imported with FULL only.")
    return Config(value, warnings, not_run)


def _check_parts(value: dict[str, Any]) -> Found:
    yield from services.check_services(value)
    yield from _check_datasets(value)
    yield from _check_solutions(value)
    yield from _check_schedules(value, ())
    yield from _check_duplicates(value)


def _check_datasets(value: dict[str, Any]) -> Found:
    datasets = value.get("datasets")
    if not isinstance(datasets, dict):
        return
    if "interactions" not in datasets:
        yield ("datasets",), "needs interactions: Personalize learns from them"
    domain = at(value, ("datasetGroup", "serviceConfig", "domain"))
    for kind in DATASETS:
        where: Path = ("datasets", kind, "schema", "serviceConfig", "schema")
        schema = at(value, where)
        if schema is not None:
            for path, message in check_schema(kind, as_schema(schema), domain):
                yield (*where, *path), message
        own = at(value, (*where[:-1], "domain"))
        if own is not None and own != domain:
            yield (*where[:-1], "domain"), "must be the domain of the dataset group"


def _check_solutions(value: dict[str, Any]) -> Found:
    solutions = value.get("solutions")
    for index, solution in enumerate(solutions if isinstance(solutions, list) else []):
        where: Path = ("solutions", index)
        service = at(solution, ("serviceConfig",))
        recipe = recipe_name(str(at(service, ("recipeArn",)) or ""))
        jobs = at(solution, ("batchSegmentJobs",))
        if isinstance(jobs, list) and jobs and recipe not in KEY_OF_RECIPE:
            yield (*where, "batchSegmentJobs"), f"needs a solution with recipe {' or '.join(KEY_OF_RECIPE)}"
        elif isinstance(jobs, list):
            for number, job in enumerate(jobs):
                yield from _check_queries(job, recipe, (*where, "batchSegmentJobs", number))
        if recipe == "aws-item-attribute-affinity":
            yield from _check_attributes(value, where)
        update = at(solution, ("workflowConfig", "schedules", "update"))
        mode = at(service, ("solutionVersion", "trainingMode"))
        if (update or mode == "UPDATE") and not recipe.startswith(UPDATABLE):
            yield where, f"cannot be updated: recipe {recipe or '(none)'} trains in full only"


def _check_queries(job: Any, recipe: str, where: Path) -> Found:
    if not isinstance(job, dict) or "queries" not in job:
        return
    queries = job["queries"]
    if not isinstance(queries, list) or not queries:
        yield (
            (*where, "queries"),
            "must be a list with at least one query; without the key, job_config.json is used",
        )
        return
    for index, query in enumerate(queries):
        try:
            as_query(query, recipe)
        except ValueError as error:
            yield (*where, "queries", index), str(error)


def _check_attributes(value: dict[str, Any], where: Path) -> Found:
    if not isinstance(value.get("datasets"), dict):
        return  # the dataset group exists already
    schema = as_schema(at(value, ("datasets", "items", "schema", "serviceConfig", "schema")))
    if schema is None:
        yield where, "aws-item-attribute-affinity needs an items dataset"
    elif not any(check_schema("items", schema, None)) and not segment_attributes(schema):
        yield where, "aws-item-attribute-affinity needs an items column which is not free text (textual)"


def _check_schedules(value: Any, path: Path) -> Found:
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from _check_schedules(element, (*path, index))
    elif isinstance(value, dict):
        for key, child in value.items():
            here = (*path, key)
            is_schedule = key == "schedule" or (path[-1:] == ("schedules",) and key != "maxAge")
            if "workflowConfig" in path and is_schedule:
                message = (
                    check_cron(child) if isinstance(child, str) else "must be text such as cron(0 3 * * ? *)"
                )
                if message:
                    yield here, message
            else:
                yield from _check_schedules(child, here)


def _check_duplicates(value: dict[str, Any]) -> Found:
    lists: list[tuple[str, list[Path]]] = [
        ("solution", []),
        ("campaign", []),
        ("filter", []),
        ("recommender", []),
    ]
    for where, operation, _ in services.services_in(value):
        for kind, paths in lists:
            if operation == f"Create{kind.title()}":
                paths.append((*where, "name"))
    lists += [
        (part, [("datasets", kind, part, "serviceConfig", "name") for kind in DATASETS])
        for part in ("schema", "dataset")
    ]
    for kind, paths in lists:
        names = [at(value, path) for path in paths]
        counts = Counter(name for name in names if isinstance(name, str))
        for path, name in zip(paths, names, strict=True):
            if isinstance(name, str) and counts[name] > 1:
                yield path, f"{name!r} is the name of {counts[name]} {kind}s; names must differ"
