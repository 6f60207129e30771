"""One problem in a file, with its position: so that a person fixes all of them before the next upload."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = 50


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong and where. `line` and `column` count from 1; 0 means the whole file.

    `path` is the JSON path or the column name. The message never holds a value from a data file.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        """Return `file:line:column: path: message`, leaving out what is not known."""
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return ": ".join(part for part in (place, self.path, self.message) if part)


def counted(number: int) -> str:
    """Return e.g. `1 problem` or `7 problems`."""
    return f"{number} problem{'' if number == 1 else 's'}"


def describe(problems: list[Problem], total: int | None = None) -> str:
    """Return the problems one a line, at most 50, and how many more there are of `total`."""
    total = len(problems) if total is None else total
    lines = [str(problem) for problem in problems[:SHOWN]]
    if total > len(lines):
        lines.append(f"… and {total - len(lines)} more")
    return "\n".join(lines)
