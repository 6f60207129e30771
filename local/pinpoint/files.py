"""Reads import files by Pinpoint's rules, so that a file refused by AWS is refused here for the same reason.

Rules: https://docs.aws.amazon.com/pinpoint/latest/userguide/segments-importing.html and the
EndpointBatchItem schema of the API reference. Texts name lines and columns, never values.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.modelled import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

MAX_NAME = 50  # characters of an attribute's name
MAX_VALUE = 100  # characters of an attribute's value
_TEXT = {"Address", "ChannelType", "EffectiveDate", "Id", "OptOut", "RequestId", "User.UserId"}
_TEXT |= {
    f"Demographic.{name}"
    for name in (
        "AppVersion",
        "Locale",
        "Make",
        "Model",
        "ModelVersion",
        "Platform",
        "PlatformVersion",
        "Timezone",
    )
}
_TEXT |= {f"Location.{name}" for name in ("City", "Country", "PostalCode", "Region")}
_NUMBER = {"Location.Latitude", "Location.Longitude"}
_LISTS = ("User.UserAttributes.", "Attributes.")
# What an export adds to a definition and an import leaves out again.
_READ_ONLY = {"ApplicationId", "CohortId", "CreationDate"}


class UnreadableFileError(Exception):
    """Nothing of the file can be imported: its piece fails."""


@dataclass(frozen=True)
class Row:
    """One entry of a file: a definition in EndpointBatchItem's shape, or the problem with it."""

    line: int
    definition: dict[str, Any] = field(default_factory=dict)
    only_user: bool = False  # names a user, whose endpoints are meant
    problem: str = ""


@dataclass(frozen=True)
class _Column:
    path: tuple[str, ...]
    kind: str  # text | number | list


def read_rows(body: bytes, file_format: str, shape: Shape) -> Iterator[Row]:
    """Yield the entries of a CSV or JSON (newline-delimited) file.

    `shape` is botocore's EndpointBatchItem. Raises UnreadableFileError before the first row or, for a
    broken quotation, in between.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            "The file is not UTF-8 text. Compressed files cannot be imported."
        ) from error
    rows = _csv_rows(text) if file_format == "CSV" else _json_rows(text)
    for row in rows:
        problem = row.problem or _problem_with(row.definition, shape)
        yield Row(row.line, problem=problem) if problem else row


def _csv_rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        columns = _columns(header)
        only_user = header == ["User.UserId"]
        for cells in reader:
            if cells:
                yield _csv_row(reader.line_num, cells, columns, only_user)
    except csv.Error as error:
        raise UnreadableFileError(f"Line {reader.line_num} is not CSV: {error}.") from error


def _columns(header: list[str]) -> list[_Column]:
    if not header:
        raise UnreadableFileError("The file has no header.")
    columns = [_column(name, i) for i, name in enumerate(header, start=1)]
    for i, column in enumerate(columns):
        if column.kind != "list" and column in columns[:i]:
            raise UnreadableFileError(f"Column {'.'.join(column.path)} occurs twice; only attributes may.")
    return columns


def _column(name: str, number: int) -> _Column:
    """Return what a header name means. Errors give its number: a file without header begins with people."""
    if name in _TEXT:
        return _Column(tuple(name.split(".")), "text")
    if name in _NUMBER:
        return _Column(tuple(name.split(".")), "number")
    if name.startswith("Metrics."):
        return _Column(("Metrics", _custom(name, number, "Metrics.")), "number")
    for prefix in _LISTS:
        if name.startswith(prefix):
            return _Column((*prefix.rstrip(".").split("."), _custom(name, number, prefix)), "list")
    raise UnreadableFileError(f"Column {number} of the header is not an attribute of an endpoint.")


def _custom(name: str, number: int, prefix: str) -> str:
    own = name[len(prefix) :]
    if not 0 < len(own) <= MAX_NAME:
        raise UnreadableFileError(
            f"Column {number} of the header: an attribute's name has 1 to {MAX_NAME} characters."
        )
    return own


def _csv_row(line: int, cells: list[str], columns: list[_Column], only_user: bool) -> Row:
    if len(cells) != len(columns):
        return Row(line, problem=f"has {len(cells)} values for {len(columns)} columns")
    definition: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        if any(c in cell for c in "\n\r\t"):
            return Row(line, problem=f"{'.'.join(column.path)} holds a line break or a tab")
        if not cell:
            continue
        try:
            _set(definition, column, cell)
        except ValueError:
            return Row(line, problem=f"{'.'.join(column.path)} is not a number")
    return Row(line, definition, only_user)


def _set(definition: dict[str, Any], column: _Column, cell: str) -> None:
    *parents, leaf = column.path
    place = definition
    for parent in parents:
        place = place.setdefault(parent, {})
    if column.kind == "list":
        place.setdefault(leaf, []).append(cell)
    else:
        place[leaf] = float(cell) if column.kind == "number" else cell


def _json_rows(text: str) -> Iterator[Row]:
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            definition = json.loads(raw)
        except ValueError:
            yield Row(line, problem="is not a JSON object")
            continue
        if not isinstance(definition, dict):
            yield Row(line, problem="is not a JSON object")
            continue
        user = definition.get("User")
        only_user = set(definition) == {"User"} and isinstance(user, dict) and set(user) == {"UserId"}
        yield Row(line, {k: v for k, v in definition.items() if k not in _READ_ONLY}, only_user)


def _problem_with(definition: dict[str, Any], shape: Shape) -> str:
    for problem in check(definition, shape):
        return problem.split(", value:", maxsplit=1)[0]  # botocore quotes the value: it may be personal data
    if definition.get("OptOut", "NONE") not in ("ALL", "NONE"):
        return "OptOut is neither ALL nor NONE"
    attributes = (definition.get("Attributes", {}), definition.get("User", {}).get("UserAttributes", {}))
    for name, values in ((n, v) for group in attributes for n, v in group.items()):
        if len(name) > MAX_NAME:
            return f"an attribute's name has more than {MAX_NAME} characters"
        if any(len(value) > MAX_VALUE for value in values):
            return f"attribute {name} has a value of more than {MAX_VALUE} characters"
    return ""
