"""A child process that ends with its starter, unless it is left running."""

from __future__ import annotations

import subprocess
from types import TracebackType


class ChildProcess:
    """`with` starts it (in the subclass, which sets `_process`) and stops it."""

    _process: subprocess.Popen[bytes] | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """Stop it, gently at first."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def detach(self) -> int:
        """Leave it running and return its process id. RuntimeError when it does not run."""
        if self._process is None:
            raise RuntimeError("There is no process to leave running: call this inside `with`.")
        pid, self._process = self._process.pid, None
        return pid
