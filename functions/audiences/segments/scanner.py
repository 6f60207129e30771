"""Reads one line of a batch segment job's output while it streams: ids go out, nothing piles up.

`json.loads` would need the whole line, and five million ids as Python objects, in memory at once. Both known
shapes are read, the one in the documentation and the one the service writes:

    {"itemAttributes": "…", "output": {"recommendedUsers": ["1", "2"]}}
    {"input": {"itemAttributes": "…"}, "output": {"usersList": ["1", "2"]}, "error": null}

https://docs.aws.amazon.com/personalize/latest/dg/batch-segment-job-output-examples.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audiences.errors import RecordRejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from audiences.segments.lines import Line

USER_LISTS = ("usersList", "recommendedUsers")
ID_BATCH = 20_000
MAX_VALUE_CHARACTERS = (
    1_000_000  # every value but the list of users; a query is at most a few hundred characters
)

_SPACE = " \t\r"
# Possessive (`++`), so that a string which is not complete yet fails in one pass.
_TEXT = r'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*+"'
_STRING = re.compile(_TEXT)
_ITEM = re.compile(rf"[ \t\r]*({_TEXT})[ \t\r]*([,\]])")
_ATOM = re.compile(r'[^\s,:"{}\[\]]+')


@dataclass
class ScannedLine:
    """What one line said: its members except the list of users, and how many users went out."""

    members: dict[str, Any] = field(default_factory=dict)
    users: int = 0
    has_users: bool = False


def scan_line(line: Line, take_users: Callable[[list[str]], None]) -> ScannedLine | None:
    """Read one line to its end, handing user ids to `take_users` in batches of at most ID_BATCH.

    None if it is blank.

    Raises RecordRejected when the line is not a JSON object in the expected form; ids may have gone out by
    then, so the caller throws them away. Memory is bounded by the largest chunk, one batch and
    MAX_VALUE_CHARACTERS.
    """
    scanner = _Scanner(line, take_users)
    if not scanner.peek():
        return None
    result = scanner.read_object()
    if scanner.peek():
        raise scanner.reject("there is text after the closing brace")
    return result


class _Scanner:
    def __init__(self, line: Line, take_users: Callable[[list[str]], None]) -> None:
        self._line = line
        self._take_users = take_users
        self._text = ""
        self._at = 0
        self._result = ScannedLine()

    def reject(self, why: str) -> RecordRejected:
        return RecordRejected(
            f"Line {self._line.number} of the batch output cannot be read:",
            f"{why}.",
            "Run the batch segment job again for this query.",
        )

    def _more(self) -> bool:
        piece = self._line.read()
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(piece)

    def peek(self) -> str:
        """Return the next character that is not white space, or an empty string at the end of the line."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _SPACE:
                    return character
                self._at += 1
            if not self._more():
                return ""

    def _expect(self, wanted: str) -> str:
        found = self.peek()
        if not found:
            raise self.reject("it ends in the middle")
        if found not in wanted:
            raise self.reject(f"one of {' '.join(wanted)} was expected")
        self._at += 1
        return found

    def read_object(self) -> ScannedLine:
        self._members(self._member)
        return self._result

    def _members(self, read_member: Callable[[str], None]) -> None:
        self._expect("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self.reject("a member has no name")
            self._expect(":")
            read_member(name)
            if self._expect(",}") == "}":
                return

    def _member(self, name: str) -> None:
        if name == "output" and self.peek() == "{":
            self._members(self._output_member)
        else:
            self._result.members[name] = self._value()

    def _output_member(self, name: str) -> None:
        if name in USER_LISTS and self.peek() == "[":
            if self._result.has_users:
                raise self.reject("it has two lists of users")
            self._result.has_users = True
            self._users()
        else:
            self._value()

    def _users(self) -> None:
        self._expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        batch: list[str] = []
        ended = False
        while not ended:
            at, ended = self._items(batch)
            stuck = at == self._at
            self._at = at
            if len(batch) >= ID_BATCH or ended:
                batch = [user for user in batch if user]
                self._result.users += len(batch)
                self._take_users(batch)
                batch = []
            elif stuck:
                self._grow_item()

    def _items(self, batch: list[str]) -> tuple[int, bool]:
        """Add whole items to the batch; return where reading stopped and whether the list ended."""
        at, text = self._at, self._text
        while len(batch) < ID_BATCH:
            match = _ITEM.match(text, at)
            if not match:
                return at, False
            token, separator = match.groups()
            batch.append(json.loads(token) if "\\" in token else token[1:-1])
            at = match.end()
            if separator == "]":
                return at, True
        return at, False

    def _grow_item(self) -> None:
        """Read on because the next item is not complete. Refuses anything that cannot become a string."""
        waiting = self._text[self._at :].lstrip(_SPACE)
        if waiting and not waiting.startswith('"'):
            raise self.reject("its list of users holds something other than text")
        if len(waiting) > MAX_VALUE_CHARACTERS or not self._more():
            raise self.reject("its list of users is broken or cut off")

    def _value(self) -> Any:
        """Return any JSON value, read whole; it may not be longer than MAX_VALUE_CHARACTERS."""
        first = self.peek()
        if first == '"':
            return self._loads(self._token(_STRING, complete=True))
        if first in ("{", "["):
            return self._loads(self._nested())
        return self._loads(self._token(_ATOM, complete=False))

    def _loads(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise self.reject("it is not JSON") from error

    def _token(self, pattern: re.Pattern[str], *, complete: bool) -> str:
        """Match a token; one that is not `complete` by itself may go on in the next piece."""
        while True:
            match = pattern.match(self._text, self._at)
            if match and (complete or match.end() < len(self._text)):
                break
            if len(self._text) - self._at > MAX_VALUE_CHARACTERS:
                raise self.reject("a value is too long")
            if not self._more():
                break
        if not match:
            raise self.reject("it is not JSON or ends in the middle")
        self._at = match.end()
        return match.group()

    def _nested(self) -> str:
        """Return the text of a nested object or array, strings skipped whole."""
        parts: list[str] = []
        depth = length = 0
        while True:
            character = self.peek()
            if not character:
                raise self.reject("it ends in the middle")
            if character == '"':
                part = self._token(_STRING, complete=True)
            elif character not in "{}[],:":
                part = self._token(_ATOM, complete=False)
            else:
                part = character
                depth += (character in "{[") - (character in "}]")
                self._at += 1
            parts.append(part)
            length += len(part)
            if length > MAX_VALUE_CHARACTERS:
                raise self.reject("a value is too long")
            if depth == 0:
                return " ".join(parts)
