"""Reads the rows of an import file, CSV or newline-delimited JSON.

As flat endpoint attributes with line numbers.

Attribute names are Pinpoint's, with dots (`User.UserId`, `Location.City`). A header may be repeated to give
an attribute several values. https://docs.aws.amazon.com/pinpoint/latest/userguide/segments-importing.html
"""

from __future__ import annotations

import codecs
import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LINE_CHARACTERS = 1_000_000
VALUE_SEPARATOR = "|"
_FIX = "Save it as UTF-8 CSV with a header row, or as one JSON object per line, and upload it again."


@dataclass(frozen=True)
class Row:
    """One row.

    Its line in the file, its attributes by name, and why it cannot be used (empty when it can).
    """

    line: int
    values: dict[str, str]
    problem: str = ""


def text_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield lines with their ends from UTF-8 bytes, without the byte order mark.

    Raises DataError for what is no UTF-8 text (compressed, UTF-16, a picture) and for endless lines.
    """
    rest = ""
    first = True
    try:
        for text in codecs.iterdecode(chunks, "utf-8"):
            piece = text.removeprefix("\ufeff") if first else text
            first = first and not text
            if "\x00" in piece:
                raise DataError("The import file is not text.", "It holds zero bytes.", _FIX)
            *whole, rest = (rest + piece).split("\n")
            yield from (f"{line}\n" for line in whole)
            if len(rest) > MAX_LINE_CHARACTERS:
                raise DataError(
                    "The import file is not CSV.", "A line is longer than a million characters.", _FIX
                )
    except UnicodeDecodeError as error:
        raise DataError("The import file is not UTF-8 text.", "It cannot be decoded.", _FIX) from error
    if rest:
        yield rest


def read_rows(chunks: Iterable[bytes], file_format: str) -> Iterator[Row]:
    """Yield the rows of a file. `file_format` is CSV or JSON.

    Raises DataError when the file breaks its format.
    """
    lines = text_lines(chunks)
    return _json_rows(lines) if file_format == "JSON" else _csv_rows(lines)


def _csv_rows(lines: Iterator[str]) -> Iterator[Row]:
    reader = csv.reader(lines)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not any(header):
            raise DataError("The import file is empty.", "It has no header row.", _FIX)
        for fields in reader:
            if any(fields):
                yield _csv_row(reader.line_num, header, fields)
    except csv.Error as error:
        raise DataError(
            "The import file is not CSV.", f"Line {reader.line_num} cannot be parsed.", _FIX
        ) from error


def _csv_row(line: int, header: list[str], fields: list[str]) -> Row:
    values: dict[str, str] = dict.fromkeys(header, "")
    if len(fields) != len(header):
        return Row(line, values, f"it has {len(fields)} fields and the header has {len(header)}")
    for name, value in zip(header, fields, strict=True):
        if "\n" in value or "\t" in value:
            return Row(line, values, "a value holds a line break or a tab")
        if value.strip():
            values[name] = (
                f"{values[name]}{VALUE_SEPARATOR}{value.strip()}" if values[name] else value.strip()
            )
    return Row(line, values)


def _json_rows(lines: Iterator[str]) -> Iterator[Row]:
    number = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            yield Row(number, {}, "it is not JSON")
            continue
        yield (
            Row(number, _flatten(value))
            if isinstance(value, dict)
            else Row(number, {}, "it is no JSON object")
        )
    if not number:
        raise DataError("The import file is empty.", "It has no lines.", _FIX)


def _flatten(value: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, found in value.items():
        if isinstance(found, dict):
            flat.update(_flatten(found, f"{prefix}{name}."))
        elif isinstance(found, list):
            flat[prefix + name] = VALUE_SEPARATOR.join(text for item in found if (text := str(item).strip()))
        elif found is not None:
            flat[prefix + name] = str(found).strip()
    return flat
