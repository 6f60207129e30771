"""Cuts a stream of bytes into lines without ever holding a line, because one line may be 200 MB.

A batch segment job writes one line per query and up to five million users into it
(https://docs.aws.amazon.com/personalize/latest/dg/limits.html), so `for line in file` is not bounded memory.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Line:
    """One line of the stream, read piece by piece. `number` counts from 1."""

    def __init__(self, source: _Source, number: int) -> None:
        """Keep the shared source; only `read_lines` makes lines."""
        self._source = source
        self.number = number
        self._ended = False

    def read(self) -> str:
        """Return the next piece of this line without its line end, or an empty string at the end."""
        while not self._ended:
            piece, self._ended = self._source.take()
            if piece:
                return piece
        return ""

    def skip(self) -> None:
        """Read to the end of the line and forget it."""
        while self.read():
            pass


class _Source:
    """The decoded stream: text that was read and not given out yet."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        # `replace`: a broken byte spoils one id of one query, not the queries after it.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._text = ""
        self._started = False
        self.done = False

    def take(self) -> tuple[str, bool]:
        """Return (text, whether it ended the line); text never crosses a line end."""
        if not self._text:
            self.fill()
        if not self._text:
            return "", True
        head, separator, tail = self._text.partition("\n")
        self._text = tail
        return head.removesuffix("\r") if separator else head, bool(separator)

    def fill(self) -> None:
        """Decode chunks until there is text or the stream is over."""
        while not self._text and not self.done:
            chunk = next(self._chunks, None)
            self.done = chunk is None
            self._text = self._decoder.decode(chunk or b"", final=self.done)
            if self._text and not self._started:
                self._started = True
                self._text = self._text.removeprefix("\ufeff")

    def more(self) -> bool:
        """Tell whether anything is left to read."""
        if not self._text:
            self.fill()
        return bool(self._text)


def read_lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Yield the lines of a UTF-8 stream (a byte order mark is dropped).

    Each must be used before the next is asked for.

    What a caller leaves of a line is skipped. Broken UTF-8 becomes U+FFFD.
    """
    source = _Source(chunks)
    number = 0
    while source.more():
        number += 1
        line = Line(source, number)
        yield line
        line.skip()
