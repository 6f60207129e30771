"""A real SFTP server on loopback, for tests and the demo: the other end of a connector."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from types import TracebackType


class _Login(asyncssh.SSHServer):
    def __init__(self, username: str, password: str) -> None:
        self._username, self._password = username, password

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (self._username, self._password)


class SftpServer:
    """Serves `folder` as the root of one user: `with SftpServer(folder, "relay", "…") as server:`."""

    def __init__(self, folder: Path, username: str, password: str) -> None:
        """Serve on a free port of 127.0.0.1 from `__enter__` on."""
        self._folder, self._username, self._password = folder, username, password
        self._key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp-server", daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """The address, as a connector takes it."""
        return f"sftp://127.0.0.1:{self.port}"

    @property
    def host_key(self) -> str:
        """The public host key, `<type> <base64>`, as a connector takes it."""
        return " ".join(self._key.export_public_key("openssh").decode().split()[:2])

    def __enter__(self) -> SftpServer:
        """Listen."""
        self._thread.start()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._acceptor.get_port()
        return self

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self._key],
            server_factory=lambda: _Login(self._username, self._password),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(self._folder).encode()),
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and stop."""

        async def close() -> None:
            self._acceptor.close()
            await self._acceptor.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
