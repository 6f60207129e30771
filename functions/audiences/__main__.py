"""The `audiences` command line, `python -m audiences COMMAND`: look at files without sending anything."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from audiences.errors import AudienceError

if TYPE_CHECKING:
    from collections.abc import Sequence

# One module of audiences.cli each, with NAME, HELP, add_arguments(parser) and run(args) -> exit code.
COMMANDS = ("normalise", "prepare", "validate")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; an AudienceError is told on standard error and ends with exit code 1."""
    parser = argparse.ArgumentParser(prog="audiences", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = import_module(f"audiences.cli.{name}")
        command = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
    except AudienceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
