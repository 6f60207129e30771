"""Opens what people upload: bytes in, lines of text out, with every limit checked before a row is believed.

Memory is bounded whatever the file holds: lines have a longest length and a compressed file a largest growth.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, BinaryIO

from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHUNK_BYTES = 1 << 18  # fits the processor's cache with what is made of it
LONGEST_LINE = 1 << 20  # bytes: a customer's row has a few hundred
GROWTH = 200  # times: text shrinks 3 to 20 times, and a DEFLATE bomb about 1,000 times
GROWTH_FREE = 64 << 20  # bytes of unpacked data that are never a bomb
LINE_END = b"\n"
GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """One file: the `name` people see in messages, and `open`, which begins it anew. path: if it is here."""

    name: str
    open: Callable[[], BinaryIO]
    path: Path | None = None

    @classmethod
    def of(cls, path: Path) -> Source:
        """Return a local file as a source."""
        return cls(path.name, lambda: path.open("rb"), path)

    @property
    def stem(self) -> str:
        """Return the name in lower case, without `.gz`: its ending tells the format."""
        return self.name.lower().removesuffix(".gz")


def is_parquet(source: Source) -> bool:
    """Tell whether the file is Parquet, by its first bytes: endings lie."""
    with source.open() as file:
        return file.read(4) == _PARQUET


def read_lines(source: Source) -> Iterator[str]:
    r"""Yield the lines with their line ends. DataError for other encodings, endless lines, bombs.

    Only "\n" ends a line, so that a line break inside quotes survives for the CSV reader.
    """
    for block in read_blocks(source):
        yield from StringIO(block, newline="\n")


def read_blocks(source: Source, begin: int = 0, end: int | None = None) -> Iterator[str]:
    """Yield the text in blocks of whole lines. Errors as of `read_lines`.

    `begin` and `end` choose bytes of a file without compression; `begin` stands where a line does.
    """
    rest, lines = b"", 0
    for chunk in _range_chunks(source, begin, end) if begin or end else _plain_chunks(source):
        cut = chunk.rfind(LINE_END) + 1
        if not cut:
            rest += chunk
        else:
            block, rest = rest + chunk[:cut], chunk[cut:]
            yield _decode(source, block, lines)
            lines += block.count(LINE_END)
        if len(rest) > LONGEST_LINE:
            raise DataError(
                f"Line {lines + 1} of {source.name} is longer than {LONGEST_LINE >> 20} MiB.",
                "The file has no line ends, or is no table.",
                "Export it as CSV with one person a line.",
            )
    if rest:
        yield _decode(source, rest, lines)


def _range_chunks(source: Source, begin: int, end: int | None) -> Iterator[bytes]:
    with source.open() as file:
        file.seek(begin)
        left = (sys.maxsize if end is None else end) - begin
        while chunk := file.read(min(left, CHUNK_BYTES)):
            left -= len(chunk)
            yield chunk if file.tell() > len(chunk) else chunk.removeprefix(_BOM)


def _decode(source: Source, block: bytes, lines: int) -> str:
    """Return the text of a block that begins after `lines` lines."""
    try:
        return block.decode()
    except UnicodeDecodeError as error:
        raise DataError(
            f"Line {lines + block.count(LINE_END, 0, error.start) + 1} of {source.name} is not UTF-8.",
            "Names and addresses in another encoding would be hashed wrong and match nobody.",
            "Export it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv",
        ) from None


def _plain_chunks(source: Source) -> Iterator[bytes]:
    """Yield the bytes without compression and byte order mark."""
    with source.open() as file:
        first = file.read(CHUNK_BYTES)
        chunks = _unpack(source, first, file) if first.startswith(GZIP) else _rest(first, file)
        head = True
        for chunk in chunks:
            if head:
                _check_head(source, chunk)
                yield chunk.removeprefix(_BOM)
                head = False
            else:
                yield chunk


def _check_head(source: Source, head: bytes) -> None:
    if head.startswith(_UTF16):
        raise DataError(
            f"{source.name} is UTF-16.",
            "Spreadsheets write that as 'Unicode text'.",
            "Save it as 'CSV UTF-8'.",
        )
    if b"\0" in head[:4096]:
        raise DataError(
            f"{source.name} is no text.", "It holds zero bytes.", "Upload CSV, JSON lines or Parquet."
        )


def _rest(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    while first:
        yield first
        first = file.read(CHUNK_BYTES)


def _unpack(source: Source, chunk: bytes, file: BinaryIO) -> Iterator[bytes]:
    """Yield what a gzip file holds (its members one after another), a mebibyte at a time."""
    unpacker = zlib.decompressobj(wbits=31)
    packed = grown = 0
    while chunk:
        packed += len(chunk)
        while chunk:
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
            try:
                plain = unpacker.decompress(chunk, CHUNK_BYTES)
            except zlib.error as error:
                raise _damaged(source) from error
            grown += len(plain)
            if grown > GROWTH_FREE + GROWTH * packed:
                raise DataError(
                    f"{source.name} grows more than {GROWTH} times when unpacked.",
                    "Real tables do not; an attack does.",
                    "Upload the file without compression if it is genuine.",
                )
            if plain:
                yield plain
            chunk = unpacker.unused_data.lstrip(b"\0") if unpacker.eof else unpacker.unconsumed_tail
        chunk = file.read(CHUNK_BYTES)
    if not unpacker.eof:
        raise _damaged(source)


def _damaged(source: Source) -> DataError:
    return DataError(
        f"{source.name} is a damaged gzip file.", "It does not end as it should.", "Upload it again."
    )
