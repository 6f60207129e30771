"""The first real step of a run: read, check and wait for everything in S3, then write down the plan.

Nothing is created in Personalize before this step has passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from audiences.errors import DataError, RetryLater
from audiences.training.config import Config, read_config
from audiences.training.data_check import DatasetCheck, check_file, finish
from audiences.training.job_inputs import job_inputs, query_files
from audiences.training.names import Run
from audiences.training.plan import Account, Plan, Planner
from audiences.training.problems import Problem, counted, describe
from audiences.training.queries import to_lines


class Store(Protocol):
    """The Personalize bucket, as far as this step needs it."""

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size in bytes of each object under a prefix, by key."""

    def read(self, key: str) -> bytes:
        """Return an object's content. Raises DataError when it is not there."""

    def stream(self, key: str, most_bytes: int) -> Iterator[bytes]:
        """Yield an object's first `most_bytes` bytes, in chunks."""

    def write(self, key: str, text: str) -> None:
        """Write an object."""


def prepare(run: Run, account: Account, store: Store, most_bytes: int) -> Plan:
    """Check the configuration, the data (at most `most_bytes` of them) and the queries; return the plan.

    Raises DataError with all problems; RetryLater while files of the configuration have not arrived yet.
    """
    config = read_config(store.read(run.key), run.key)
    files = find_data(config, run, store)
    checks = check_data(config, files, store, most_bytes)
    inputs, warnings = job_inputs(config, run, lambda key: store.read(key).decode("utf-8-sig"))
    for part in inputs:
        if not part.is_original:
            store.write(part.key, to_lines(part.queries))
    locations = {kind: f"s3://{run.bucket}/{_location(run, kind, keys)}" for kind, keys in files.items()}
    plan = Planner(config, run, account).build(locations, inputs)
    plan.notes += [text for check in checks for text in check.warnings] + warnings
    plan.counts = {check.kind: check.rows for check in checks}
    return plan


def find_data(config: Config, run: Run, store: Store) -> dict[str, dict[str, int]]:
    """Return the data files (key, size) of each declared dataset. Raises RetryLater while one is missing."""
    present = store.sizes(f"{run.folder}/")
    found = {kind: _files_of(kind, run.folder, present) for kind in config.datasets}
    missing = [f"{run.folder}/{kind}.csv" for kind, files in found.items() if not files]
    missing += [key for key in query_files(config) if key not in store.sizes(key)]
    if missing:
        raise RetryLater(
            f"Not in the bucket yet: {', '.join(missing)}.",
            f"{run.key} needs {'it' if len(missing) == 1 else 'them'}.",
            "Upload what is missing and then the configuration again, or take it out of the configuration.",
        )
    return found


def _files_of(kind: str, folder: str, present: dict[str, int]) -> dict[str, int]:
    single = f"{folder}/{kind}.csv"
    if single in present:
        return {single: present[single]}
    prefix = f"{folder}/{kind}/"
    return {
        key: size for key, size in present.items() if key.startswith(prefix) and key.lower().endswith(".csv")
    }


def _location(run: Run, kind: str, files: dict[str, int]) -> str:
    single = f"{run.folder}/{kind}.csv"
    return single if single in files else f"{run.folder}/{kind}/"


def check_data(
    config: Config, files: dict[str, dict[str, int]], store: Store, most_bytes: int
) -> list[DatasetCheck]:
    """Check the data files, at most `most_bytes` in all. Raises DataError with the problems of all files."""
    checks = []
    left = most_bytes
    full = config.value.get("datasets", {}).get("serviceConfig", {}).get("importMode", "FULL") == "FULL"
    for kind, keys in files.items():
        check = DatasetCheck(kind)
        for key, size in keys.items():
            if size > left:
                check.cut_short = True
            if left > 0:
                check_file(
                    check, config.schema(kind), key, _whole_lines(store.stream(key, left), cut=size > left)
                )
            left = max(0, left - size)
        if check.cut_short:
            check.warnings.append(
                f"{kind}: only the first part of the data was checked; Personalize checks the rest"
            )
        finish(check, next(iter(keys)), full_import=full)
        checks.append(check)
    problems: list[Problem] = [problem for check in checks for problem in check.problems]
    if problems:
        total = sum(check.total for check in checks)
        raise DataError(
            f"The training data has {counted(total)}:",
            "\n" + describe(problems, total),
            "\nCorrect the files, upload them, and then the configuration again.",
        )
    return checks


def _whole_lines(chunks: Iterator[bytes], *, cut: bool) -> Iterator[bytes]:
    """Yield the chunks; leave out the last, broken line of a file that is read in part."""
    if not cut:
        yield from chunks
        return
    rest = b""
    for chunk in chunks:
        block = rest + chunk
        end = block.rfind(b"\n") + 1
        yield block[:end]
        rest = block[end:]
