r"""The ledger: what a platform holds, one person a line, sorted, so that comparing needs no memory.

A line is `key<TAB>field=value…`: the key of `classify.py`, then what identifies the person as it was sent.
E-mail addresses and phone numbers are never there in plain: where a platform takes them plain, their
SHA-256 stands instead. What was said of how the person's data may be used follows as `!field=value`: a
person of whom something else is to be said is told anew. Where the platform forgets people, the line ends
with a day (`refresh.py`). Only delivery writes the ledger; preparation reads it and writes the list it wants
to become the next one.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from audiences.errors import DataError
from audiences.preparation.sources import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from audiences.identity import Identifier
    from audiences.preparation.sources import Source

NAME = "wanted.tsv.gz"
HASHED = "sha256:"
SENT, ESTIMATED = "@", "~"  # begin a day: no `field=value` begins so
LIMITED_USE = "LDU"  # the value of limited_data_use: `identity.steps.limited_use`
SIGNAL = "!"  # begins what is said of a person's data and is no identifier
_CONTACT = ("email", "phone")
_BLOCK = 10_000  # lines
_DAY_LENGTH = 8  # characters that no day has


class LineFormat:
    """Writes the ledger lines of one platform."""

    def __init__(
        self,
        identifiers: Mapping[str, Identifier],
        keys: Sequence[str],
        fields: Sequence[str],
        signals: Sequence[str] = (),
    ) -> None:
        """Compile for rows of `fields`, of which `keys` identify a person and `signals` say what may be done."""
        self._plain, self._fields = plain_fields(identifiers), fields
        self._places = [(name, fields.index(name)) for name in keys if name in fields]
        self._signals = [(name, fields.index(name)) for name in signals if name in fields]

    def line(self, key: str, values: str) -> str:
        """Return the ledger line of a row, its values joined by tabs."""
        row = values.split("\t")
        parts = [key]
        for name, at in self._places:
            if value := row[at]:
                parts.append(f"{name}={self.stored(name, value)}")
        parts += [f"{SIGNAL}{name}={row[at]}" for name, at in self._signals if row[at]]
        return "\t".join(parts)

    def limit(self, values: str, others: Sequence[str], *, limited: bool) -> str:
        """Return a row with the limits that any row of the same person says; the row's own words come first."""
        if not self._signals:
            return values
        row, rest = values.split("\t"), [other.split("\t") for other in others]
        for name, at in self._signals:
            said = [other[at] for other in rest if other[at]]
            row[at] = row[at] or next(
                iter(said), LIMITED_USE if limited and name == "limited_data_use" else ""
            )
        return "\t".join(row)

    def row(self, line: str) -> str:
        """Return the values that a ledger line has, joined by tabs; what only its digest is kept of is blank."""
        values = dict(part.removeprefix(SIGNAL).split("=", 1) for part in said_in(line))
        found = [values.get(name, "") for name in self._fields]
        return "\t".join("" if value.startswith(HASHED) else value for value in found)

    def stored(self, name: str, value: str) -> str:
        """Return what is kept of a value."""
        return f"{HASHED}{sha256(value.encode()).hexdigest()}" if name in self._plain else value


def parts_of(line: str) -> list[str]:
    """Return the `field=value` parts of a ledger line by which a person is known."""
    return [part for part in said_in(line) if not part.startswith(SIGNAL)]


def said_in(line: str) -> list[str]:
    """Return what a ledger line says of a person: the parts, and how the data may be used."""
    return split_day(line)[0].split("\t")[1:]


def split_day(line: str) -> tuple[str, str]:
    """Return a line without its day, and the day: `@20780`, `~20780`, or "" where there is none."""
    bare, _, last = line.rpartition("\t")
    if last[:1] not in (SENT, ESTIMATED):
        return line, ""
    return bare, last if last[1:].isdecimal() and len(last) < _DAY_LENGTH else ""


def plain_fields(identifiers: Mapping[str, Identifier]) -> frozenset[str]:
    """Return the contact fields that the platform takes plain."""
    return frozenset(name for name in _CONTACT if name in identifiers and identifiers[name].digest == "none")


def read_ledger(source: Source) -> Iterator[str]:
    """Yield the lines. DataError when they are not sorted: comparing would then tell everybody to leave."""
    last = ""
    for line in read_lines(source):
        text = line.rstrip("\n")
        key = text.partition("\t")[0]
        if key <= last:
            raise DataError(
                f"{source.name} is not sorted by its first column, or has a key twice.",
                "It was changed by hand.",
                "Delete it and upload the segment again: a copy of the last delivery's list is looked for. On the "
                "command line, use another file for --ledger.",
            )
        last = key
        yield text


class Reader:
    """Yields the lines of a ledger, or none without one; `sha256` is their digest when all were read."""

    def __init__(self, source: Source | None) -> None:
        """Read `source`."""
        self._source = source
        self._digest = sha256()

    def __iter__(self) -> Iterator[str]:
        """Yield the lines. DataError when they are not sorted."""
        for line in read_ledger(self._source) if self._source else ():
            self._digest.update(f"{line}\n".encode())
            yield line

    @property
    def sha256(self) -> str:
        """Return the digest of the lines, unpacked; empty without a ledger."""
        return self._digest.hexdigest() if self._source else ""


class Writer:
    """Writes lines to a gzip file, with the same bytes for the same lines."""

    def __init__(self, file: BinaryIO) -> None:
        """Write into `file`."""
        self._file = file
        self._lines: list[str] = []
        # Digests have no repetitions to look for, only fewer than 256 different bytes.
        self._packer = zlib.compressobj(1, zlib.DEFLATED, 31, 9, zlib.Z_HUFFMAN_ONLY)
        self.digest = sha256()
        self.count = 0

    def write(self, line: str) -> None:
        """Take one line."""
        self._lines.append(line)
        if len(self._lines) == _BLOCK:
            self._flush()

    def _flush(self) -> None:
        data = "".join([f"{line}\n" for line in self._lines]).encode()
        self.digest.update(data)
        self._file.write(self._packer.compress(data))
        self.count += len(self._lines)
        self._lines = []

    def close(self) -> None:
        """Write what is held back."""
        self._flush()
        self._file.write(self._packer.flush())


@contextmanager
def write_ledger(path: Path) -> Iterator[Writer]:
    """Open a ledger file for writing, without name or time. `digest` is of the lines, unpacked."""
    with path.open("wb") as file:
        writer = Writer(file)
        yield writer
        writer.close()
