"""`python -m bench NAME`: one module of this folder each, with HELP, add_arguments(parser) and run(args)."""

from __future__ import annotations

import argparse
import pkgutil
import sys
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
        module = import_module(f"bench.{entry.name}")
        if hasattr(module, "run"):
            command = names.add_parser(entry.name, help=module.HELP, description=module.HELP)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    args = parser.parse_args()
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
