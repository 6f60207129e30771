"""Reads the rows of an import file, CSV or newline-delimited JSON.

As flat endpoint attributes with line numbers.

Attribute names are Pinpoint's, with dots (`User.UserId`, `Location.City`). A header may be repeated to give
an attribute several values. https://docs.aws.amazon.com/pinpoint/latest/userguide/segments-importing.html
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError
from audiences.preparation.dialect import empty, malformed, open_csv
from audiences.preparation.sources import CHUNK_BYTES, is_plain_text, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audiences.preparation.sources import Source

VALUE_SEPARATOR = "|"
_FIX = "Save it as 'CSV UTF-8 (Comma delimited)', or as one JSON object a line, and upload it again."


@dataclass(frozen=True)
class Row:
    """One row.

    Its line in the file, its attributes by name, and why it cannot be used (empty when it can).
    """

    line: int
    values: dict[str, str]
    problem: str = ""


def read_rows(source: Source, file_format: str) -> Iterator[Row]:
    """Yield the rows of a file. `file_format` is CSV or JSON.

    Raises DataError when the file breaks its format, or when Pinpoint, which reads it as it stands, could not.
    """
    lines = read_lines(source)
    first = next(lines, "")
    with source.open() as file:
        if not is_plain_text(file.read(CHUNK_BYTES)):
            raise _other_form(
                source, "UTF-8 without compression, with line ends that are not those of old Macs"
            )
    lines = chain((first,), lines) if first else lines
    return _json_rows(source, lines) if file_format == "JSON" else _csv_rows(source, lines)


def _other_form(source: Source, form: str) -> DataError:
    return DataError(
        f"{source.name} cannot be imported in this form.",
        f"Pinpoint reads the file as it stands: {form}.",
        _FIX,
    )


def _csv_rows(source: Source, lines: Iterator[str]) -> Iterator[Row]:
    opened = open_csv(source, lines)
    header = [name.strip() for name in opened.header]
    if opened.delimiter != "," or opened.skip:
        raise _other_form(source, "commas between the cells, and the header in the first line")
    try:
        for fields in opened.reader:
            if any(fields):
                yield _csv_row(opened.reader.line_num, header, fields)
    except csv.Error as error:
        raise malformed(source, opened.reader.line_num, error) from None


def _csv_row(line: int, header: list[str], fields: list[str]) -> Row:
    values: dict[str, str] = dict.fromkeys(header, "")
    if len(fields) != len(header):
        return Row(line, values, f"it has {len(fields)} fields and the header has {len(header)}")
    for name, value in zip(header, fields, strict=True):
        if not {"\n", "\r", "\t"}.isdisjoint(value):
            return Row(line, values, "a value holds a line break or a tab")
        if value.strip():
            values[name] = (
                f"{values[name]}{VALUE_SEPARATOR}{value.strip()}" if values[name] else value.strip()
            )
    return Row(line, values)


def _json_rows(source: Source, lines: Iterator[str]) -> Iterator[Row]:
    number = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield Row(number, {}, "it is not JSON")
            continue
        yield (
            Row(number, _flatten(value))
            if isinstance(value, dict)
            else Row(number, {}, "it is no JSON object")
        )
    if not number:
        raise empty(source)


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
