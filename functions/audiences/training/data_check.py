"""Checks the data files before an hour-long run, in one streaming pass with bounded memory.

Minimums: https://docs.aws.amazon.com/personalize/latest/dg/limits.html (1,000 interactions, 25 users with
two or more, and 1 % of all users). Messages name file, line and column, never a value: the files hold
personal data.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from audiences.training.problems import SHOWN, Problem
from audiences.training.schemas import field_types
from audiences.training.tally import UserTally

BYTE_ORDER_MARK = "\ufeff"
MOST_ID = 256  # characters of USER_ID and ITEM_ID
LEAST_INTERACTIONS = 1_000
LEAST_RETURNING_USERS = 25
_MOST_FIELD = 1 << 20  # characters; a longer field means that a quotation mark was never closed
_PERSONAL = ("EMAIL", "PHONE", "MOBILE", "FIRSTNAME", "LASTNAME", "FULLNAME", "SURNAME", "STREET", "ADDRESS")

Check = Callable[[str], str | None]


@dataclass
class DatasetCheck:
    """What was found in the files of one dataset. `problems` keeps the first 50, `total` counts all."""

    kind: str
    rows: int = 0
    total: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    users: UserTally = field(default_factory=UserTally)
    cut_short: bool = False

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it when there is room."""
        self.total += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)


def check_file(check: DatasetCheck, schema: dict[str, Any], file: str, chunks: Iterable[bytes]) -> None:
    """Check one CSV file against the schema, adding to `check`. `chunks`: its bytes in order, any size."""
    lines = Lines(chunks)
    try:
        _check_rows(check, schema, file, lines)
    except UnicodeDecodeError:
        line = lines.count + 1
        check.add(
            Problem(
                file,
                line,
                0,
                "",
                "is not UTF-8 text; is it compressed, or a spreadsheet? Save it as CSV UTF-8",
            )
        )
    except csv.Error as error:
        guess = "is it compressed?" if "NUL" in str(error) else "is a quotation mark not closed?"
        check.add(Problem(file, lines.count, 0, "", f"is not CSV: {error}; {guess}"))


def finish(check: DatasetCheck, where: str, *, full_import: bool) -> None:
    """Add the problems that only the whole dataset shows: too few interactions or users."""
    if check.kind != "interactions" or not full_import or check.cut_short:
        return
    users = check.users
    if check.rows < LEAST_INTERACTIONS:
        check.add(
            _whole(where, f"has {check.rows} interactions; Personalize needs at least {LEAST_INTERACTIONS}")
        )
    if users.exact and users.returning < LEAST_RETURNING_USERS:
        text = f"has {users.returning} users with two or more interactions"
        check.add(_whole(where, f"{text}; Personalize needs {LEAST_RETURNING_USERS}"))
    if users.total and users.returning < users.total / 100:
        check.add(_whole(where, "less than 1 % of the users have two or more interactions"))


def _whole(where: str, message: str) -> Problem:
    return Problem(where, 0, 0, "", message)


class Lines:
    """Text lines of a stream of bytes, as the csv module wants them (line ends kept), counting as they go."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Read `chunks` lazily."""
        self._chunks = chunks
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        """Yield decoded lines. Raises UnicodeDecodeError when it is no UTF-8, csv.Error for binary data."""
        rest = b""
        for chunk in self._chunks:
            block = rest + chunk
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            if len(rest) > _MOST_FIELD:
                raise csv.Error("a line is longer than a mebibyte")
            yield from self._decode(block[:end])
        yield from self._decode(rest)

    def _decode(self, block: bytes) -> Iterator[str]:
        if b"\x00" in block:
            raise csv.Error("it holds NUL bytes")
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            self.count += block.count(b"\n", 0, error.start)
            raise
        for line in io.StringIO(text, newline=""):
            self.count += 1
            yield line


def _check_rows(check: DatasetCheck, schema: dict[str, Any], file: str, lines: Lines) -> None:
    reader = csv.reader(lines, strict=True)
    header = next(reader, None)
    if not header:
        check.add(Problem(file, 1, 0, "", "is empty; it needs a header and rows"))
        return
    columns = _check_header(check, schema, file, header)
    if columns is None:
        return
    user = header.index("USER_ID") if check.kind == "interactions" else None
    rows = 0
    begun = lines.count
    for row in reader:
        line, begun = begun + 1, lines.count
        if not row:
            continue
        rows += 1
        if len(row) != len(header):
            check.add(Problem(file, line, 0, "", f"has {len(row)} fields, and the header has {len(header)}"))
            continue
        for index, column, examine in columns:
            message = examine(row[index])
            if message:
                check.add(Problem(file, line, index + 1, column, message))
        if user is not None:
            check.users.add(row[user])
    check.rows += rows
    if not rows:
        check.add(Problem(file, 1, 0, "", "has a header and no rows"))


