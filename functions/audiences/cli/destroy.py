"""Takes everything away again: what was trained, what the buckets hold, the stack; and says what remains.

python -m audiences.cli.destroy --stack-name NAME [--yes]
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TextIO

from audiences.edges.personalize import Personalize
from audiences.edges.stack import RETAINED, delete_stack, empty_bucket, stack_buckets
from audiences.edges.training_files import trained_groups
from audiences.errors import AudienceError
from audiences.training.resources import KINDS
from audiences.training.teardown import tear_down

_WAIT_SECONDS = 15.0
_MOST_WAITS = 120  # half an hour for each stage of a dataset group


def main(arguments: list[str] | None = None, answers: TextIO = sys.stdin, out: TextIO = sys.stdout) -> int:
    """Ask, delete and report. Returns 0 when everything is gone, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="make destroy", description=__doc__)
    parser.add_argument("--stack-name", required=True, help="name of the root stack")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--wait-seconds", type=float, default=_WAIT_SECONDS, help="seconds between two looks")
    options = parser.parse_args(arguments)

    def tell(text: str) -> None:
        print(text, file=out, flush=True)

    def confirm(doomed: list[str]) -> bool:
        tell(f"This deletes for good the stack {options.stack_name}, with")
        for line in doomed:
            tell(f"  {line}")
        if options.yes:
            return True
        tell(f"Type {options.stack_name} to delete it:")
        return answers.readline().strip() == str(options.stack_name)

    try:
        buckets = stack_buckets(options.stack_name)
        kept = buckets.pop(RETAINED, None)
        groups = _dataset_groups(buckets)
        doomed = [f"everything in the bucket {bucket}" for bucket in buckets.values()]
        if not confirm(doomed + [f"the Personalize dataset group {name}" for name in groups]):
            tell("Nothing was deleted.")
            return 1
        for name, arn in groups.items():
            tell(f"Personalize dataset group {name}:")
            tear_down(Personalize(), arn, lambda: time.sleep(options.wait_seconds), tell, _MOST_WAITS)
        for bucket in buckets.values():
            tell(f"{empty_bucket(bucket):,} object versions of {bucket} are gone.")
        tell("Deleting the stack; this takes some minutes.")
        delete_stack(options.stack_name)
    except AudienceError as error:
        tell(str(error))
        return 1
    tell(f"The stack {options.stack_name} is gone. What remains:")
    tell("  its KMS key, until its waiting period of 30 days is over (no charge meanwhile)")
    if kept:
        tell(f"  the access logs in {kept} (aws s3 rb s3://{kept} --force)")
    return 0


def _dataset_groups(buckets: dict[str, str]) -> dict[str, str]:
    """Return the dataset groups that configurations in the Personalize bucket name, and that exist."""
    wanted = trained_groups(buckets["PersonalizeBucket"]) if "PersonalizeBucket" in buckets else set()
    there = {entry["name"]: entry["datasetGroupArn"] for entry in Personalize().list(KINDS["dataset-group"])}
    return {name: arn for name, arn in sorted(there.items()) if name in wanted}


if __name__ == "__main__":
    sys.exit(main())
