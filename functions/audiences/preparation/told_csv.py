"""Writes CSV for people: a spreadsheet that opens it calculates nothing. Files for platforms are not written so.

https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a spreadsheet takes for the beginning of a formula, full-width forms as Japanese editions do.
_FORMULA = tuple("=+-@\t\n\uff1d\uff0b\uff0d\uff20")


def write_told(file: TextIO, rows: Iterable[Iterable[object]]) -> None:
    """Write rows. A cell that begins like a formula, blanks aside, gets an apostrophe in front: it is text then."""
    csv.writer(file, lineterminator="\n").writerows([_as_text(cell) for cell in row] for row in rows)


def _as_text(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = cell.replace(
        "\r", " "
    )  # the module writes a lone one without quotes: what follows would be a new row
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