def _check_header(
    check: DatasetCheck, schema: dict[str, Any], file: str, header: list[str]
) -> list[tuple[int, str, Check]] | None:
    """Return `(index, column, check)` of the columns to look at; None when the rows mean nothing."""
    before = check.total
    if header[0].startswith(BYTE_ORDER_MARK):
        header[0] = header[0].removeprefix(BYTE_ORDER_MARK)
        text = "begins with a byte order mark, which Personalize takes for a part of the first column's name"
        check.add(Problem(file, 1, 1, "", f"{text}; save it as UTF-8 without one"))
    fields = {field["name"]: field for field in schema["fields"]}
    for index, name in enumerate(header):
        if name in header[:index]:
            known = name if name in fields else ""  # a first line without names is a person
            check.add(Problem(file, 1, index + 1, known, "appears twice in the header"))
        elif name in fields and name == name.strip():
            continue
        elif name.strip().upper() in {known.upper() for known in fields}:
            check.add(Problem(file, 1, index + 1, name, "must be written exactly as in the schema"))
    for name, spec in fields.items():
        if name not in header and "null" not in field_types(spec):
            message = f"lacks the column {name}, which the schema requires"
            check.add(Problem(file, 1, 0, "", message))
    if check.total > before:
        return None
    extra = [name for name in header if name not in fields]
    if extra:
        check.warnings.append(f"{file}: {len(extra)} column(s) are not in the schema and are not used")
    check.warnings += personal_columns(file, check.kind, header)
    found = [(header.index(name), name, checker(spec)) for name, spec in fields.items() if name in header]
    return [(index, name, examine) for index, name, examine in found if examine is not None]


def personal_columns(file: str, kind: str, header: list[str]) -> list[str]:
    """Return a warning for columns that look like e-mail, phone or names: no model needs them."""
    if kind != "users":
        return []
    named = [name for name in header if _is_personal(name)]
    text = "look like personal data; Personalize does not need them: leave them out of the users dataset"
    return [f"{file}: the columns {', '.join(named)} {text}."] if named else []


def _is_personal(name: str) -> bool:
    squeezed = "".join(character for character in name.upper() if character.isalpha())
    return squeezed == "NAME" or any(word in squeezed for word in _PERSONAL)


def checker(spec: dict[str, Any]) -> Check | None:
    """Return a function that says what is wrong with a value of a schema field; None to skip the field."""
    types = field_types(spec)
    if spec["name"] in ("USER_ID", "ITEM_ID"):
        return _check_id
    kinds = [kind for kind in types if kind != "null"]
    optional = "null" in types
    if kinds == ["string"]:
        return None if optional else _check_filled
    accepted = [_PARSERS[kind] for kind in kinds]

    def examine(text: str) -> str | None:
        if not text:
            return None if optional else "is empty"
        if any(accepts(text) for accepts in accepted):
            return None
        return f"is not {' or '.join(_TITLES[kind] for kind in kinds)}"

    return examine


def _check_id(text: str) -> str | None:
    if not text.strip():
        return "is empty"
    return f"is longer than {MOST_ID} characters" if len(text) > MOST_ID else None


def _check_filled(text: str) -> str | None:
    return None if text else "is empty"


def _accepts_whole(bits: int) -> Callable[[str], bool]:
    def accepts(text: str) -> bool:
        digits = text.removeprefix("-")
        return (
            digits.isascii() and digits.isdigit() and len(digits) < 20 and -(2**bits) <= int(text) < 2**bits
        )

    return accepts


def _accepts_number(text: str) -> bool:
    if "_" in text or text != text.strip():
        return False  # Python takes these, Personalize does not
    try:
        return float(text) - float(text) == 0  # neither infinite nor NaN
    except ValueError:
        return False


_PARSERS: dict[str, Callable[[str], bool]] = {
    "string": bool,
    "int": _accepts_whole(31),
    "long": _accepts_whole(63),
    "float": _accepts_number,
    "double": _accepts_number,
    "boolean": lambda text: text.lower() in ("true", "false"),
}
_TITLES = {"string": "text", "int": "a whole number (32 bit)", "long": "a whole number (64 bit)"}
_TITLES |= {"float": "a number", "double": "a number", "boolean": "true or false"}
