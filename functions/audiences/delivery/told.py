"""What an answer says, read with doubt: what it does not say in so many words was not said.

An answer that is not understood is RetryLater: it may come from something in between (a login page, a
proxy), and what is sent again counts once. When patience ends, its words are what a person reads.
"""

from __future__ import annotations

import re
from typing import Any

from audiences.errors import RetryLater

_ID = re.compile(r"[A-Za-z0-9._~:=+,@-]{1,500}")  # it becomes a part of addresses
_MOST_DIGITS = 19  # of a 64-bit number


class Told:
    """A JSON object of an answer. Every reader raises RetryLater, in words without any value."""

    def __init__(self, value: Any, title: str) -> None:
        """Read `value`, an answer of the platform named `title`."""
        self.title = title
        if not isinstance(value, dict):
            raise self.doubt("it is no JSON object")
        self.fields: dict[str, Any] = value

    def doubt(self, why: str) -> RetryLater:
        """Return the error of an answer that does not say what it should."""
        return RetryLater(
            f"{self.title}'s answer was not understood: {why}.",
            "What it does not confirm counts as not done; it may come from something in between.",
            "If it stays so, check base_url in the secret, and what stands between.",
        )

    def says(self, name: str) -> bool:
        """Tell whether there is anything under `name`."""
        return self.fields.get(name) is not None

    def id(self, name: str) -> str:
        """Return an id: only characters that change no address."""
        value = self.fields.get(name)
        text = str(value) if isinstance(value, str) or _is_count(value) else ""
        if not _ID.fullmatch(text) or not text.strip("."):
            raise self.doubt(f"{name} is no id")
        return text

    def token(self, name: str) -> str:
        """Return a token: visible characters, as a header takes them."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
            raise self.doubt(f"{name} is no token")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return text; `default` where there is none, if one is given."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.doubt(f"{name} is no text")
        return value.encode("utf-8", "replace").decode()

    def count(self, name: str, *, most: int | None = None, default: int | None = None) -> int:
        """Return a number of rows from 0 to `most`; digits as text are one too, as long numbers come."""
        value: Any = self.fields.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and re.fullmatch(rf"[0-9]{{1,{_MOST_DIGITS}}}", value):
            value = int(value)
        if not _is_count(value):
            raise self.doubt(f"{name} is no number of rows")
        if most is not None and value > most:
            raise self.doubt(f"{name} is more than was sent")
        return int(value)

    def part(self, name: str, *, required: bool = True) -> Told:
        """Return the object under `name`; an empty one where it may be missing and is."""
        value = self.fields.get(name)
        if value is None and not required:
            return Told({}, self.title)
        if not isinstance(value, dict):
            raise self.doubt(f"{name} is no object")
        return Told(value, self.title)

    def rows(self, name: str, *, required: bool = True) -> list[Told]:
        """Return the objects of the list under `name`; none where it may be missing and is."""
        value = self.fields.get(name)
        if value is None and not required:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.doubt(f"{name} is no list of objects")
        return [Told(row, self.title) for row in value]

    def objects(self, name: str) -> list[Told | None]:
        """Return the list under `name` with None for the nulls in it, as Microsoft marks what is not there."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(row is None or isinstance(row, dict) for row in value):
            raise self.doubt(f"{name} is no list of objects")
        return [None if row is None else Told(row, self.title) for row in value]

    def first(self, name: str) -> Told:
        """Return the first object of a list that must have one."""
        rows = self.rows(name)
        if not rows:
            raise self.doubt(f"{name} is empty")
        return rows[0]

    def shown(self, name: str) -> str | int | float | bool | None:
        """Return a word or a number for a report, None where there is neither."""
        value = self.fields.get(name)
        return value if isinstance(value, str | int | float | bool) else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_MOST_DIGITS
