"""A real SFTP server on loopback, as partners see one of Transfer Family: an SSH key in, uploads to S3.

A session has a scratch folder of its own; a file written there is handed to `store` when the client closes it.
Reading, renaming and deleting are refused.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh

Allowed = Callable[[str, str], bool]  # user name, public key `<type> <base64>`
Store = Callable[[str, str, Path, str], None]  # user name, path in the session, file, session id
_WRITE = 0x02  # SSH_FXF_WRITE: https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02


class NotStored(Exception):  # noqa: N818  # reads as what happened
    """S3 did not take the file; the text is for the client."""


class _Login(asyncssh.SSHServer):
    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._allowed(username, public_key(key.export_public_key("openssh").decode()))


class _Session(asyncssh.SFTPServer):
    def __init__(self, channel: Any, store: Store) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="sftp-", ignore_cleanup_errors=True)
        super().__init__(channel, chroot=self._scratch.name.encode())
        connection = channel.get_connection()
        self._user = connection.get_extra_info("username")
        self._id = f"{id(connection):016x}"
        self._store, self._written = store, dict[int, bytes]()

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if not pflags & _WRITE:
            raise asyncssh.SFTPPermissionDenied("Files can be uploaded here, not read.")
        file = super().open(path, pflags, attrs)
        self._written[id(file)] = path
        return file

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: Any) -> Any:
        del path, desired_access, flags, attrs
        raise asyncssh.SFTPOpUnsupported("not implemented here: this version of SFTP")

    async def close(self, file_obj: Any) -> None:
        path = self._written.pop(id(file_obj), None)
        super().close(file_obj)
        if path is None:
            return
        local = Path(self.map_path(path).decode())
        virtual = f"/{local.relative_to(Path(self._scratch.name).resolve())}"
        try:
            await asyncio.to_thread(self._store, self._user, virtual, local, self._id)
        except NotStored as error:
            raise asyncssh.SFTPPermissionDenied(str(error)) from error

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._refuse(oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._refuse(oldpath, newpath)

    def remove(self, path: bytes) -> None:
        self._refuse(path)

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        self._refuse(oldpath, newpath)

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        self._refuse(oldpath, newpath)

    def _refuse(self, *_paths: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("Files can be uploaded here, not changed.")

    def exit(self) -> None:
        self._scratch.cleanup()


def public_key(text: str) -> str:
    """Return `<type> <base64>` of a public key, without its comment."""
    return " ".join(text.split()[:2])


class Listener:
    """Serves one server on a free port of 127.0.0.1 from `__init__` to `close`."""

    def __init__(self, allowed: Allowed, store: Store) -> None:
        """Listen."""
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp-intake", daemon=True)
        self._thread.start()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._listen(allowed, store), self._loop).result()
        self.port: int = self._acceptor.get_port()

    @property
    def host_key(self) -> str:
        """The public host key, `<type> <base64>`."""
        return public_key(self._key.export_public_key("openssh").decode())

    async def _listen(self, allowed: Allowed, store: Store) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self._key],
            server_factory=lambda: _Login(allowed),
            sftp_factory=lambda channel: _Session(channel, store),
            allow_scp=False,
        )

    def close(self) -> None:
        """Take no more connections, and stop."""

        async def stop() -> None:
            self._acceptor.close()
            await self._acceptor.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
