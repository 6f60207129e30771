"""Opens what people upload: bytes in, lines of text out, with every limit checked before a row is believed.

Memory is bounded whatever the file holds: lines have a longest length and a compressed file a largest growth.
"""

from __future__ import annotations

import codecs
import re
import sys
import zlib
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from audiences.errors import DataError
from audiences.preparation.signatures import name_other, utf16

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHUNK_BYTES = 1 << 18  # fits the processor's cache with what is made of it
LONGEST_LINE = 1 << 20  # bytes: a customer's row has a few hundred
GROWTH = 200  # times: text shrinks 3 to 20 times, and a DEFLATE bomb about 1,000 times
GROWTH_FREE = 64 << 20  # bytes of unpacked data that are never a bomb
MOST_UNPACKED = 16 << 30  # bytes: 100 million customers and more
LINE_END = b"\n"
GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_HEAD = 4_096  # bytes from which the form of a file is told
_QUOTED = re.compile(rb'"[^"]*"?')
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
    if (zero := block.find(b"\0")) >= 0:
        raise DataError(
            f"Line {lines + block.count(LINE_END, 0, zero) + 1} of {source.name} holds a zero byte.",
            "Text has none: the file is damaged, or two files of different encodings were joined.",
            "Export it again as UTF-8.",
        )
    try:
        return block.decode()
    except UnicodeDecodeError as error:
        raise DataError(
            f"Line {lines + block.count(LINE_END, 0, error.start) + 1} of {source.name} is not UTF-8.",
            "Names and addresses in another encoding would be hashed wrong and match nobody.",
            "Export it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv",
        ) from None


def _plain_chunks(source: Source) -> Iterator[bytes]:
    """Yield the bytes as UTF-8 without compression and byte order mark; lone carriage returns end lines, too."""
    with source.open() as file:
        first = file.read(CHUNK_BYTES)
        chunks = _unpack(source, first, file) if first.startswith(GZIP) else _rest(first, file)
        head = _read_head(chunks)
        codec = utf16(head)
        if codec:
            chunks = _recode(source, chain((head,), chunks), codec)
            head = _read_head(chunks)
        head = head.removeprefix(_BOM)
        _check_head(source, head)
        # A file of before Mac OS X. Its quoted line breaks become line feeds, which is what they mean.
        old_mac = _is_old_mac(head)
        yield head.replace(b"\r", LINE_END) if old_mac else head
        for chunk in chunks:
            yield chunk.replace(b"\r", LINE_END) if old_mac else chunk


def is_plain_text(head: bytes) -> bool:
    """Tell whether a file with these first bytes is UTF-8 as it stands, its lines ended by line feeds."""
    return not head.startswith((GZIP, *_UTF16)) and b"\0" not in head and not _has_lone_returns(head)


def _has_lone_returns(head: bytes) -> bool:
    return b"\r" in head.replace(b"\r\n", b"")


def _is_old_mac(head: bytes) -> bool:
    """Tell whether outside quotes carriage returns alone end the lines."""
    if not _has_lone_returns(head):
        return False
    bare = _QUOTED.sub(b"", head)
    return b"\r" in bare and LINE_END not in bare


def _read_head(chunks: Iterator[bytes]) -> bytes:
    r"""Return the first chunks as one, long enough to tell what they are: a "\r" at the end may have a "\n"."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD and not head.endswith(b"\r"):
            break
    return head


def _check_head(source: Source, head: bytes) -> None:
    if other := name_other(head):
        what, fix = other
        raise DataError(f"{source.name} is {what}.", "It is no table of text.", fix.format(source.name))
    if b"\0" in head[:_HEAD]:
        raise DataError(
            f"{source.name} is no text.",
            "It holds zero bytes.",
            f"Upload CSV, JSON lines or Parquet. If it is UTF-16: iconv -f UTF-16LE -t UTF-8 {source.name} > new.csv",
        )


def _recode(source: Source, chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError:
        raise DataError(
            f"{source.name} is damaged UTF-16.", "Half a character is missing.", "Save it as 'CSV UTF-8'."
        ) from None


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
            check_growth(source, packed, grown)
            if plain:
                yield plain
            chunk = unpacker.unused_data.lstrip(b"\0") if unpacker.eof else unpacker.unconsumed_tail
        chunk = file.read(CHUNK_BYTES)
    if not unpacker.eof:
        raise _damaged(source)


def check_growth(source: Source, packed: int, grown: int) -> None:
    """Stop at a bomb. DataError where `packed` bytes became `grown`: too many, or too many times as many."""
    if grown > GROWTH_FREE + GROWTH * packed:
        raise DataError(
            f"{source.name} grows more than {GROWTH} times when unpacked.",
            "Real tables do not; an attack does.",
            "Upload the file without compression if it is genuine.",
        )
    if grown > MOST_UNPACKED:
        raise DataError(
            f"{source.name} holds more than {MOST_UNPACKED >> 30} GiB when unpacked.",
            "A file is read by one worker, from its beginning to its end.",
            "Cut it into several files.",
        )


def _damaged(source: Source) -> DataError:
    return DataError(
        f"{source.name} is a damaged gzip file.", "It does not end as it should.", "Upload it again."
    )
