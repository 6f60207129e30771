"""`python -m bench NAME`: one module of this folder each, with HELP, add_arguments(parser) and run(args)."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from functools import partial
from importlib import import_module
from pathlib import Path


def main() -> int:
    """Run one benchmark; the exit code is 1 when an answer was wrong or a floor was missed."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    names = parser.add_subparsers(required=True, metavar="NAME")
    for entry in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if entry.name == "__main__":
            continue
        try:
            module = import_module(f"bench.{entry.name}")
        except ImportError as error:  # one benchmark that lacks a package must not hide the others
            command = names.add_parser(entry.name, help=f"cannot run here: {error}")
            command.set_defaults(run=partial(_cannot_run, entry.name, str(error)))
            continue
        if hasattr(module, "run"):
            command = names.add_parser(entry.name, help=module.HELP, description=module.HELP)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    args = parser.parse_args()
    code: int = args.run(args)
    return code


def _cannot_run(name: str, reason: str, _args: argparse.Namespace) -> int:
    print(f"bench {name} cannot run here: {reason}. Install what it needs: make .venv/.done")
    return 2


if __name__ == "__main__":
    sys.exit(main())
