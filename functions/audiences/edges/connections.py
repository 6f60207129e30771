"""Connections that go to the address that was checked, and end when their time is up."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from audiences.edges.addresses import check_number

if TYPE_CHECKING:
    from collections.abc import Iterator

_now = threading.local()  # the request of this thread; a request stays in one


class Watch:
    """Ends a request after `seconds` in all: a time-out of each read never ends one that trickles in."""

    def __init__(self, seconds: float, *, stand_ins: bool) -> None:
        """Start the clock."""
        self.over, self.stand_ins = False, stand_ins
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def attach(self, file_number: int) -> None:
        """End this socket, too. The copy shares its connection, and survives the wrapping into TLS."""
        with self._lock:
            self._sockets.append(socket.socket(fileno=os.dup(file_number)))
            late = self.over
        if late:
            self._end()

    def _end(self) -> None:
        with self._lock:
            self.over = True
            for copy in self._sockets:
                with suppress(OSError):
                    copy.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Stop the clock and forget the sockets."""
        self._timer.cancel()
        with self._lock:
            for copy in self._sockets:
                copy.close()
            self._sockets.clear()


@contextmanager
def watched(seconds: float, *, stand_ins: bool) -> Iterator[Watch]:
    """Watch over the request that this thread sends meanwhile."""
    _now.watch = watch = Watch(seconds, stand_ins=stand_ins)
    try:
        yield watch
    finally:
        watch.stop()
        del _now.watch


def _resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, each of which must be allowed. SetupError when one is not."""
    found = dict.fromkeys(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    for number in found:
        check_number(number, host, stand_ins=_now.watch.stand_ins)
    return list(found)


class _Checked(HTTPConnection):
    """Resolves the name itself and connects to what it found, so that no second look-up can lead elsewhere."""

    _dns_host: str

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            numbers = _resolve(name, self.port)
        except (socket.gaierror, UnicodeError):  # of 1.26 and 2.x of urllib3, which the runtimes carry
            raise NewConnectionError(self, "the name was not found") from None
        try:
            for number in numbers[:-1]:
                self._dns_host = number
                with suppress(NewConnectionError):
                    return self._watch(super()._new_conn())
            self._dns_host = numbers[-1]
            return self._watch(super()._new_conn())
        finally:
            self._dns_host = name  # of the certificate and of the Host header

    @staticmethod
    def _watch(made: socket.socket) -> socket.socket:
        _now.watch.attach(made.fileno())
        return made

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        """Watch a connection that is used again, too."""
        if self.sock is not None:
            _now.watch.attach(self.sock.fileno())
        super().putrequest(*arguments, **options)


class _CheckedTls(_Checked, HTTPSConnection):
    """The same below TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTls


POOLS = {"http": _Pool, "https": _TlsPool}
