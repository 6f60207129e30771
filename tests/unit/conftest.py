"""Unit tests open no connection at all: what needs a service, even a simulated one, belongs in tests/functional."""

import socket

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(self, address):
        raise AssertionError(f"a unit test wants to reach {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
