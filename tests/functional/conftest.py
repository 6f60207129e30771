"""Functional tests talk to moto or to this machine: a socket that wants out is a bug in the test."""

import socket

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    connect = socket.socket.connect

    def refuse(self, address):
        if self.family == socket.AF_INET and address[0] not in ("127.0.0.1", "localhost"):
            raise AssertionError(f"a functional test wants to reach {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
