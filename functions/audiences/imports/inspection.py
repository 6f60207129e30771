"""Decides what an import file is before anything is sent.

Endpoints, endpoint ids or user ids, and which rows are bad.

Messages name lines and columns by number, never by content: a file without a header has data where names
should be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.imports.records import read_rows

if TYPE_CHECKING:
    from audiences.preparation.sources import Source

ENDPOINTS, ENDPOINT_IDS, USER_IDS = "endpoints", "endpoint-ids", "user-ids"
MAX_LISTED = 20  # bad rows that are named by line; all are counted
# https://docs.aws.amazon.com/pinpoint/latest/userguide/segments-importing.html#segments-importing-supported-attributes
# and the names that Pinpoint adds in its own exports, so that an export can be imported.
_ATTRIBUTE = re.compile(
    r"(Address|ApplicationId|ChannelType|CohortId|CreationDate|EffectiveDate|EndpointStatus|Id|OptOut|RequestId|User\.UserId"
    r"|Attributes\..+|Metrics\..+|User\.UserAttributes\..+"
    r"|Demographic\.(AppVersion|Locale|Make|Model|ModelVersion|Platform|PlatformVersion|Timezone)"
    r"|Location\.(City|Country|Latitude|Longitude|PostalCode|Region))"
)
# https://docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-endpoints.html
CHANNELS = frozenset(
    [
        "ADM",
        "APNS",
        "APNS_SANDBOX",
        "APNS_VOIP",
        "APNS_VOIP_SANDBOX",
        "BAIDU",
        "CUSTOM",
        "EMAIL",
        "GCM",
        "IN_APP",
        "PUSH",
        "SMS",
        "VOICE",
    ]
)


@dataclass
class FileReport:
    """What a file is.

    Its kind and format, its rows, how many of them are bad, and the first bad ones as text.
    """

    kind: str
    format: str
    rows: int = 0
    bad_rows: int = 0
    problems: list[str] = field(default_factory=list)

    def reject(self, line: int, problem: str) -> None:
        """Count one bad row and list it by its line number."""
        self.bad_rows += 1
        if len(self.problems) < MAX_LISTED:
            self.problems.append(f"line {line}: {problem}")


def format_of(key: str) -> str:
    """Return CSV or JSON by the key's ending. Raises DataError for endings that cannot be imported."""
    ending = key.rsplit(".", 1)[-1].lower()
    if ending in ("json", "jsonl", "ndjson"):
        return "JSON"
    if ending == "csv":
        return "CSV"
    raise DataError(
        "The file cannot be imported.",
        "Only .csv and .json files can be, and not compressed ones.",
        "Upload it as UTF-8 CSV or as newline-delimited JSON.",
    )


def inspect_file(source: Source, file_format: str) -> FileReport:
    """Read a file to its end and report on it, in bounded memory.

    Raises DataError when it is not the format it claims, has no rows, or has no usable row or header.
    """
    report: FileReport | None = None
    for row in read_rows(source, file_format):
        if report is None:
            kind = _kind_of(list(row.values)) if row.values else ""
            report = FileReport(kind, file_format)
        elif not report.kind and row.values:
            report.kind = _kind_of(list(row.values))
        report.rows += 1
        problem = row.problem or problem_with(row.values, report.kind)
        if problem:
            report.reject(row.line, problem)
    if report is None or not report.rows:
        raise DataError("The import file has no rows.", "There is a header only.", "Upload a file with rows.")
    if report.bad_rows == report.rows:
        raise DataError(
            "No row of the import file can be used.",
            "; ".join(report.problems[:3]) + ".",
            "Correct it and upload it.",
        )
    return report


def _kind_of(names: list[str]) -> str:
    unknown = [number for number, name in enumerate(names, 1) if not _ATTRIBUTE.fullmatch(name)]
    if unknown:
        columns = ", ".join(str(number) for number in unknown[:10])
        raise DataError(
            "The import file's header is not an endpoint header.",
            f"Column {columns} has no name that Pinpoint knows.",
            "Use names such as User.UserId, ChannelType and Address; see docs/reference/segment-files.md.",
        )
    if names == ["Id"]:
        return ENDPOINT_IDS
    if names == ["User.UserId"]:
        return USER_IDS
    if "Id" in names or {"Address", "ChannelType"} <= set(names):
        return ENDPOINTS
    raise DataError(
        "The import file names no endpoints.",
        "It needs the columns Address and ChannelType, or Id, or User.UserId alone.",
        "Add them; see docs/reference/segment-files.md.",
    )


def problem_with(values: dict[str, str], kind: str) -> str:
    """Return why a row cannot be used as an endpoint, endpoint id or user id, or an empty string."""
    if kind in (ENDPOINT_IDS, USER_IDS):
        return "" if any(values.values()) else "it has no id"
    if values.get("ChannelType") and values["ChannelType"].upper() not in CHANNELS:
        return "its ChannelType is none of Pinpoint's"
    if not values.get("Id"):
        missing = [name for name in ("Address", "ChannelType") if not values.get(name)]
        if missing:
            return f"it has no {' and no '.join(missing)}"
    return ""
