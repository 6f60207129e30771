"""Deletes a dataset group and everything in it: CloudFormation does not own it, and it may cost.

python -m audiences.cli.destroy_personalize --dataset-group NAME [--yes]
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TextIO

from audiences.edges.personalize import Personalize
from audiences.errors import AudienceError
from audiences.training.resources import KINDS
from audiences.training.teardown import find_all, tear_down

_WAIT_SECONDS = 15.0
_MOST_WAITS = 120  # half an hour for each stage


def main(arguments: list[str] | None = None, answers: TextIO = sys.stdin, out: TextIO = sys.stdout) -> int:
    """Ask, delete and report. Returns 0 when everything is gone or there was nothing, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="destroy_personalize", description=__doc__)
    parser.add_argument("--dataset-group", required=True, help="name of the dataset group")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--wait-seconds", type=float, default=_WAIT_SECONDS, help="seconds between two looks")
    options = parser.parse_args(arguments)

    def tell(text: str) -> None:
        print(text, file=out, flush=True)

    service = Personalize()
    try:
        groups = {entry["name"]: entry["datasetGroupArn"] for entry in service.list(KINDS["dataset-group"])}
        arn = groups.get(options.dataset_group)
        if arn is None:
            tell(f"There is no dataset group {options.dataset_group}: nothing to delete.")
            return 0
        stages, schemas = find_all(service, arn)
        for thing in [doomed.arn for stage in stages for doomed in stage] + schemas:
            tell(f"  {thing}")
        if not options.yes:
            tell(f"Type {options.dataset_group} to delete all of this:")
            if answers.readline().strip() != options.dataset_group:
                tell("Nothing was deleted.")
                return 1
        gone = tear_down(service, arn, lambda: time.sleep(options.wait_seconds), tell, _MOST_WAITS)
    except AudienceError as error:
        tell(str(error))
        return 1
    tell(f"{gone} resources are gone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
