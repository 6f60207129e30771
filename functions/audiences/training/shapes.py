"""Checks request parameters against the service model, with the limits the SDK itself leaves to the service.

The SDK's own validation looks at types and required members; lengths, ranges, patterns and enumerations come
back as an error only after an upload. The model holds them all, so they are checked before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audiences.training.source_map import Path

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
_NAMES = {"structure": "an object", "map": "an object", "list": "a list", "boolean": "true or false"}
# The model writes Java character classes; tags are the only place that uses them.
_CLASSES = {r"\p{L}": "a-zA-Z\u00c0-\uffff", r"\p{Z}": r"\s", r"\p{N}": "0-9"}


def check(shape: Any, value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield `(path, message)` for everything in `value` that a botocore shape does not allow."""
    kind = shape.type_name
    expected = _TYPES[kind]
    if not any(isinstance(value, kind_of) for kind_of in expected) or (
        isinstance(value, bool) and bool not in expected
    ):
        yield path, f"must be {_NAMES.get(kind, f'a {kind}')}"
        return
    yield from ((path, message) for message in _limits(shape, value))
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        for index, element in enumerate(value):
            yield from check(shape.member, element, (*path, index))
    elif kind == "map":
        for key, element in value.items():
            yield from ((((*path, key)), message) for message in _limits(shape.key, key))
            yield from check(shape.value, element, (*path, key))


def _structure(shape: Any, value: dict[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    for name in shape.required_members:
        if name not in value:
            yield (*path, name), "is required and missing"
    for name, member in value.items():
        if name in shape.members:
            yield from check(shape.members[name], member, (*path, name))
        else:
            yield (*path, name), f"is not a known key; known are {', '.join(sorted(shape.members))}"


def _limits(shape: Any, value: Any) -> Iterator[str]:
    limits = shape.metadata
    size = value if isinstance(value, (int, float)) else len(value)
    unit = (
        "" if isinstance(value, (int, float)) else (" characters" if isinstance(value, str) else " entries")
    )
    if "min" in limits and size < limits["min"]:
        yield f"must be at least {limits['min']}{unit}, and is {size}"
    if "max" in limits and size > limits["max"]:
        yield f"must be at most {limits['max']}{unit}, and is {size}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"must be one of {', '.join(limits['enum'])}"
    if "pattern" in limits and isinstance(value, str) and not _matches(limits["pattern"], value):
        yield f"must match {limits['pattern']}"


def _matches(pattern: str, value: str) -> bool:
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value) is not None
