"""Hashes a column of a file on this machine's cores: a range of bytes each, written in the order of the file.

Ranges are cut where a line ends and the quotes before it are even. That is a guess, and it is proved by doing:
a range that ends inside a quote is refused by its reader, so if all succeed, each began where a row begins.
Otherwise the file is done again as one.
"""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.errors import DataError
from audiences.identity import compile_field
from audiences.platforms import find
from audiences.preparation.column import Done, find_column, hash_column
from audiences.preparation.sources import Source, is_plain_text, read_blocks

if TYPE_CHECKING:
    from audiences.preparation.column import Batch, Layout

    Range = tuple[int, int]  # bytes of a file: from, to

_BLOCK = 1 << 20  # bytes
_SMALLEST_RANGE = 4 << 20  # bytes: about what starting a process costs


@dataclass(frozen=True, kw_only=True)
class Column:
    """Which column of a file is which field of a platform. country: default of phones and postal codes."""

    name: str
    platform: str
    field: str
    country: str | None = None
    hashed: bool = False
    only: bool = False


def hash_file(path: Path, output: Path, column: Column, workers: int = 1) -> Done:
    """Write `output` (whole or not at all) and return the counts. Errors as of `column.hash_column`.

    SetupError for a platform, field or hashed column that cannot be.
    """
    identifier = find(column.platform).identifier(column.field)
    source = Source.of(path)
    layout = find_column(source, column.name, only=column.only, hashed=identifier.digest != "none")
    with tempfile.TemporaryDirectory(prefix=".audiences-", dir=output.parent) as name:
        whole = Path(name) / "whole"
        done = None
        ranges = cut(path, workers)
        if len(ranges) > 1:
            with suppress(DataError):
                done = _hash_ranges(path, ranges, whole, layout, column)
        if done is None:
            with whole.open("wb") as out:
                batch = _compile(column)
                done = hash_column(source, read_blocks(source), layout, batch, out, head=True)
        whole.replace(output)
    return done


def _compile(column: Column) -> Batch:
    run = compile_field(find(column.platform).identifier(column.field), hashed=column.hashed)
    return lambda values: run(values, column.country)


def _hash_ranges(path: Path, ranges: list[Range], whole: Path, layout: Layout, column: Column) -> Done:
    """Hash each range in a process of its own and put the results behind one another into `whole`."""
    parts = [whole, *(whole.with_name(str(number)) for number in range(1, len(ranges)))]
    done = Done()
    with ProcessPoolExecutor(len(ranges)) as pool:
        jobs = zip(ranges, parts, strict=True)
        tasks = [pool.submit(_hash_range, path, span, part, layout, column) for span, part in jobs]
        for task in tasks:
            done.add(task.result())
    with whole.open("ab") as out:
        for part in parts[1:]:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out, _BLOCK)
    return done


def _hash_range(path: Path, span: Range, part: Path, layout: Layout, column: Column) -> Done:
    source = Source.of(path)
    begin, end = span
    with part.open("wb") as out:
        return hash_column(
            source, read_blocks(source, begin, end), layout, _compile(column), out, head=begin == 0
        )


def cut(path: Path, parts: int) -> list[Range]:
    """Return up to `parts` ranges of bytes that each end behind a line with no quote open.

    One for small files and for those that are not plain UTF-8.
    """
    size = path.stat().st_size
    parts = min(parts, size // _SMALLEST_RANGE)
    with path.open("rb") as file:
        if parts < 2 or not is_plain_text(file.read(_BLOCK)):
            return [(0, size)]
        file.seek(0)
        ends = [0]
        quotes = 0
        for number in range(1, parts):
            while (left := size * number // parts - file.tell()) > 0:
                quotes += file.read(min(left, _BLOCK)).count(b'"')
            for line in file:
                quotes += line.count(b'"')
                if quotes % 2 == 0:
                    break
            if ends[-1] < file.tell() < size:
                ends.append(file.tell())
    return list(pairwise([*ends, size]))
