"""Decides which input file each batch segment job reads, and splits what is too much for one file.

The service matches the input path as a prefix, so every path is a full key and ours lie in folders of their
own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audiences.training.config import Config
from audiences.training.names import Run
from audiences.training.plan import JobInput
from audiences.training.queries import (
    Query,
    QueryFile,
    as_query,
    doubts,
    read_query_file,
    recipe_name,
    split,
)
from audiences.training.schemas import segment_attributes


def job_config_key(group: str, solution: str) -> str:
    """Return the key of the query file a person uploads for a solution."""
    return f"batch/{group}/{solution}/job_config.json"


def query_files(config: Config) -> list[str]:
    """Return the keys of the job_config.json files that the configuration relies on."""
    keys = []
    for solution in config.solutions:
        jobs = solution.get("batchSegmentJobs", [])
        if any("queries" not in job for job in jobs):
            keys.append(job_config_key(config.group, solution["serviceConfig"]["name"]))
    return keys


def job_inputs(config: Config, run: Run, read: Callable[[str], str]) -> tuple[list[JobInput], list[str]]:
    """Return the inputs of all segment jobs, and warnings. `read(key)` returns a job_config.json as text."""
    inputs: list[JobInput] = []
    warnings: list[str] = []
    for index, solution in enumerate(config.solutions):
        recipe = recipe_name(solution["serviceConfig"].get("recipeArn", ""))
        original = job_config_key(config.group, solution["serviceConfig"]["name"])
        parts = 0
        for entry, job in enumerate(solution.get("batchSegmentJobs", [])):
            found = _queries_of(job, recipe, original, read)
            warnings += [text for text in found.warnings if text not in warnings]
            queries = _with_filter_values(found.queries, job["serviceConfig"])
            groups = split(queries, recipe)
            if len(groups) == 1 and found.is_clean and "queries" not in job and queries == found.queries:
                inputs.append(JobInput(index, entry, original, queries, is_original=True))
                parts += 1
                continue
            for group in groups:
                parts += 1
                folder = original.removesuffix("job_config.json")
                key = f"{folder}queries/{run.run_id}-{parts}/job_config.json"
                inputs.append(JobInput(index, entry, key, group))
    return inputs, warnings + _doubts(config, inputs)


def _queries_of(job: dict[str, Any], recipe: str, key: str, read: Callable[[str], str]) -> QueryFile:
    if "queries" in job:
        return QueryFile([as_query(query, recipe) for query in job["queries"]], [])
    return read_query_file(read(key), key, recipe)


def _with_filter_values(queries: list[Query], service: dict[str, Any]) -> list[Query]:
    """Put the job's filter values into each query, where the service expects them: dg/filter-batch.html."""
    values = service.get("filterValues")
    if not values:
        return queries
    return [{**query, "filterValues": {**values, **query.get("filterValues", {})}} for query in queries]


def _doubts(config: Config, inputs: list[JobInput]) -> list[str]:
    if "items" not in config.datasets:
        return []
    attributes = segment_attributes(config.schema("items"))
    found = [doubts(query, attributes) for part in inputs for query in part.queries]
    return list(dict.fromkeys(text for text in found if text))
