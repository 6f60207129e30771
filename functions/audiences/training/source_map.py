"""Where each part of a JSON file stands, so that a message about a value can name its line.

The standard parser gives positions for syntax errors only; this one walks text which it already accepted.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")
_STRING = json.JSONDecoder()


@dataclass
class SourceMap:
    """Positions of the keys and list elements of one JSON text.

    offsets: path, e.g. `("solutions", 0, "serviceConfig")`, to the offset of its key (or list element).
    duplicates: paths of keys that appear twice in one object, where JSON silently keeps the last.
    """

    text: str
    offsets: dict[Path, int] = field(default_factory=dict)
    duplicates: list[Path] = field(default_factory=list)

    def position(self, path: Path) -> tuple[int, int]:
        """Return `(line, column)` of a path, from 1; of its nearest parent when it is not in the file."""
        while path and path not in self.offsets:
            path = path[:-1]
        offset = self.offsets.get(path, 0)
        return self.text.count("\n", 0, offset) + 1, offset - (self.text.rfind("\n", 0, offset) + 1) + 1


def locate(text: str) -> SourceMap:
    """Return the positions of everything in `text`, which must be valid JSON (json.loads comes first)."""
    source = SourceMap(text)
    _value(source, _skip(text, 0), ())
    return source


def dotted(path: Path) -> str:
    """Return a path as people write it, e.g. `solutions[0].serviceConfig.name`."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            parts.append(f".{part}" if parts else part)
    return "".join(parts)


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path, or None when there is nothing."""
    for part in path:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _skip(text: str, index: int) -> int:
    match = _BLANK.match(text, index)
    return match.end() if match else index


def _value(source: SourceMap, index: int, path: Path) -> int:
    """Walk the value that begins at `index`; return the offset after it."""
    source.offsets.setdefault(path, index)
    first = source.text[index]
    if first == "{":
        return _object(source, index, path)
    if first == "[":
        return _array(source, index, path)
    if first == '"':
        return _STRING.raw_decode(source.text, index)[1]
    match = _SCALAR.match(source.text, index)
    return match.end() if match else index + 1


def _object(source: SourceMap, index: int, path: Path) -> int:
    text = source.text
    index = _skip(text, index + 1)
    seen: set[str] = set()
    while text[index] != "}":
        key_at = index
        key, index = _STRING.raw_decode(text, index)
        child = (*path, key)
        if key in seen:
            source.duplicates.append(child)
        seen.add(key)
        source.offsets[child] = key_at
        index = _skip(text, _value(source, _skip(text, _skip(text, index) + 1), child))
        if text[index] == ",":
            index = _skip(text, index + 1)
    return index + 1


def _array(source: SourceMap, index: int, path: Path) -> int:
    text = source.text
    index = _skip(text, index + 1)
    count = 0
    while text[index] != "]":
        index = _skip(text, _value(source, index, (*path, count)))
        count += 1
        if text[index] == ",":
            index = _skip(text, index + 1)
    return index + 1
