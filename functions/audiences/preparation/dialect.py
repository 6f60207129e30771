"""Finds out how a file separates its cells: by its `sep=` line or its header, never by a guess."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audiences.preparation.sources import Source

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE = 100  # lines that decide where the header alone leaves a choice
_SEP_START = re.compile(r'"?sep=', re.IGNORECASE).match
_SEP_LINE = re.compile(r'"?sep=(.?)"?[,;|\t]*\s*', re.IGNORECASE).fullmatch
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_UNFINISHED = "unexpected end of data"  # what csv says of a quote that is still open
_NO_SEPARATOR = re.compile(r'[\w"\s.@+-]').match  # besides a tab, which is one


@dataclass(frozen=True)
class Opened:
    """A file whose header is read. skip: lines before the header; reader: of the rows below it."""

    header: list[str]
    delimiter: str
    skip: int
    reader: Any


def open_csv(source: Source, lines: Iterator[str]) -> Opened:
    """Read the header of separated values. DataError for an empty file, and where separators leave a choice."""
    sample = list(islice(lines, _SAMPLE))
    skip = next((number for number, line in enumerate(sample) if line.strip()), len(sample))
    if skip == len(sample):
        raise empty(source)
    told = _read_sep_line(source, sample[skip])
    skip += bool(told)
    delimiter = told or _choose(source, sample[skip:])
    reader = csv.reader(chain(sample[skip:], lines), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise malformed(source, skip + reader.line_num, error) from None
    if not header:
        raise empty(source)
    others = [mark for mark in DELIMITERS if mark != delimiter and mark in header[0]]
    if told and len(header) == 1 and others:
        raise DataError(
            f"The sep= line of {source.name} names another separator than its header has.",
            f"The header is separated by {DELIMITERS[others[0]]}.",
            "Correct the first line, or delete it.",
        )
    return Opened(header, delimiter, skip, reader)


def _read_sep_line(source: Source, line: str) -> str:
    """Return the separator that the line before a header names, as spreadsheets read it; "" where it is none."""
    if not _SEP_START(line):
        return ""
    told = _SEP_LINE(line)
    mark: str = told[1] if told else ""
    if mark != "\t" and (not mark or _NO_SEPARATOR(mark)):
        raise DataError(
            f"The sep= line of {source.name} names no separator.",
            "It must be one of , ; | or a tab.",
            "Correct the first line, e.g. sep=; or delete it.",
        )
    return mark


def _choose(source: Source, sample: Sequence[str]) -> str:
    """Return the one separator outside quotes, or the one of several with which the rows fit the header."""
    bare = _QUOTED.sub("", _first_record(sample))
    found = [mark for mark in DELIMITERS if mark in bare]
    if len(found) < 2:
        return found[0] if found else ","
    fits = {mark: _share_of_fits(sample, mark) for mark in found}
    some = [mark for mark in found if fits[mark]]
    whole = [mark for mark in found if fits[mark] == 1]
    for certain in (some, whole):
        if len(certain) == 1:
            return certain[0]
    names = " or ".join(DELIMITERS[mark] for mark in found)
    raise DataError(
        f"The columns of {source.name} may be separated by {names}.",
        "The first line holds both, and the rows do not tell them apart.",
        "Put the right one into a line above it, e.g. sep=; or put names that hold one into quotes.",
    )


def _first_record(sample: Sequence[str]) -> str:
    """Return the lines of the first record: as many as it takes to close its quotes."""
    text = ""
    for line in sample:
        text += line
        if text.count('"') % 2 == 0:
            break
    return text


def _share_of_fits(sample: Sequence[str], delimiter: str) -> float:
    """Return the share of the rows that have as many cells as the header, 0 to 1."""
    widths: list[int] = []
    whole = True
    try:
        widths.extend(len(row) for row in csv.reader(sample, delimiter=delimiter, strict=True) if row)
    except csv.Error as error:
        if _UNFINISHED not in str(error):
            return 0  # a wrong separator breaks quotes
        whole = False  # the sample may end inside a value
    if len(widths) < 2:
        return 0 if whole else 1
    return sum(width == widths[0] for width in widths[1:]) / (len(widths) - 1)


def empty(source: Source) -> DataError:
    """Return the error of a file without a line."""
    return DataError(f"{source.name} is empty.", "It needs a header line.", "Export the file again.")


def malformed(source: Source, line: int, error: csv.Error) -> DataError:
    """Return the error of a file that `csv` cannot read on at a line."""
    text = str(error)
    if "limit" in text:
        reason = "A value is longer than 128 KiB: a quote that is never closed."
    elif _UNFINISHED in text:
        reason = "A quote is never closed."
    elif "new-line" in text:
        reason = "A carriage return stands inside a line."
    else:
        reason = f"A quote is closed in the middle of a value ({text})."
    return DataError(f"{source.name} cannot be read near line {line}.", reason, "Export it again as CSV.")
