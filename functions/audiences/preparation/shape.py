"""How a platform takes an audience: form of rows, limits, consent rule, as data beside PLATFORM.

Kept apart from `Platform` because normalising and hashing never look at it, and preparing never looks at
tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from audiences.errors import SetupError
from audiences.platforms import find
from audiences.preparation.refresh import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Member = Callable[[Mapping[str, str], bool], Any]

Kind = Literal["matrix", "objects", "csv", "ndjson", "lines"]
EVERYWHERE = "*"
SMALLEST_PART = 65_536  # bytes: no platform takes less, and one row always fits


@dataclass(frozen=True, kw_only=True)
class Consent:
    """Where the platform may not be told about a person who did not agree.

    required_in: regions (`EEA`, `UK`, ISO alpha-2 countries), or `*`. source: address of the rule.
    """

    required_in: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Declared as `SHAPE` in `platforms/<slug>/shape.py`.

    kind            matrix: {"schema": […], "data": [[…]]}; objects: a JSON array; ndjson: an object a line;
                    csv: header and rows; lines: one id per line
    names           field -> the platform's name of it (schema key, property or header)
    max_rows        rows in one request or file; max_bytes: bytes of one part as written here
    minimum         people an audience needs before the platform uses it
    source          address of the limits, or package and version they were read from
    confidence      "low" when no public document of the platform states them
    consent         None when the platform's API asks for none
    memory          how long it holds a person who is not sent again; None: until the person is taken out
    one_identifier  True: a request holds identifiers of one kind, so each kind gets its own parts
    alone           kind to use when only one field is sent
    whole           True: the platform takes the whole audience each time, never a difference
    keys            fields that identify a person by themselves, strongest first; names and places do not
    signals         fields that say how a person's data may be used: sent with the person wherever the file has
                    them, whatever fields an activation names, and noted in the ledger
    privacy         what an activation may set under `privacy`: setting -> word -> its value; a setting that is
                    named like a signal counts for everybody
    typed           field -> what a matrix holds in place of its text, "" included, where that is no text
    member          builds one object from {field: value} and "consent was given"; default {name: value}
    """

    kind: Kind
    names: Mapping[str, str]
    max_rows: int
    max_bytes: int
    minimum: int
    source: str
    confidence: Literal["high", "low"] = "high"
    consent: Consent | None = None
    memory: Memory | None = None
    one_identifier: bool = False
    alone: Kind | None = None
    whole: bool = False
    keys: tuple[str, ...] = ("email", "phone", "maid", "external_id")
    signals: tuple[str, ...] = ()
    privacy: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    typed: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    member: Member | None = None

    def __post_init__(self) -> None:
        """Refuse limits that could not hold a row, and keep the names as declared."""
        if self.max_rows < 1 or self.max_bytes < SMALLEST_PART:
            raise ValueError(f"a part needs at least 1 row and {SMALLEST_PART} bytes")
        if self.kind == "lines" and not self.one_identifier:
            raise ValueError("lines hold one id each: set one_identifier")
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))

    def kind_for(self, fields: tuple[str, ...]) -> Kind:
        """Return the form used when `fields` are sent."""
        return self.alone if self.alone and len(fields) == 1 else self.kind


def find_shape(slug: str) -> Shape:
    """Return the shape of a platform; SetupError for no such platform or a folder without shape."""
    find(slug)
    module = f"audiences.platforms.{slug}.shape"
    try:
        shape = import_module(module).SHAPE
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise SetupError(
            f"platforms/{slug}/ does not say how the platform takes rows.",
            "Its folder has no shape.py.",
            f"Add SHAPE = Shape(…) in functions/audiences/platforms/{slug}/shape.py.",
        ) from None
    if not isinstance(shape, Shape):
        raise SetupError(
            f"SHAPE in platforms/{slug}/shape.py is no Shape.", "", "Use preparation.shape.Shape."
        )
    return shape
