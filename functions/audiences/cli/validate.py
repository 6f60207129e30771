"""`audiences validate`: check training configurations and activations, all problems at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.activations.validate import check_activation, check_together
from audiences.cli.validate_training import is_training_config, validate_files, warnings_of
from audiences.errors import DataError
from audiences.training.problems import describe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from audiences.activations.model import Activation
    from audiences.training.problems import Problem

NAME = "validate"
HELP = "check training configurations (train/<group>/config.json) and activations (activations/<name>.json)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="files, or folders such as activations/, train/ or one with both",
    )


def run(args: argparse.Namespace) -> int:
    """Print the problems, one a line, or that there are none; return 1 when there are problems."""
    files = list(_expand(args.files))
    training = [file for file in files if is_training_config(file)]
    others = [file for file in files if file not in training]
    problems = [*validate_files(training), *validate_activations(others)]
    for file in training:
        sys.stderr.writelines(f"{file}: warning: {warning}\n" for warning in warnings_of(file))
    if problems:
        sys.stdout.write(f"{describe(problems)}\n")
        return 1
    sys.stdout.write(f"{len(files)} file{'s' if len(files) != 1 else ''} checked, no problems.\n")
    return 0


def validate_activations(files: Iterable[Path]) -> list[Problem]:
    """Return the problems of activations, alone and side by side. OSError for an unreadable file."""
    problems: list[Problem] = []
    valid: list[tuple[str, Activation]] = []
    for file in files:
        activation, found = check_activation(file.read_bytes(), str(file), file.stem)
        problems += found
        if activation is not None:
            valid.append((str(file), activation))
    return [*problems, *check_together(valid)]


def _expand(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            patterns = ("*.json", "**/config.json", "**/activations/*.json")
            found = sorted({file for pattern in patterns for file in path.glob(pattern)})
            if not found:
                raise DataError(
                    f"{path} has no configuration.",
                    "",
                    "Name a file, train/, activations/ or a folder of them.",
                )
            yield from found
        elif path.is_file():
            yield path
        else:
            raise DataError(f"There is no file {path}.", "", "Check the path.")
