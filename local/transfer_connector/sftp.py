"""Talks to an SFTP server as a connector does: one connection, a known host key, one file after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncssh

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Read = Callable[[str], bytes]
CONNECT_SECONDS = 10


class ConnectorError(Exception):
    """What went wrong on the way to the server: AWS's failure code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Target:
    """A server and how to log in; host_keys are `<type> <base64>`, as the API takes them."""

    url: str
    username: str
    password: str | None
    private_key: str | None
    host_keys: tuple[str, ...]


def put_files(
    target: Target, folder: str, names: dict[str, str], read: Read
) -> dict[str, ConnectorError | None]:
    """Put the files of `names` (path -> name on the server) into `folder`; returns what went wrong."""
    return asyncio.run(_put_files(target, folder, names, read))


async def _put_files(
    target: Target, folder: str, names: dict[str, str], read: Read
) -> dict[str, ConnectorError | None]:
    try:
        async with _connect(target) as sftp:
            return {
                path: await _put(sftp, f"{folder.rstrip('/')}/{name}", path, read)
                for path, name in names.items()
            }
    except ConnectorError as error:
        return dict.fromkeys(names, error)


async def _put(sftp: Any, remote: str, path: str, read: Read) -> ConnectorError | None:
    try:
        data = await asyncio.to_thread(read, path)
        async with sftp.open(remote, "wb") as file:
            await file.write(data)
    except ConnectorError as error:
        return error
    except asyncssh.SFTPError as error:
        return ConnectorError("SFTP_ERROR", f"{remote}: {error.reason}")
    return None


def test_login(target: Target) -> None:
    """Connect and log in. Raises ConnectorError."""

    async def login() -> None:
        async with _connect(target) as sftp:
            await sftp.getcwd()

    asyncio.run(login())


def read_host_key(url: str) -> str:
    """Return the server's host key, `<type> <base64>`. Raises ConnectorError when nobody answers."""
    host, port = _address(url)

    async def ask() -> str:
        found = await asyncio.wait_for(asyncssh.get_server_host_key(host, port), CONNECT_SECONDS)
        if found is None:
            raise ConnectorError("CONNECTION_ERROR", f"{host} shows no host key.")
        return " ".join(found.export_public_key("openssh").decode().split()[:2])

    try:
        return asyncio.run(ask())
    except (TimeoutError, OSError, asyncssh.Error) as error:
        raise ConnectorError(
            "CONNECTION_ERROR", f"{host} does not answer: {type(error).__name__}."
        ) from error


@asynccontextmanager
async def _connect(target: Target) -> AsyncIterator[Any]:
    host, port = _address(target.url)
    if not target.host_keys:
        raise ConnectorError("HOST_KEY_ERROR", "The connector has no trusted host key.")
    place = host if port == 22 else f"[{host}]:{port}"
    try:
        known = asyncssh.import_known_hosts("".join(f"{place} {key}\n" for key in target.host_keys))
        keys = [asyncssh.import_private_key(target.private_key)] if target.private_key else None
    except ValueError as error:  # asyncssh's KeyImportError is one
        raise ConnectorError("KEY_ERROR", "A host key or the private key cannot be read.") from error
    try:
        async with (
            asyncssh.connect(
                host,
                port,
                username=target.username,
                password=target.password,
                client_keys=keys,
                known_hosts=known,
                agent_path=None,
                config=None,
                connect_timeout=CONNECT_SECONDS,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            yield sftp
    except asyncssh.HostKeyNotVerifiable as error:
        raise ConnectorError("HOST_KEY_ERROR", "The server's host key is not a trusted one.") from error
    except asyncssh.PermissionDenied as error:
        raise ConnectorError(
            "AUTHENTICATION_ERROR", f"{host} refused the user or its credentials."
        ) from error
    except (TimeoutError, OSError, asyncssh.Error) as error:
        raise ConnectorError(
            "CONNECTION_ERROR", f"{host} does not answer: {type(error).__name__}."
        ) from error


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 22
